"""What is written down about a ticket: `#note`, `#tag`, `#priority`, `#lang`. Nothing of it leaves the desk."""

from __future__ import annotations

import re
from dataclasses import replace

from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.customers import entry_of
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import STAFF, Reading, VerbRule, a_reason, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind

PRIORITIES = ("low", "normal", "high", "urgent")
PREFIX = "priority:"

_TAG = re.compile(r"[^\W_][\w.-]{0,39}")
_MOST_TAGS = 20
_LEAVES_THE_WORDS = frozenset(
    {
        *(
            Verb.NOTE,
            Verb.TAG,
            Verb.PRIORITY,
            Verb.LANG,
            Verb.STATUS,
            Verb.MINE,
            Verb.WHY,
            Verb.HELP,
            Verb.CLAIM,
        ),
        *(Verb.MERGE, Verb.UNDO, Verb.LIFT, Verb.BACK),
    }
)
"""Verbs that never look at the words below; any other could send them to somebody."""


def _note(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The argument, or the words below, or both. Words that could be meant for a customer are not guessed at."""
    below = event.text.strip()
    if below and any(other.verb not in _LEAVES_THE_WORDS for other in event.orders):
        if not order.text:
            remedy = because("note_on_line", word=order.line.split()[0])
            return Misunderstood(order.line, because("note_or_letter"), remedy)
        below = ""
    words = "\n\n".join(filter(None, (order.text, below)))
    if not words:
        return Misunderstood(order.line, because("no_words"), f"{order.line.split()[0]} WORDS")
    plan.record(entry_of(event, EntryKind.NOTE, plan.now, words))
    plan.note("noted", writer(event).address, because("note_alone"))
    plan.tell(because("told_noted"))
    if event.delivered:
        plan.tell(because("told_noted_in_view"))
    return None


def _read_tags(order: Order, _: Reading) -> Order | Misunderstood:
    """`+a -b c`: c is added too."""
    word = order.line.split()[0]
    add: list[str] = []
    remove: list[str] = []
    for item in order.argument.replace(",", " ").split():
        name = item.lstrip("+-#").lower()
        if not _TAG.fullmatch(name):
            return Misunderstood(order.line, because("no_tag", said=item), f"{word} +urgent -waiting")
        if name == NO_AUTO_REPLY:
            return Misunderstood(order.line, because("own_tag", said=name), f"{word} +another")
        (remove if item.startswith("-") else add).append(name)
    if not add and not remove:
        return Misunderstood(order.line, because("needs_tag", word=word), f"{word} +urgent -waiting")
    return replace(order, add=tuple(add), remove=tuple(remove))


def _tag(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    kept = (tag for tag in plan.ticket.tags if tag not in order.remove)
    tags = tuple(dict.fromkeys((*kept, *order.add)))
    if len(tags) > _MOST_TAGS:
        remedy = because("less_tags", word=order.line.split()[0])
        return Misunderstood(order.line, because("too_many_tags", number=_MOST_TAGS), remedy)
    names = ", ".join(tags)
    _set_tags(plan, tags, event, because("tags_are", names=names or because("none")))
    plan.tell(because("told_tags", names=names) if tags else because("told_no_tags"))
    return None


def _set_tags(plan: Plan, tags: tuple[str, ...], event: StaffCommanded, reason: str) -> None:
    plan.change(tags=tags, updated_at=plan.now)
    plan.note("tagged", writer(event).address, reason)


def _read_priority(order: Order, _: Reading) -> Order | Misunderstood:
    name = order.argument.strip().lower()
    if name in PRIORITIES:
        return replace(order, name=name)
    word = order.line.split()[0]
    unknown = because("no_priority", said=order.argument)
    problem = unknown if name else because("needs_priority", word=word)
    return Misunderstood(order.line, problem, because("one_of", word=word, names=", ".join(PRIORITIES)))


def priority_of(tags: tuple[str, ...]) -> str:
    """`normal` unless a tag says otherwise."""
    return next((t.removeprefix(PREFIX) for t in tags if t.startswith(PREFIX)), "normal")


def _priority(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    others = tuple(t for t in plan.ticket.tags if not t.startswith(PREFIX))
    own = () if order.name == "normal" else (f"{PREFIX}{order.name}",)
    _set_tags(plan, (*others, *own), event, because("priority_is", said=order.name))
    plan.tell(because("told_priority", said=order.name))
    return None


def _read_language(order: Order, reading: Reading) -> Order | Misunderstood:
    name, word = order.argument.strip().lower(), order.line.split()[0]
    if name in reading.policy.languages:
        return replace(order, name=name)
    unknown = because("no_language", said=order.argument)
    problem = unknown if name else because("needs_language", word=word)
    names = ", ".join(sorted(reading.policy.languages))
    return Misunderstood(order.line, problem, because("one_of", word=word, names=names))


def _language(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    plan.change(language=order.name, updated_at=plan.now)
    plan.note("language", writer(event).address, because("letters_in", language=order.name))
    plan.tell(because("told_language", language=order.name))
    return None


NOTE = VerbRule(
    Verb.NOTE,
    usage="#note [WORDS]",
    meaning=because("help_note"),
    read=a_reason,
    on_ticket=_note,
    aliases=("catatan",),
    roles=STAFF,
    takes_words=True,
)
TAG = VerbRule(
    Verb.TAG,
    usage="#tag +a -b",
    meaning=because("help_tag"),
    read=_read_tags,
    on_ticket=_tag,
    aliases=("label",),
    roles=STAFF,
)
PRIORITY = VerbRule(
    Verb.PRIORITY,
    usage="#priority P",
    meaning=because("help_priority", names=", ".join(PRIORITIES)),
    read=_read_priority,
    on_ticket=_priority,
    aliases=("prioritas",),
    roles=STAFF,
)
LANG = VerbRule(
    Verb.LANG,
    usage="#lang xx",
    meaning=because("help_lang"),
    read=_read_language,
    on_ticket=_language,
    aliases=("bahasa",),
    roles=STAFF,
)
