"""What a charset's name means: an allow-list of codecs and the many ways mailers spell them (R22).

Only codecs that people write mail in: rot13, zlib, unicode_escape, idna, punycode and the like are never
looked up, and UTF-7 is refused: nothing has needed it since 1997 but tricks.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "usascii": "cp1252",
    "us": "cp1252",
    "ansi-x3.4-1968": "cp1252",
    "ansi-x3.4-1986": "cp1252",
    "iso646-us": "cp1252",
    "iso-646": "cp1252",
    "646": "cp1252",
    "cp367": "cp1252",
    "ibm367": "cp1252",
    "ansi": "cp1252",
    "western": "cp1252",
    "iso-8859-1": "cp1252",  # what says latin-1 and holds 0x80-0x9f is windows-1252
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "cp819": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "latin2": "iso8859-2",
    "latin-2": "iso8859-2",
    "latin5": "cp1254",
    "latin-5": "cp1254",
    "latin-9": "iso8859-15",
    "latin9": "iso8859-15",
    "latin-15": "iso8859-15",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-12": "iso8859-13",
    "arabic": "cp1256",
    "hebrew": "cp1255",
    "greek": "cp1253",
    "cyrillic": "iso8859-5",
    "baltic": "cp1257",
    "thai": "cp874",
    "tis-620": "cp874",
    "tis620": "cp874",
    "iso-ir-166": "cp874",
    "cp-1200": "utf-16-le",
    "cp1200": "utf-16-le",
    "cp1201": "utf-16-be",
    "cp20127": "cp1252",
    "cp20866": "koi8-r",
    "cp21866": "koi8-u",
    "cp28591": "cp1252",
    "cp28592": "iso8859-2",
    "cp28595": "iso8859-5",
    "cp28597": "iso8859-7",
    "cp28605": "iso8859-15",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "cp50222": "iso2022_jp_ext",
    "cp51932": "euc_jp",
    "cp51949": "cp949",
    "cp52936": "hz",
    "cp54936": "gb18030",
    "cp65001": "utf-8",
    "cp936": "gb18030",
    "koi8": "koi8-r",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "koi8-ru": "koi8-u",
    "sjis": "cp932",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "ms-kanji": "cp932",
    "csshiftjis": "cp932",
    "windows-31j": "cp932",
    "eucjp": "euc_jp",
    "ujis": "euc_jp",
    "eucjp-ms": "euc_jp",
    "jis": "iso2022_jp_ext",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "ksc5601": "cp949",
    "ksc-5601": "cp949",
    "ks-c-5601-1989": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "korean": "cp949",
    "uhc": "cp949",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb2312-80": "gb18030",
    "gb-2312-80": "gb18030",
    "gbk": "gb18030",
    "gb-18030": "gb18030",
    "gb18030-2000": "gb18030",
    "cn-gb": "gb18030",
    "euc-cn": "gb18030",
    "euccn": "gb18030",
    "chinese": "gb18030",
    "simplified-chinese": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "big-5": "cp950",
    "cn-big5": "cp950",
    "csbig5": "cp950",
    "big5-eten": "cp950",
    "big5-hkscs": "big5hkscs",
    "unicode-1-1-utf-8": "utf-8",
    "utf": "utf-8",
    "utf8mb4": "utf-8",
    "cesu-8": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "ucs2": "utf-16",
    "iso-10646": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "csunicode": "utf-16",
    "unicodebig": "utf-16-be",
    "unicodefffe": "utf-16-be",
    "unicodelittle": "utf-16-le",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "apple-roman": "mac_roman",
    "mac-japanese": "cp932",
    "mac-chinesesimp": "gb18030",
    "mac-chinesetrad": "cp950",
    "mac-korean": "cp949",
    "mac-ce": "mac_latin2",
    "mac-centraleurroman": "mac_latin2",
    "mac-ukrainian": "mac_cyrillic",
    "kz-1048": "kz1048",
    "viscii": "",  # no codec; guessing at it is no worse than refusing the text
}
_ALLOWED = frozenset(
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be "
    "iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 "
    "iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp437 cp720 cp737 "
    "cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp932 "
    "cp949 cp950 cp1006 cp1125 cp1140 koi8-r koi8-u koi8-t kz1048 ptcp154 gb18030 hz big5hkscs euc_jp "
    "euc_jis_2004 euc_jisx0213 johab shift_jis_2004 shift_jisx0213 iso2022_jp iso2022_jp_1 iso2022_jp_2 "
    "iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr mac-roman mac-cyrillic mac-greek mac-turkish "
    "mac-iceland mac-latin2 mac-croatian mac-romanian".split()
)
_FAMILIES = (  # the beginning tells: "utf-8http-equiv", "Windows1252", "win-1251", "8859_1", "x-mac-greek"
    (re.compile(r"utf-?8(?![0-9])"), "utf-8"),
    (
        re.compile(r"(?:windows|win|winnt|ms|cp|ibm|dos|oem|microsoft|codepage|ansi)-?(?:cp-?)?(\d{3,5})"),
        "cp{}",
    ),
    (re.compile(r"(?:is[0o]|iso-ir|iso8859)?-?8859-?(1[0-6]|[1-9])(?:-[ie])?(?![0-9])"), "iso-8859-{}"),
    (re.compile(r"koi-?8-?([ru])"), "koi8-{}"),
    (re.compile(r"utf-?(16|32)-?([bl]e)?"), "utf-{}-{}"),
    (re.compile(r"iso-?2022-?jp"), "iso-2022-jp"),
    (re.compile(r"iso-?2022-?kr"), "iso2022_kr"),
    (re.compile(r"gb-?(?:2312|k|18030)"), "gb18030"),
    (re.compile(r"big-?5(?!-?hk)"), "big5"),
    (re.compile(r"(?:us-?)?ascii"), "ascii"),
)
_JUNK = re.compile(r"[^a-z0-9.:+]+")


@lru_cache(maxsize=512)
def codec_for(charset: str) -> str | None:
    """The Python codec a charset's name means, None if it is unknown or refused."""
    name = charset[:80].lower().split("*")[0].split(";")[0].split("(")[0].strip()
    name = _JUNK.sub("-", name).strip("-.").removeprefix("charset-").removeprefix("x-").removeprefix("cs-")
    for candidate in (name, _family(name)):
        if found := _lookup(candidate):
            return found
    return None


def _lookup(name: str) -> str | None:
    name = _ALIASES.get(name, name)
    if not name:
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    found = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874"}.get(
        found, found
    )
    found = {
        "shift_jis": "cp932",
        "euc_kr": "cp949",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "big5": "cp950",
    }.get(found, found)
    return found if found in _ALLOWED else None


def _family(name: str) -> str:
    for pattern, meaning in _FAMILIES:
        if match := pattern.match(name):
            found = meaning.format(*(group or "" for group in match.groups())).strip("-")
            return _ALIASES.get(found, found)
    return ""
