"""Several tickets in one mail, as debbugs' control server has it: `#ticket 12` before the verbs of each.

All of it is done or none of it. The writer gets one transcript: each line as it was typed, and what came of it.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import operators
from helpdesk.decide.commanded import carry_out, refuse
from helpdesk.decide.notes import Notes
from helpdesk.model.commanded import DeskCommanded, Section
from helpdesk.model.decision import Beside, Decision
from helpdesk.model.orders import Misunderstood, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Ticket


def desk_commanded(_: Ticket | None, event: DeskCommanded, policy: Policy, now: datetime) -> Decision:
    """Carry out section by section, each as a decision about its own ticket."""
    outer = Notes(event, policy, now)
    problem = _words_of_nobody(event) or _carry_out(outer, event, policy, now)
    if problem:
        return refuse(None, event, problem, policy, now)
    outer.because("every order of the mail was carried out")
    outer.write(operators.sent_back(None, event, "receipt", {"text": tuple(outer.told)}))
    return outer.decision()


def _carry_out(outer: Notes, event: DeskCommanded, policy: Policy, now: datetime) -> Misunderstood | None:
    touched: set[int] = set()
    for section in event.sections:
        problem = _cannot_be(section)
        if problem or section.event is None:
            return problem
        notes, problem = carry_out(section.ticket, section.event, policy, now)
        if problem:
            return problem
        decision = notes.decision()
        own = {section.number} if section.number else set()
        numbers = own | {beside.ticket.number for beside in decision.also if beside.ticket}
        if twice := numbers & touched:
            why = because("changed_twice", number=min(twice))
            return Misunderstood(_line(section), why, because("two_mails"))
        touched |= numbers
        outer.beside(Beside(section.ticket, decision))
        _tell(outer, section, notes)
    return None


def _words_of_nobody(event: DeskCommanded) -> Misunderstood | None:
    """Words below the last section belong to it only when it is the only one."""
    if not event.text.strip() or len(event.sections) == 1:
        return None
    return Misunderstood(_line(event.sections[-1]), because("whose_words"), because("answer_each"))


def _cannot_be(section: Section) -> Misunderstood | None:
    if section.number and section.ticket is None:
        return Misunderstood(section.line, because("no_ticket", number=section.number), because("mine_lists"))
    split = next((order for order in section.orders if order.verb is Verb.SPLIT), None)
    if split:
        return Misunderstood(split.line, because("splits_none"), because("a_reply_to_ticket"))
    return None


def _line(section: Section) -> str:
    return section.line or section.orders[0].line


def _tell(outer: Notes, section: Section, notes: Notes) -> None:
    if section.line:
        outer.tell(f"> {section.line}")
    for line, told in notes.transcript:
        outer.tell(f"> {line}")
        for words in told or (because("told_done"),):
            outer.tell(words)
    outer.tell("")
