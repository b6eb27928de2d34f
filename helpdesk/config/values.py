"""The kinds of value a configuration has, each with its reader and the sentence for a wrong one.

Lengths of time are "90s", sizes "25MB" or "64KiB", opening hours "08:00-16:00", addresses ASCII and lower case (T33),
paths relative to the configuration file.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

LONGEST = timedelta(days=3650)
_LONGEST_FILE_NAME = 255
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
KB, MB = 1024, 1024**2
_BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KIB": KB, "MIB": MB, "GIB": 1024**3}
_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([smhdw])")
_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(B|KI?B|MI?B|GI?B)", re.I)
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_ADDRESS = re.compile(r"([a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(.+)")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Local wall times; `closes` at or before `opens` lies on the next day."""

    opens: time
    closes: time


def suggestion(word: str, known: list[str]) -> str:
    """Return '; did you mean "..."?' or, when nothing is near, ''."""
    near = get_close_matches(word, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _read_length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError('not a length of time; write for example "24h" or "90s"')
    length = float(match[1]) * _UNITS[match[2]]
    if length > LONGEST:
        raise ValueError(f'too long; write at most "{LONGEST.days}d"')
    return length


def _not_zero(length: timedelta) -> timedelta:
    if not length:
        raise ValueError('must be longer than nothing; write for example "24h" or "90s"')
    return length


def _read_size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    size = round(float(match[1]) * _BYTES[match[2].upper()]) if match else 0
    if not size:
        raise ValueError('not a size; write for example "25MB"')
    return size


def size_between(least: str, most: str) -> BeforeValidator:
    """A size within these two, itself included."""
    low, high = _read_size(least), _read_size(most)

    def read(value: Any) -> int:
        size = _read_size(value)
        if not low <= size <= high:
            raise ValueError(f'out of range; write a size from "{least}" to "{most}"')
        return size

    return BeforeValidator(read)


def length_between(least: timedelta, most: timedelta) -> BeforeValidator:
    """A length of time within these two, itself included."""

    def read(value: Any) -> timedelta:
        length = _read_length(value)
        if not least <= length <= most:
            raise ValueError(f'out of range; write a length of time from "{_said(least)}" to "{_said(most)}"')
        return length

    return BeforeValidator(read)


def _said(length: timedelta) -> str:
    for unit, one in reversed(_UNITS.items()):
        if unit != "w" and length >= one:
            return f"{length / one:g}{unit}"
    return f"{length.total_seconds():g}s"


def _read_network(value: Any) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    try:
        return ip_network(value if isinstance(value, str) else "", strict=False)
    except ValueError as error:
        raise ValueError(
            'not an address or a network; write for example "192.0.2.7" or "10.0.0.0/8"'
        ) from error


def _read_hours(value: Any) -> OpeningHours:
    if isinstance(value, OpeningHours):
        return value
    match = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        if from_hour < 24 and from_minute < 60 and to_minute < 60 and to_hour * 60 + to_minute <= 24 * 60:
            return OpeningHours(time(from_hour, from_minute), time(to_hour % 24, to_minute))
    raise ValueError('not opening hours; write for example "08:00-16:00"')


def _read_address(value: Any) -> str:
    """Return the address in lower case. T33: only ASCII, so that no look-alike letter stands for another."""
    if not isinstance(value, str):
        raise ValueError('not an e-mail address; write for example "help@desk.example"')  # noqa: TRY004 (pydantic's)
    if not value.isascii():
        raise ValueError("has letters beyond ASCII; write the domain in its xn-- form and a plain local part")
    match = _ADDRESS.fullmatch(value.strip().lower())
    if not match or len(match[1]) > 64 or not _HOST.fullmatch(match[2]):  # RFC 5321 4.5.3.1.1
        raise ValueError('not an e-mail address; write for example "help@desk.example"')
    return match[0]


def _read_host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError('not a host name; write for example "mx.desk.example"')
    return value.lower()


def _read_zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
    ) as error:  # ZoneInfo has all of these
        near = suggestion(str(value), sorted(available_timezones()))
        raise ValueError("not a known time zone" + (near or '; write for example "Asia/Jakarta"')) from error


def _read_country(value: str) -> str:
    if value and value not in holidays.list_supported_countries(include_aliases=False):
        raise ValueError(
            'not a country code whose holidays are known; write for example "ID", or "" for none'
        )
    return value


def _read_url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
        raise ValueError('not a web address; write for example "https://desk.example"')
    return value.rstrip("/")


def _read_name(value: str) -> str:
    if not value.strip() or not value.isprintable():  # F1: a line end in a name would write headers
        raise ValueError("not a name; write at least one letter and no line ends")
    return value.strip()


def _read_pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(
            f"not a regular expression: {error}; put a backslash before signs that mean themselves"
        ) from error
    return value


def _from_folder(path: Path, info: ValidationInfo) -> Path:
    """Return the path absolute; a relative one starts at the configuration file."""
    if not str(path).isprintable() or any(len(os.fsencode(part)) > _LONGEST_FILE_NAME for part in path.parts):
        raise ValueError("not a path; write a name without line ends, up to 255 characters")
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / path.expanduser()).absolute()


Length = Annotated[timedelta, BeforeValidator(_read_length), AfterValidator(_not_zero)]
LengthOrNone = Annotated[timedelta, BeforeValidator(_read_length)]
Size = Annotated[int, BeforeValidator(_read_size)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_read_network)]
Hours = Annotated[OpeningHours, BeforeValidator(_read_hours)]
MailAddress = Annotated[str, BeforeValidator(_read_address)]
Host = Annotated[str, AfterValidator(_read_host)]
Zone = Annotated[ZoneInfo, BeforeValidator(_read_zone)]
Country = Annotated[str, AfterValidator(_read_country)]
WebAddress = Annotated[str, AfterValidator(_read_url)]
Name = Annotated[str, AfterValidator(_read_name)]
Pattern = Annotated[str, AfterValidator(_read_pattern)]
Location = Annotated[Path, AfterValidator(_from_folder)]
Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
