"""Which charset undeclared bytes are in (R22, R24). Short texts are judged by the letters people use most.

A subject of two words is too little for statistics of whole languages, but enough to see that one reading
gives common letters in sensible case and the other gives signs between letters. Longer texts that stay
unclear go to charset-normalizer. Looks at 2 KB only, never raises.
"""

from __future__ import annotations

import re
from functools import lru_cache

SAMPLE = 2048
_RUN = re.compile(rb"[A-Za-z\x80-\xff]+")
_WORD = re.compile(r"[^\W\d_]+")
_HIGH = re.compile(rb"[\x80-\xff]+")
_CLEAR = 0.55  # below this mean score nothing fits
VERY_CLEAR = 0.8  # against a label that says otherwise
_LEARNED = 48  # bytes beyond ASCII that charset-normalizer needs to say something sensible

_CYRILLIC = frozenset("оеаинтсрвлкмдпуябзыьгчй")
_COMMON = {
    "koi8-u": _CYRILLIC | frozenset("іїє"),
    "cp1251": _CYRILLIC | frozenset("іїє"),
    "iso8859-5": _CYRILLIC | frozenset("іїє"),
    "cp866": _CYRILLIC,
    "cp1253": frozenset("αοιετσνηυρπκμλςόίάέήώύωγ"),
    "cp737": frozenset("αοιετσνηυρπκμλςόίάέήώύωγ"),
    "cp1255": frozenset("יולהאתרמבשנםחעדקטפפכ"),
    "cp1256": frozenset("اليمنوتهرةبعدأسفكقحج"),
    "cp874": frozenset("านรอกเงมยลวดทสตะปบคหแจพชขใไโ่้ีิัืุู"),
}
_CHINESE = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后"
    "好您请问谢公司系统订单发票产品客户服务回复邮件附件文测试信息产年月日這們為說時會個來國學對請問謝"
    "訂單發產務復郵貴敬啟關於主題轉寄測試通知"
)
_HANGUL = frozenset("이다는에의가을를하고한니까요안녕세습은지로서기사도자시인문의주대해어아리나수과일정보관")
_MARK = re.compile("[«»—–“”„…№’‘•\u00a0\u064b-\u0652\u0e31-\u0e4e]")
_WIDE = ("gb18030", "cp950", "cp949", "euc_jp", "cp932")


def guess_codec(data: bytes, *, clear: float = _CLEAR) -> str:
    """A codec that reads these bytes, which are known not to be UTF-8; cp1252 when nothing speaks for another.

    `clear` is the score from which on a script that is not Latin is believed.
    """
    first = _HIGH.search(data)
    start = max(0, first.start() - 64) if first else 0
    return _guess(data[start : start + SAMPLE], clear)


@lru_cache(maxsize=64)
def _guess(data: bytes, clear: float) -> str:
    runs = _RUN.findall(data)
    high = [run for run in runs if max(run) > 0x7F]
    if not high:
        return "cp1252"
    foreign = sum(len(run) for run in high if len(_HIGH.sub(b"", run)) * 3 <= len(run) and len(run) > 1)
    if foreign < 4 or foreign * 2 < sum(len(run) for run in high):
        return _western(data)
    scores = {name: _score_letters(_read(data, name), common) for name, common in _COMMON.items()}
    scores |= {name: _score_wide(data, name) for name in _WIDE}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= clear:
        return best
    return (_learned(data) if clear <= _CLEAR else None) or _western(data)


def score(text: str, codec: str) -> float:
    """How well a text reads in the script of a codec judged by letters; 0 for others."""
    common = _COMMON.get({"koi8-r": "koi8-u"}.get(codec, codec))
    return _score_letters(text, common) if common else 0.0


def _read(data: bytes, codec: str) -> str:
    return data.decode(codec, "replace")


def _score_letters(text: str, common: frozenset[str]) -> float:
    """Mean over the characters beyond ASCII: common letters count, signs and odd case count against."""
    total = points = 0.0
    for word in _WORD.findall(text):
        foreign = sum(1 for c in word if c > "\x7f")
        total += foreign
        points += sum(
            1.0 if c in common else 0.25 if c.lower() in common else -0.2 for c in word if c > "\x7f"
        )
        if not (word.islower() or word.isupper() or word[1:].islower() or word.lower() == word):
            points -= foreign
        elif word.isupper() and foreign > 1:
            points += 0.6 * foreign
        if foreign != len(word):
            points -= foreign  # letters of two scripts in one word
    signs = sum(1 for c in text if c > "\x7f" and not c.isalpha() and not _MARK.match(c))
    total += signs
    return (points - signs) / total if total else 0.0


def _score_wide(data: bytes, codec: str) -> float:
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        if len(data) < SAMPLE:
            return -1.0
        text = data[:-1].decode(codec, "replace")  # the sample may end inside a character
    wide = [c for c in text if c > "\x7f"]
    if not wide or text.count("\ufffd") * 20 > len(wide):
        return -1.0
    return sum(_weight(c, codec) for c in wide) / len(wide)


def _weight(character: str, codec: str) -> float:
    """What one wide character says for a codec. Level one of each standard holds the characters in daily use."""
    if character in "\u3000、。，．・：；？！（）「」『』【】《》“”‘’…—～":
        return 0.7
    if codec == "cp949":
        return (1.4 if character in _HANGUL else 0.9) if "가" <= character <= "힣" else -0.3
    if "\u3041" <= character <= "\u30fe":
        return 1.3 if codec in {"euc_jp", "cp932"} else -0.2
    if not "\u4e00" <= character <= "\u9fff":
        return -0.5
    if codec in {"gb18030", "cp950"} and character in _CHINESE:
        return 1.5
    lead = _lead(character, codec)
    low, high = {
        "gb18030": (0xB0, 0xD7),
        "cp950": (0xA4, 0xC6),
        "euc_jp": (0xB0, 0xCF),
        "cp932": (0x88, 0x97),
    }[codec]
    return 0.75 if low <= lead <= high else -0.1


def _lead(character: str, codec: str) -> int:
    return character.encode(codec, "replace")[0]


_SIGN = r"(?:[^\x00-\x7f\w]|[¹²³ºª])"
_INSIDE = re.compile(rf"(?<=[^\W\d_]){_SIGN}|{_SIGN}(?=[^\W\d_])|[a-zà-ÿ][À-ÞĽĄŚŻŹŁČŠŽ]")
_QUOTES = frozenset("’‘“”«»–—…©®™€°·\u00a0¡¿„‚")
LATIN = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257", "mac-roman", "cp850")


def _western(data: bytes) -> str:
    """Among Latin codes the one that puts the fewest signs inside words."""
    faults = {name: _faults(data, name) for name in LATIN}
    best = min(LATIN, key=lambda name: faults[name])
    return best if faults[best] < faults["cp1252"] else "cp1252"


def _faults(data: bytes, codec: str) -> int:
    text = data.decode("latin-1") if codec == "cp1252" and _undefined(data) else _read(data, codec)
    inside = sum(1 for found in _INSIDE.finditer(text) if found[0] not in _QUOTES)
    return 2 * inside + 3 * text.count("\ufffd") + 3 * sum(1 for c in text if "\x80" <= c <= "\x9f")


def _undefined(data: bytes) -> bool:
    return any(b in data for b in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


def _learned(data: bytes) -> str | None:
    """Ask charset-normalizer, which takes a while to import: only here, only for enough bytes."""
    if sum(map(len, _HIGH.findall(data))) < _LEARNED:
        return None
    from charset_normalizer import from_bytes

    best = from_bytes(
        data, steps=3, chunk_size=512, cp_isolation=list({*_COMMON, *_WIDE, *LATIN, "cp1258"})
    ).best()
    return best.encoding if best else None
