"""What the keys of standard forms and third parties cannot know one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from helpdesk.config.errors import Finding, Loc
from helpdesk.model.forms import FieldType

if TYPE_CHECKING:
    from helpdesk.config.root import Root
    from helpdesk.config.tables import FormTable


def check_third_parties(root: Root) -> Iterator[Finding]:
    for number, party in enumerate(root.third_parties):
        if party.form and party.form not in [form.name for form in root.forms]:
            there = ", ".join(form.name for form in root.forms) or "none"
            yield Finding(("third_parties", number, "form"), f"no such form; there are: {there}")
        if party.name.casefold() in [other.name.casefold() for other in root.third_parties[:number]]:
            yield Finding(("third_parties", number, "name"), "there is a third party of this name already")


def check_forms(root: Root) -> Iterator[Finding]:
    for number, form in enumerate(root.forms):
        here: Loc = ("forms", number)
        names = [one.name for one in form.fields]
        if form.name in [other.name for other in root.forms[:number]]:
            yield Finding((*here, "name"), "there is a form of this name already; write another")
        if form.reply_to_field and form.reply_to_field not in names:
            yield Finding(
                (*here, "reply_to_field"),
                f"no such field; there are: {', '.join(dict.fromkeys(names)) or 'none'}",
            )
        elif form.reply_to_field and not form.match.from_:
            yield Finding(
                (*here, "reply_to_field"),
                "anybody could have letters sent to strangers; set from in its match, or leave this out",
            )
        yield from _parties_of(form, here, root)
        if form.match == type(form.match)():
            yield Finding((*here, "match"), "matches no mail; set one of from, to, subject, list")
        for position, one in enumerate(form.fields):
            if one.name in names[:position]:
                yield Finding((*here, "fields", position, "name"), "there is a field of this name already")
            if (one.type == "choice") != bool(one.choices):
                yield Finding(
                    (*here, "fields", position, "type"), 'choices and type = "choice" belong together'
                )


def _parties_of(form: FormTable, here: Loc, root: Root) -> Iterator[Finding]:
    """Who must act on the form, and by when."""
    parties = [party.name for party in root.third_parties]
    for position, name in enumerate(form.distribute_to):
        if name not in parties:
            there = ", ".join(parties) or "none"
            yield Finding((*here, "distribute_to", position), f"no such third party; there are: {there}")
    if form.distribute_to and not (form.expected_field or form.expected_in):
        yield Finding(
            (*here, "distribute_to"),
            "whoever must act is not told by when; set expected_in, or expected_field to a field of type date",
        )
    dates = [one.name for one in form.fields if one.type is FieldType.DATE]
    if form.expected_field and form.expected_field not in dates:
        there = ", ".join(dates) or "none"
        yield Finding((*here, "expected_field"), f"no field of type date; there are: {there}")
    if form.expected_field and form.expected_in:
        yield Finding((*here, "expected_in"), "expected_field says it already; set one of them")
