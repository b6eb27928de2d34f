"""How a form and its fields are put into words, for letters to customers, operators and third parties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpdesk.model.forms import FieldType, Form, FormField
from helpdesk.model.ticket import Ticket

HIDDEN = "…"
"""Stands for an answer that is on record but not repeated; a form that comes back with it says nothing new."""

_SHOWN = 200
_ADVERT = re.compile(r"://|\bwww\.|[^\W\d_]\.[^\W\d_]|@", re.I)


def missing(form: Form, fields: Mapping[str, Any]) -> tuple[FormField, ...]:
    """Required fields that nobody has filled in yet."""
    return tuple(one for one in form.fields if one.required and fields.get(one.name) in (None, ""))


def details(form: Form | None, fields: Mapping[str, Any]) -> str:
    """All fields that are filled in, those of the form first and by their labels."""
    known = {one.name: one.label for one in form.fields} if form else {}
    names = [*known, *(name for name in fields if name not in known)]
    return "\n".join(_line(known.get(name, name), fields[name]) for name in names if name in fields)


def to_fill_in(form: Form, fields: Mapping[str, Any]) -> str:
    """The form as the customer gets it, filled in as far as it is known."""
    return "\n".join(_line(one.label, fields.get(one.name, "")) for one in form.fields)


def _line(label: str, value: object) -> str:
    first, *others = str(value).split("\n")
    return "\n".join(
        (f"{label}: {first}".rstrip(), *(f"  {line}".rstrip() for line in others if line.strip()))
    )


def as_letter(form: Form, ticket: Ticket, wrong: tuple[str, ...], *, wary: bool = False) -> dict[str, Any]:
    fields = harmless(form, ticket.fields) if wary else ticket.fields
    return {
        "form": to_fill_in(form, fields),
        "missing": tuple(one.wanted for one in missing(form, ticket.fields)),
        "wrong": tuple(map(_without_adverts, wrong)) if wary else wrong,
    }


def harmless(form: Form, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever fills in a web form may name somebody else's address: what could be an advert stays here (F13)."""
    free = {one.name for one in form.fields if one.type is FieldType.TEXT}
    return {
        name: _without_adverts(str(value)) if name in free or form.field(name) is None else value
        for name, value in fields.items()
    }


def _without_adverts(text: str) -> str:
    return HIDDEN if _ADVERT.search(text) or len(text) > _SHOWN else text
