"""Which language a customer writes: what the mail declares, else what its words show, else None.

Letters decide first (Greek, Thai, Hangul ...); among languages in Latin letters the small words do. Only
the first 2 KB are read, in linear time. None means unsure: the desk then writes in its own language.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict

from helpdesk.parse.functionwords import FUNCTION_WORDS
from helpdesk.parse.vocabulary import vocabulary

CAP = 2048
_SAMPLE = 150  # letters beyond Latin that are looked at
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,5}")
_SAYS_NOTHING = {"und", "mul", "zxx", "mis"}  # ISO 639: undetermined, several, no words, uncoded
_OTHER_NAMES = {"fil": "tl", "in": "id", "iw": "he", "ell": "el", "gre": "el", "tgl": "tl", "ind": "id"}
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u1f00-\u1fff\u3040-\ud7ff\uf900-\ufaff]")

# Where the letters of a script begin; "" is a stretch that tells nothing.
_SCRIPTS = (
    (0x0370, "el"), (0x0400, "cyrillic"), (0x0530, ""), (0x0590, "he"), (0x0600, "arabic"), (0x0700, ""),
    (0x0750, "arabic"), (0x0780, ""), (0x0900, "hi"), (0x0980, "bn"), (0x0A00, ""), (0x0B80, "ta"),
    (0x0C00, ""), (0x0E00, "th"), (0x0E80, ""), (0x10A0, "ka"), (0x1100, "ko"), (0x1200, ""),
    (0x1780, "km"), (0x1800, ""), (0x1F00, "el"), (0x3040, "ja"), (0x3100, ""), (0x3400, "han"),
    (0xA000, ""), (0xAC00, "ko"), (0xD7B0, ""), (0xF900, "han"), (0xFB00, ""),
)  # fmt: skip
_BEGINS = [begin for begin, _ in _SCRIPTS]
_NAMES = [name for _, name in _SCRIPTS]
_DENSE = {"han": 3, "ja": 3, "ko": 3}  # such a letter says as much as three Latin ones

# Letters that only some of the languages of a script have. The first is meant when none is there.
_CYRILLIC = {"ru": "ыэё", "uk": "іїєґ", "be": "ў", "sr": "ђјљњћџ", "mk": "ѓќѕ", "bg": "ъ"}
_ARABIC = {"ar": "ةىيكأإ", "fa": "پچژگکی", "ur": "ٹڈڑںےہ"}

_ENOUGH = 2.0  # words of one language alone, or more that it shares
_LITTLE = 1.2  # is enough where a third of a short text is made of them
_CLEARER = 1.25  # than the next language
_SHARE = 0.12  # of all different words of the text
_GREAT_SHARE = 0.35
_LENT_ENGLISH = 0.6  # customers everywhere write "order", "cancel", "please help me"


def _writers() -> dict[str, tuple[str, ...]]:
    """Which languages use a word."""
    found: dict[str, tuple[str, ...]] = {}
    for language, words in FUNCTION_WORDS.items():
        for word in set(words.split()):
            found[word] = (*found.get(word, ()), language)
    return found


_WRITERS = _writers()


def recognise(declared: str | None, text: str) -> str | None:
    """The language as a tag in small letters (`el`, `id-id`), or None. Declared beats detected."""
    return declared_language(declared or "") or _detected(text[:CAP])


def declared_language(value: str) -> str | None:
    """The first language of a Content-Language field, if it is one; `fil` is `tl`, `in` is `id`."""
    tag = value.split(",")[0].strip().lower().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    primary, dash, rest = tag.partition("-")
    return None if primary in _SAYS_NOTHING else _OTHER_NAMES.get(primary, primary) + dash + rest


def _detected(text: str) -> str | None:
    if "@" in text or "/" in text:  # addresses, links and paths are no words of any language
        text = " ".join(word for word in text.split() if "@" not in word and "//" not in word)
    words = vocabulary(text)
    if not text.isascii() and (found := _by_script(text, sum(map(len, words)))):
        return found
    return _by_words(set(words))


def _by_script(text: str, letters: int) -> str | None:
    """A third of the letters decides: products, names and sign-offs stay Latin in any mail."""
    strange = _BEYOND_LATIN.findall(text)
    sample = strange[:_SAMPLE]
    scripts = Counter(_NAMES[bisect_right(_BEGINS, ord(letter)) - 1] for letter in sample)
    scripts.pop("", None)
    if not scripts:
        return None
    if scripts["ja"] * 10 > scripts["han"]:  # Japanese is Han with Kana between; Chinese has none
        scripts["ja"] += scripts.pop("han", 0)
    script, seen = scripts.most_common(1)[0]
    weight = seen * len(strange) // len(sample) * _DENSE.get(script, 1)
    if weight < 4 or weight * 3 < letters:
        return None
    if script == "cyrillic":
        return _by_letters(_CYRILLIC, "".join(sample).lower())
    if script == "arabic":
        return _by_letters(_ARABIC, "".join(sample))
    return "zh" if script == "han" else script


def _by_letters(languages: dict[str, str], text: str) -> str:
    return max(languages, key=lambda name: sum(map(text.count, languages[name])))


def _by_words(words: set[str]) -> str | None:
    """A word that n languages share counts 1/n for each of them."""
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words:
        writers = _WRITERS.get(word, ())
        for language in writers:
            scores[language] += 1 / len(writers)
    if max((score for language, score in scores.items() if language != "en"), default=0) >= _ENOUGH:
        scores["en"] *= _LENT_ENGLISH
    ranks = sorted(((score, language) for language, score in scores.items()), reverse=True)
    (most, best), (next_most, _) = [*ranks, (0.0, ""), (0.0, "")][:2]
    share = _SHARE if most >= _ENOUGH else _GREAT_SHARE
    sure = most >= _LITTLE and most >= next_most * _CLEARER and most >= len(words) * share
    return best if sure else None
