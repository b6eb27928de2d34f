"""The state machine as data: which event may meet which status, and where it may lead.

A missing pair is refused: nothing changes and the journal says so. `decide.desk` checks every
decision against this table, and the README's diagram is drawn from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpdesk.model.events import DeadlinePassed, Event
from helpdesk.model.ticket import DeadlineKind, Status


class OffTheTable(Exception):
    """A handler led where TRANSITIONS does not allow; nothing may be stored."""


Table = Mapping[Status | None, Mapping[str, frozenset[Status]]]

_NEW, _OPEN, _PENDING = Status.NEW, Status.OPEN, Status.PENDING
_HOLD, _SOLVED, _CLOSED = Status.ON_HOLD, Status.SOLVED, Status.CLOSED


def _may_end_in(*ends: Status) -> frozenset[Status]:
    return frozenset(ends)


def _staying(status: Status) -> dict[str, frozenset[Status]]:
    """What is only taken note of, wherever the ticket stands."""
    noted = (
        "operator_unclear", "command_failed", "staff_not_proven", "only_links_answered", "pic_wrote", "robot_wrote",
        "operator_away", "rated", "card_appealed",
        "ordered_note", "ordered_tag", "ordered_priority", "ordered_lang", "ordered_canned",
        "ordered_report", "ordered_warn", "ordered_unblock",
    )  # fmt: skip
    # where a block of orders may lead is said by the rows of its orders, one by one
    block = {
        "customer_asked": _may_end_in(status, _CLOSED),  # to be forgotten
        "ordered_block": _may_end_in(_CLOSED),
    }
    return {
        **dict.fromkeys(noted, _may_end_in(status)),
        **block,
        "staff_commanded": frozenset(Status),
        "desk_commanded": frozenset(Status),
        "ordered_undo": frozenset(Status),
    }


TRANSITIONS: Table = {
    None: {
        "customer_wrote": _may_end_in(_NEW, _OPEN, _PENDING),
        "staff_commanded": _may_end_in(_OPEN, _PENDING),
        "ordered_split": _may_end_in(_OPEN, _PENDING),
        "customer_asked": frozenset(),
        "operator_unclear": frozenset(),
        "command_failed": frozenset(),
        "desk_commanded": frozenset(),
        "staff_not_proven": frozenset(),
        "report_asked": frozenset(),
        "operator_away": frozenset(),
    },
    _NEW: {
        **_staying(_NEW),
        "ordered_escalate": _may_end_in(_HOLD),
        "third_party_wrote": _may_end_in(_NEW),
        "ordered_form": _may_end_in(_PENDING),
        "customer_wrote": _may_end_in(_NEW),
        "operator_claimed": _may_end_in(_NEW, _OPEN),
        "ordered_claim": _may_end_in(_NEW, _OPEN),
        "operator_answered": _may_end_in(_PENDING),
        "ordered_close": _may_end_in(_SOLVED, _CLOSED),
        "ordered_merge": _may_end_in(_CLOSED),
        "claim_window_passed": _may_end_in(_OPEN, _NEW),
        "claim_timeout_passed": _may_end_in(_OPEN, _NEW),
        "ordered_hold": _may_end_in(_HOLD),
        "ordered_pending": _may_end_in(_PENDING),
        "ordered_delay": _may_end_in(_HOLD),
        "ordered_cancel": _may_end_in(_PENDING, _SOLVED, _CLOSED),
        "promise_reminder_passed": _may_end_in(_NEW),
        "promise_passed": _may_end_in(_NEW),
        "ordered_split": _may_end_in(_NEW),
        "ordered_assign": _may_end_in(_OPEN),
        "letter_refused": _may_end_in(_NEW),
    },
    _OPEN: {
        **_staying(_OPEN),
        "ordered_escalate": _may_end_in(_HOLD),
        "third_party_wrote": _may_end_in(_OPEN),
        "third_party_reminder_passed": _may_end_in(_OPEN),
        "third_party_due_passed": _may_end_in(_OPEN),
        "ordered_form": _may_end_in(_PENDING),
        "customer_wrote": _may_end_in(_OPEN),
        "operator_claimed": _may_end_in(_OPEN),
        "ordered_claim": _may_end_in(_OPEN),
        "operator_answered": _may_end_in(_PENDING),
        "ordered_close": _may_end_in(_SOLVED, _CLOSED),
        "ordered_merge": _may_end_in(_CLOSED),
        "reminder_passed": _may_end_in(_OPEN),
        "first_response_passed": _may_end_in(_OPEN),
        "next_response_passed": _may_end_in(_OPEN),
        "ordered_hold": _may_end_in(_HOLD),
        "ordered_pending": _may_end_in(_PENDING),
        "ordered_delay": _may_end_in(_HOLD),
        "ordered_cancel": _may_end_in(_PENDING, _SOLVED, _CLOSED),
        "promise_reminder_passed": _may_end_in(_OPEN),
        "promise_passed": _may_end_in(_OPEN),
        "ordered_split": _may_end_in(_OPEN, _PENDING),
        "ordered_assign": _may_end_in(_OPEN),
        "ordered_release": _may_end_in(_OPEN, _NEW),
        "claim_lease_passed": _may_end_in(_OPEN, _NEW),
        "operator_away": _may_end_in(_OPEN, _NEW),
        "letter_refused": _may_end_in(_OPEN),
    },
    _PENDING: {
        **_staying(_PENDING),
        "ordered_escalate": _may_end_in(_HOLD),
        "third_party_wrote": _may_end_in(_OPEN),
        "third_party_reminder_passed": _may_end_in(_PENDING),
        "third_party_due_passed": _may_end_in(_PENDING),
        "ordered_form": _may_end_in(_PENDING),
        "customer_wrote": _may_end_in(_OPEN, _NEW, _PENDING),
        "operator_claimed": _may_end_in(_PENDING),
        "ordered_claim": _may_end_in(_PENDING),
        "operator_answered": _may_end_in(_PENDING),
        "ordered_close": _may_end_in(_SOLVED, _CLOSED),
        "ordered_merge": _may_end_in(_CLOSED),
        "nudge_passed": _may_end_in(_PENDING),
        "auto_close_passed": _may_end_in(_SOLVED, _CLOSED),
        "ordered_hold": _may_end_in(_HOLD),
        "ordered_pending": _may_end_in(_PENDING),
        "ordered_delay": _may_end_in(_HOLD),
        "ordered_cancel": _may_end_in(_PENDING, _SOLVED, _CLOSED),
        "promise_reminder_passed": _may_end_in(_PENDING),
        "promise_passed": _may_end_in(_OPEN, _PENDING),
        "ordered_split": _may_end_in(_PENDING),
        "ordered_assign": _may_end_in(_PENDING),
        "ordered_release": _may_end_in(_PENDING),
        "letter_refused": _may_end_in(_PENDING, _OPEN),
    },
    _HOLD: {
        **_staying(_HOLD),
        "ordered_escalate": _may_end_in(_HOLD),
        "third_party_wrote": _may_end_in(_OPEN),
        "third_party_reminder_passed": _may_end_in(_HOLD),
        "third_party_due_passed": _may_end_in(_HOLD, _OPEN),
        "ordered_form": _may_end_in(_PENDING),
        "customer_wrote": _may_end_in(_OPEN),
        "operator_claimed": _may_end_in(_HOLD),
        "ordered_claim": _may_end_in(_HOLD),
        "operator_answered": _may_end_in(_PENDING),
        "ordered_close": _may_end_in(_SOLVED, _CLOSED),
        "ordered_merge": _may_end_in(_CLOSED),
        "ordered_hold": _may_end_in(_HOLD),
        "ordered_pending": _may_end_in(_PENDING),
        "ordered_delay": _may_end_in(_HOLD),
        "ordered_cancel": _may_end_in(_PENDING, _SOLVED, _CLOSED),
        "promise_reminder_passed": _may_end_in(_HOLD),
        "promise_passed": _may_end_in(_OPEN, _HOLD),
        "hold_passed": _may_end_in(_OPEN),
        "ordered_split": _may_end_in(_HOLD),
        "ordered_assign": _may_end_in(_HOLD),
        "ordered_release": _may_end_in(_HOLD),
        "letter_refused": _may_end_in(_HOLD),
    },
    _SOLVED: {
        **_staying(_SOLVED),
        "third_party_wrote": _may_end_in(_SOLVED),
        "customer_wrote": _may_end_in(_SOLVED, _OPEN),
        "operator_claimed": _may_end_in(_SOLVED),
        "ordered_claim": _may_end_in(_SOLVED),
        "operator_answered": _may_end_in(_SOLVED),
        "pic_approved": _may_end_in(_CLOSED),
        "pic_objected": _may_end_in(_OPEN),
        "pic_timeout_passed": _may_end_in(_CLOSED),
        "ordered_split": _may_end_in(_SOLVED),
        "letter_refused": _may_end_in(_SOLVED),
    },
    _CLOSED: {
        **_staying(_CLOSED),
        "third_party_wrote": _may_end_in(_CLOSED),
        "customer_wrote": _may_end_in(_CLOSED, _OPEN),
        "operator_answered": _may_end_in(_CLOSED),
        "pic_objected": _may_end_in(_OPEN),
        "ordered_split": _may_end_in(_CLOSED),
        "letter_refused": _may_end_in(_CLOSED),
    },
}


def event_name(event: Event) -> str:
    """The event in the table's words: `CustomerWrote` is customer_wrote, a deadline names its kind."""
    if isinstance(event, DeadlinePassed):
        return f"{event.deadline.kind}_passed"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


DEADLINES_OF_STATUS: Mapping[Status, frozenset[DeadlineKind]] = {
    status: frozenset(kind for kind in DeadlineKind if f"{kind}_passed" in events)
    for status, events in TRANSITIONS.items()
    if status is not None
}
"""Which deadlines may stand in which status; leaving a status drops the others."""
