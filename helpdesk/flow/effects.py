"""Carry out what a decision changes beside its ticket, in the decision's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from helpdesk.flow import affairs
from helpdesk.model.effects import (
    Effect,
    EndAbsence,
    EndEscalations,
    EraseTicket,
    Escalate,
    ForgetAddress,
    Greet,
    HeardOfThirdParty,
    NoteConduct,
    PreferLanguage,
    StartAbsence,
)
from helpdesk.store import absences, conduct, erasing, escalations, greetings, personal

CarryOutOne = Callable[[Connection, Any, datetime], None]
CarryOut = Callable[[Connection, Sequence[Any], datetime], None]


def _each(one: CarryOutOne) -> CarryOut:
    def carry_out_all(desk: Connection, effects: Sequence[Any], now: datetime) -> None:
        for effect in effects:
            one(desk, effect, now)

    return carry_out_all


EFFECTS: Mapping[type[Effect], CarryOut] = {
    Escalate: _each(escalations.ask),
    HeardOfThirdParty: _each(escalations.hear),
    EndEscalations: _each(escalations.end),
    StartAbsence: _each(absences.start),
    EndAbsence: _each(absences.end),
    Greet: greetings.add,  # most letters to customers come with one, some with two
    EraseTicket: _each(erasing.erase_ticket),
    ForgetAddress: _each(erasing.forget_address),
    NoteConduct: _each(conduct.add),
    PreferLanguage: _each(personal.prefer),
    **{kind: _each(one) for kind, one in affairs.CARRY_OUT.items()},
}
"""How those of each kind that come together are stored."""


def carry_out(desk: Connection, effects: Sequence[Effect], now: datetime) -> None:
    for kind, some in groupby(effects, type):
        EFFECTS[kind](desk, list(some), now)
