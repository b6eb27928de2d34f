"""A calendar invitation as words (RFC 5545): for mails that hold nothing else to read. Linear, bounded."""

from __future__ import annotations

import re
from datetime import datetime

_LINES = 2_000
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\([nN,;\\])")
_SHOWN = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "ORGANIZER", "DESCRIPTION")


def invitation_text(source: str) -> str:
    """The first event's title, times, place, organiser and description, a line each; '' if there is no event."""
    event = re.search(r"(?im)^BEGIN:(VEVENT|VTODO|VJOURNAL)[ \t]*\r?$", source)
    if not event:
        return ""
    fields: dict[str, str] = {}
    for line in _FOLD.sub("", source[event.end() :]).splitlines()[:_LINES]:
        head, _, value = line.partition(":")
        name = head.split(";")[0].upper()
        if name in {"END", "BEGIN"}:
            break
        if name in _SHOWN and name not in fields:
            fields[name] = _readable(name, value)
    return "\n".join(fields[name] for name in _SHOWN if fields.get(name))


def _readable(name: str, value: str) -> str:
    if name in {"DTSTART", "DTEND"}:
        return _moment(value)
    if name == "ORGANIZER":
        return re.sub(r"(?i)^mailto:", "", value)
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _moment(value: str) -> str:
    for form, shown in (("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"), ("%Y%m%d", "%Y-%m-%d")):
        try:
            moment = datetime.strptime(value.rstrip("Z"), form)  # noqa: DTZ007  shown as written
        except ValueError:
            continue
        return moment.strftime(shown) + (" UTC" if value.endswith("Z") else "")
    return value[:40]
