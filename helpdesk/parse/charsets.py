"""Bytes to text by a declared charset, repaired where the declaration is wrong (R22, R24). Never raises.

Text that is UTF-8 is UTF-8, whatever its label says: that fits by chance only in a few bytes. A label that
does not fit the bytes is set aside and the bytes are guessed at; U+FFFD is the last resort.
"""

from __future__ import annotations

import re

from helpdesk.parse.charset_names import codec_for
from helpdesk.parse.guessing import LATIN, VERY_CLEAR, guess_codec, score
from helpdesk.parse.japanese import decode_iso2022jp, is_iso2022jp

__all__ = ["codec_for", "decode", "guess"]

_HIGH = re.compile(rb"[\x80-\xff]+")
_ENDLESS = 4  # bytes a cut may leave of the last character
_SURE_UTF8 = 6  # bytes beyond ASCII that are no accident in a code of many bytes a character
_SECOND = {"cp950": "big5hkscs", "euc_jp": "euc_jis_2004", "cp932": "shift_jis_2004"}
_CYRILLIC = frozenset({"koi8-r", "koi8-u", "cp1251", "iso8859-5", "cp866"})
_ODD = 0.35  # a text scoring less in its declared Cyrillic code is no Cyrillic in that code


def decode(data: bytes, charset: str | None, hint: str | None = None) -> tuple[str, bool]:
    """Return the text and whether something had to be repaired (unknown charset, bytes that do not fit).

    `hint` is a charset declared elsewhere in the mail, for bytes that declare none themselves.
    """
    codec = codec_for(charset) if charset else None
    if codec is None:
        text = guess(data, hint)
        return text, bool(charset) or not text.isascii()
    if codec.startswith(("utf-16", "utf-32")):
        return _decode_units(data, codec)
    if codec.startswith("iso2022_jp"):
        return (decode_iso2022jp(data), False) if data.isascii() else (guess(data), True)
    if data.isascii() and codec not in {"hz", "iso2022_kr"}:
        return _plain(data)
    if codec == "utf-8":
        return _decode_utf8(data, hint)
    return _decode_legacy(data, codec)


def guess(data: bytes, hint: str | None = None) -> str:
    """Text in no declared charset: UTF-8 where it fits, ISO-2022-JP by its escapes, the hint, else a guess."""
    if data.isascii():
        return _plain(data)[0]
    if (text := _utf8(data)) is not None:
        return text
    hinted = codec_for(hint) if hint else None
    if hinted and hinted not in {"cp1252", "utf-8"}:
        try:
            return data.decode(hinted)
        except (UnicodeError, ValueError):
            pass
    return _decode_western(data) if (codec := guess_codec(data)) == "cp1252" else _forced(data, codec)


def _plain(data: bytes) -> tuple[str, bool]:
    if is_iso2022jp(data):
        return decode_iso2022jp(data), True
    if b"\x00" in data and data.count(b"\x00") * 5 > len(data) * 2:  # every other byte: UTF-16 without a word
        return _decode_units(
            data, "utf-16-be" if data[::2].count(b"\x00") > data[1::2].count(b"\x00") else "utf-16-le"
        )
    return data.decode("ascii", "replace"), False


def _utf8(data: bytes) -> str | None:
    """The text if it is UTF-8, also when it was cut inside its last character."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        cut = problem.start
        if problem.reason != "unexpected end of data" or len(data) - cut >= _ENDLESS or data[:cut].isascii():
            return None
        return data[:cut].decode("utf-8-sig")


def _decode_utf8(data: bytes, hint: str | None = None) -> tuple[str, bool]:
    if (text := _utf8(data)) is not None:
        return text, False
    replaced = data.decode("utf-8", "replace")
    wrong = replaced.count("\ufffd")
    right = sum(1 for character in replaced if character > "\x7f") - wrong
    if wrong > right and (not right or guess_codec(data) not in LATIN):
        return guess(data, hint), True
    if any("\u0250" <= c < "\u1e00" or "\u2e80" <= c < "\ufffd" for c in replaced):
        return replaced, True
    return _mixed_western(data), True


def _mixed_western(data: bytes) -> str:
    """Latin text pasted together from UTF-8 and windows-1252: each byte is read as what it can be."""
    pieces: list[str] = []
    at = 0
    while at < len(data):
        try:
            pieces.append(data[at:].decode("utf-8"))
            break
        except UnicodeDecodeError as problem:
            pieces.append(data[at : at + problem.start].decode("utf-8"))
            pieces.append(data[at + problem.start : at + problem.end].decode("cp1252", "replace"))
            at += problem.end
            if len(pieces) > 400:  # so many repairs of one text are no repair, and each costs a copy
                pieces.append(data[at:].decode("utf-8", "replace"))
                break
    return "".join(pieces)


def _decode_legacy(data: bytes, codec: str) -> tuple[str, bool]:
    enough = 0 if codec == "cp1252" else _SURE_UTF8
    if sum(map(len, _HIGH.findall(data))) >= enough and (text := _utf8(data)) is not None:
        return text, codec != "cp1252"  # mailers put UTF-8 under every western label
    if codec == "cp1252":
        found = guess_codec(data, clear=VERY_CLEAR)
        return (_decode_western(data), False) if found == "cp1252" else (_forced(data, found), True)
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return _decode_misfit(data, codec), True
    if codec in _CYRILLIC and score(text[:2000], codec) < _ODD:
        found = guess_codec(data)
        if found in _CYRILLIC and found != codec:
            return _forced(data, found), True
    return text, False


def _decode_misfit(data: bytes, codec: str) -> str:
    """Bytes that are not in their declared code: a near relation of it, a few broken characters, or another code."""
    if second := _SECOND.get(codec):
        try:
            return data.decode(second)
        except (UnicodeError, ValueError):
            pass
    text = _forced(data, codec)
    lost = text.count("\ufffd")
    if lost * 10 <= len(text) - sum(1 for c in text if c <= "\x7f"):
        return text
    other = guess(data)
    return text if other.count("\ufffd") >= lost else other


def _decode_units(data: bytes, codec: str) -> tuple[str, bool]:
    """UTF-16 and UTF-32; without a byte order mark the side where the zeros stand tells the order."""
    if data.isascii() and b"\x00" not in data:
        return guess(data), True  # plain text under a wide label
    if codec == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16-be" if data[::2].count(b"\x00") >= data[1::2].count(b"\x00") else "utf-16-le"
    try:
        return data.decode(codec).removeprefix("\ufeff"), False
    except (UnicodeError, ValueError):
        return data.decode(codec, "replace").removeprefix("\ufeff"), True


def _decode_western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("latin-1")


def _forced(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")
