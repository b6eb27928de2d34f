"""How receipts name a time, a status, whom a ticket waits for and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from helpdesk.decide.notes import CLOCK, DESK
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import Reason, because
from helpdesk.model.ticket import EntryKind, Status, WaitingFor

_STATUS: Mapping[Status, Reason] = {
    Status.NEW: because("status_new"),
    Status.OPEN: because("status_open"),
    Status.PENDING: because("status_pending"),
    Status.ON_HOLD: because("status_on_hold"),
    Status.SOLVED: because("status_solved"),
    Status.CLOSED: because("status_closed"),
}
_WHOM: Mapping[WaitingFor, Reason] = {
    WaitingFor.OPERATOR: because("whom_operator"),
    WaitingFor.CUSTOMER: because("whom_customer"),
    WaitingFor.THIRD_PARTY: because("whom_third_party"),
    WaitingFor.PIC: because("whom_pic"),
    WaitingFor.NOBODY: because("whom_nobody"),
}
_KIND: Mapping[EntryKind, Reason] = {
    EntryKind.CUSTOMER: because("whom_customer"),
    EntryKind.OPERATOR: because("whom_operator"),
    EntryKind.NOTE: because("kind_note"),
    EntryKind.THIRD_PARTY: because("whom_third_party"),
    EntryKind.PIC: because("whom_pic"),
    EntryKind.LETTER: because("kind_letter"),
}


_BY: Mapping[str, Reason] = {DESK: because("by_desk"), CLOCK: because("by_clock")}


def by_word(by: str) -> str:
    """Who did what a line of the history tells: an address, the desk or the clock."""
    return _BY.get(by, by)


def status_word(status: Status) -> Reason:
    return _STATUS[status]


def whom_word(whom: WaitingFor) -> Reason:
    return _WHOM[whom]


def kind_word(kind: EntryKind) -> Reason:
    return _KIND[kind]


def moment(policy: Policy, when: datetime) -> str:
    """An instant on the desk's wall: `2026-12-24 08:00`."""
    return f"{when.astimezone(policy.calendar.timezone):%Y-%m-%d %H:%M}"
