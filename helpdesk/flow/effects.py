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

CarryOut = Callable[[Connection, Any, datetime], None]

EFFECTS: Mapping[type[Effect], CarryOut] = {
    Escalate: escalations.ask,
    HeardOfThirdParty: escalations.hear,
    EndEscalations: escalations.end,
    StartAbsence: absences.start,
    EndAbsence: absences.end,
    EraseTicket: erasing.erase_ticket,
    ForgetAddress: erasing.forget_address,
    NoteConduct: conduct.add,
    PreferLanguage: personal.prefer,
    **affairs.CARRY_OUT,
}
"""How each kind is stored."""


def carry_out(desk: Connection, effects: Sequence[Effect], now: datetime) -> None:
    for kind, some in groupby(effects, type):
        if kind is Greet:  # most letters to customers come with one, some with two
            greetings.add(desk, [one for one in some if isinstance(one, Greet)], now)
            continue
        for effect in some:
            EFFECTS[kind](desk, effect, now)
