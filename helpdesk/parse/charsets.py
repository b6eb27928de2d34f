"""Bytes to text by a declared charset, from an allow-list of codecs (R22). Never raises.

Only codecs that people write mail in: rot13, zlib, unicode_escape, idna, punycode and the like are never
looked up. Names that mailers invented are mapped to what they meant.
"""

from __future__ import annotations

import codecs
import re

_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi-x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",  # what says latin-1 and holds 0x80-0x9f is windows-1252
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "cp-850": "cp850",
    "x-sjis": "cp932",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "ks-c-5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb-2312-80": "gb18030",
    "cn-gb": "gb18030",
    "big5": "cp950",
    "x-big5": "cp950",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "iso-10646": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "unicode": "utf-16",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-japanese": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
}
_ALLOWED = frozenset(
    "utf-8 utf-8-sig utf-7 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be ascii "
    "iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 "
    "iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 "
    "cp1257 cp1258 cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 "
    "cp865 cp866 cp869 cp874 cp932 cp949 cp950 cp1006 cp1125 cp1140 koi8-r koi8-u koi8-t kz1048 ptcp154 tis-620 "
    "gb2312 gbk gb18030 hz big5 big5hkscs euc_jp euc_jis_2004 euc_jisx0213 euc_kr johab shift_jis shift_jis_2004 "
    "shift_jisx0213 iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr "
    "mac-roman mac-cyrillic mac-greek mac-turkish mac-iceland mac-latin2 mac-croatian mac-romanian "
    "mac_roman mac_cyrillic".split()
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,38}")


def codec_for(charset: str) -> str | None:
    """The Python codec a charset's name means, None if we do not read it."""
    name = charset.strip().strip("'\"").lower().replace("_", "-").replace(" ", "-").split("*")[0]
    name = name.removeprefix("charset=")
    name = _ALIASES.get(name, name)
    if not _NAME.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return name if found in _ALLOWED else None


def decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """Return the text and whether something had to be repaired (unknown charset, bytes that do not fit)."""
    codec = codec_for(charset) if charset else None
    if codec is None:
        return guess(data), bool(charset)
    if codec == "cp1252":
        return _decode_western(data), False
    try:
        return data.decode(codec), False
    except (UnicodeError, ValueError):
        pass
    if codec == "utf-8":
        return _decode_broken_utf8(data), True
    try:
        return data.decode(codec, "replace"), True
    except (UnicodeError, ValueError):
        return data.decode("latin-1"), True


def guess(data: bytes) -> str:
    """Text in no declared charset: UTF-8 where it fits, ISO-2022-JP by its escapes, else windows-1252 (R24)."""
    if b"\x1b$" in data or b"\x1b(J" in data:
        try:
            return data.decode("iso2022_jp_ext")
        except UnicodeError:
            pass
    return _decode_western(data)


def _decode_western(data: bytes) -> str:
    """Mailers put UTF-8 under every western label; text that fits UTF-8 by chance does not exist in practice."""
    try:
        return data.decode("utf-8")
    except UnicodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("latin-1")


def _decode_broken_utf8(data: bytes) -> str:
    """A few broken characters are replaced; text that is hardly UTF-8 at all was mislabelled."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if ord(character) > 0x7F) - wrong
    return text if right >= wrong else _decode_western(data)
