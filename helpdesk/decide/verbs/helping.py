"""`#help`: what the writer may order, one verb, or the page of a topic."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from helpdesk.decide.notes import Notes
from helpdesk.decide.verbs.rule import STAFF, Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because


def help_on(rules: Sequence[VerbRule]) -> VerbRule:
    """The verb `#help`, which knows all the others."""

    def read(order: Order, reading: Reading) -> Order | Misunderstood:
        name = order.argument.strip().lstrip("#").lower()
        known = [n for rule in rules for n in (str(rule.verb), *rule.aliases)]
        if not name or name in known or name in reading.topics:
            return replace(order, name=name)
        near = difflib.get_close_matches(name, (*known, *reading.topics), n=3)
        problem = because("neither_verb_nor_topic", said=order.argument)
        return Misunderstood(
            order.line, problem, " or ".join(f"#help {n}" for n in near) or because("help_alone")
        )

    def tell(notes: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
        named = [rule for rule in rules if order.name in (rule.verb, *rule.aliases)]
        page = event.found.pages.get(order.name)
        if named or page:
            lines = [line for rule in named for line in _described(rule)]
            lines += page.splitlines() if page else []
        else:
            lines = _everything(rules, event, notes.policy)
        for line in lines:
            notes.tell(line)
        notes.because(because("asked_help", who=writer(event).name))
        return None

    return VerbRule(
        Verb.HELP,
        usage="#help [VERB|TOPIC]",
        meaning=because("help_help"),
        read=read,
        on_desk=tell,
        aliases=("bantuan",),
        roles=STAFF,
    )


def _everything(rules: Sequence[VerbRule], event: StaffCommanded, policy: Policy) -> list[str]:
    mine = [rule for rule in rules if event.speaker.role in rule.roles]
    local, _, domain = policy.address.partition("@")
    lines = [because("help_verbs_above"), *(line for rule in mine for line in _described(rule))]
    lines += ["", because("help_several", address=f"{local}+commands@{domain}")]
    if event.found.topics:
        lines.append(because("help_topics", names=", ".join(event.found.topics)))
    return lines


def _described(rule: VerbRule) -> list[str]:
    also = ", ".join(f"#{name}" for name in rule.aliases)
    usage = because("help_verb_also", usage=rule.usage, names=also) if also else rule.usage
    return [usage, because("help_meaning", why=rule.meaning)]
