"""Is an answer of the right kind? What each type of field takes, and how the desk writes it down.

text is kept as it is; an e-mail address is bare and its domain lower case; a telephone number is digits behind an
optional `+`; an integer is a number; a date is `2026-12-24`; a choice is spelt as the configuration does. Nothing
is looked up in any network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from helpdesk.decide import dates
from helpdesk.model.forms import FieldType, FormField
from helpdesk.model.policy import Policy

Value = str | int

_LONGEST = 4000
_LONGEST_LINE = 320
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"({_ATOM}(?:\.{_ATOM}){{0,10}})@((?:{_LABEL}\.){{1,10}}{_LABEL})")
_BRACKETS = re.compile(r"<\s*(?:mailto:)?\s*([^<>\s]{1,320})\s*>", re.I)
_PHONE = re.compile(r"\+?[\d\s().\-/\u00a0]{4,40}")
_EXTENSION = re.compile(r"\s*(?:<tel:[^<>]{1,40}>|\((?:wa|whatsapp|hp|mobile|home)\))\s*$", re.I)
_INTEGER = re.compile(
    r"(?:no\.?|nr\.?|#)?\s*(-?\d{1,18}|-?\d{1,3}(?:([ .,\u00a0])\d{3})(?:\2\d{3}){0,4})", re.I
)


def _email(text: str) -> str:
    """The address in `Anne <anne@x.example>`, or in what mail programs make of a link."""
    inside = _BRACKETS.search(text)
    found = _EMAIL.fullmatch((inside[1] if inside else text).strip().removeprefix("mailto:"))
    if not found or len(found[1]) > 64:  # RFC 5321 4.5.3.1.1
        raise ValueError("no e-mail address")
    return f"{found[1]}@{found[2].lower()}"


def _phone(text: str) -> str:
    """E.164 allows 15 digits; fewer than 5 reach nobody."""
    text = _EXTENSION.sub("", text.strip())
    digits = "".join(c for c in text if c.isdigit())
    if not _PHONE.fullmatch(text) or not 5 <= len(digits) <= 15:
        raise ValueError("no telephone number")
    return ("+" if text.startswith("+") else "") + digits


def _plain_integer(text: str) -> str:
    found = _INTEGER.fullmatch(text.strip())
    if not found:
        raise ValueError("no whole number")
    return "".join(c for c in found[1] if c.isdigit() or c == "-")


_Line = Annotated[str, Field(min_length=1, max_length=_LONGEST_LINE)]
_READERS: Mapping[FieldType, TypeAdapter[Any]] = {
    FieldType.TEXT: TypeAdapter(Annotated[str, Field(min_length=1, max_length=_LONGEST)]),
    FieldType.EMAIL: TypeAdapter(Annotated[_Line, AfterValidator(_email)]),
    FieldType.PHONE: TypeAdapter(Annotated[_Line, AfterValidator(_phone)]),
    FieldType.INTEGER: TypeAdapter(Annotated[int, BeforeValidator(_plain_integer)]),
}


def check(one: FormField, written: str, policy: Policy, now: datetime, language: str) -> Value | None:
    """The answer as the desk writes it down; None when it is no such thing."""
    if reader := _OTHERS.get(one.type):
        return reader(one, written.strip(), policy, now, language)
    try:
        value: Value = _READERS[one.type].validate_python(written.strip())
    except ValidationError:
        return None
    return value


def _date(_: FormField, written: str, policy: Policy, now: datetime, language: str) -> str | None:
    day = dates.day(written, now, policy.calendar, (language, *policy.languages))
    return day.isoformat() if day else None


def _choice(one: FormField, written: str, *_: Any) -> str | None:
    wanted = " ".join(written.casefold().strip(" .,;!\"'()[]").split())
    return next((choice for choice in one.choices if choice.casefold() == wanted), None)


_OTHERS: Mapping[FieldType, Callable[[FormField, str, Policy, datetime, str], Value | None]] = {
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
}
