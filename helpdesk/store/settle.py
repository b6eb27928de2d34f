"""How an attempt to send ends: per recipient, once (P5), with growing pauses and an end (R67 to R70)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from helpdesk.model.limits import USUAL, Pauses
from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.store.schema import OUTBOX, OUTBOX_RECIPIENT

_CHANCE_SHARE = 0.25
OUR_PAUSE = timedelta(seconds=5)
"""The letter was never under way: it goes as soon as the desk can (at work again 10 s after the disk has room,
MAIL_RULES 5.2)."""
_NO_RESULT = TryLater("the attempt ended without a result")


@dataclass(frozen=True, slots=True)
class Settled:
    """A recipient who will not get the letter: refused, or given up after trying for long."""

    letter_id: int
    ticket: int | None
    letter: str
    audience: str
    recipient: str
    outcome: Outcome
    gave_up: bool


def settle(
    connection: Connection,
    letter_id: int,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    retry_for: timedelta,
    chance: float,
    node: str,
    pauses: Pauses = USUAL.pauses,
) -> list[Settled]:
    """Take over the results of one attempt by `node`; doing it twice changes nothing more.

    1. Accepted and Refused end a recipient that still waits.
    2. The rest is tried again after a pause, or ends when the letter has been tried for `retry_for`; the pause is short
       where the trouble was ours.
    3. No recipient waits: the letter is sent, or failed if anyone did not get it.
    `chance` is in [0, 1) and adds up to a quarter to the pause. Returns who ended without the letter.
    """
    letter = connection.execute(_LETTER, {"letter": letter_id}).first()
    if letter is None:
        return []
    everybody = connection.execute(_RECIPIENTS, {"letter": letter_id}).all()
    waiting = [row.recipient for row in everybody if row.state == "waiting"]
    ends: dict[str, Outcome] = {
        who: end for who, end in outcomes.items() if who in waiting and not isinstance(end, TryLater)
    }
    open_ones = [who for who in waiting if who not in ends]
    # else these results were taken over before, or the letter is in other hands by now
    in_flight = letter.state == "sending" and letter.lease_owner == node
    late = {who: outcomes.get(who, _NO_RESULT) for who in open_ones} if in_flight else {}
    if now - letter.tried_since >= retry_for:
        ends |= late
        open_ones = [who for who in open_ones if who not in late]
    for recipient, outcome in ends.items():
        _end_recipient(connection, letter_id, recipient, outcome, now)
    if not open_ones and ends:
        _end_letter(connection, letter_id, now, _failed(everybody, ends))
    elif in_flight:
        ours = all(isinstance(end, TryLater) and end.ours for end in late.values())
        pause = OUR_PAUSE if ours else pause_after(letter.attempts, retry_for, chance, pauses)
        _wait(connection, letter_id, now + pause, [*ends.values(), *late.values()])
    return [
        Settled(letter_id, letter.ticket, letter.letter, letter.audience, who, end, isinstance(end, TryLater))
        for who, end in ends.items()
        if not isinstance(end, Accepted)
    ]


def pause_after(
    attempts: int, retry_for: timedelta, chance: float, pauses: Pauses = USUAL.pauses
) -> timedelta:
    """R68: five minutes, doubling to an hour, plus up to a quarter; shorter where `retry_for` is short."""
    shorter = min(1.0, retry_for / 20 / pauses.first)
    doubled = min(pauses.first * (1 << min(max(attempts - 1, 0), 20)), pauses.longest) * shorter
    return doubled * (1 + _CHANCE_SHARE * chance)


_COLUMNS = ("state", "lease_owner", "ticket", "letter", "audience", "attempts", "tried_since")
_LETTER = (
    select(*(OUTBOX.c[name] for name in _COLUMNS))
    .where(OUTBOX.c.id == bindparam("letter"))
    .with_for_update()  # two results of one letter, one after the other
)
_CHANGE = update(OUTBOX).where(OUTBOX.c.id == bindparam("letter_id"))
_RECIPIENTS = (
    select(OUTBOX_RECIPIENT)
    .where(OUTBOX_RECIPIENT.c.letter_id == bindparam("letter"))
    .order_by(OUTBOX_RECIPIENT.c.recipient)
)
_CHANGE_RECIPIENT = update(OUTBOX_RECIPIENT).where(
    OUTBOX_RECIPIENT.c.letter_id == bindparam("letter"), OUTBOX_RECIPIENT.c.recipient == bindparam("who")
)


def _failed(everybody: Sequence[Row[Any]], ends: Mapping[str, Outcome]) -> list[str]:
    """Who does not have the letter, and why; some of them since an attempt before."""
    replies = {row.recipient: row.reply for row in everybody if row.state != "accepted"}
    replies |= {who: _words(end) for who, end in ends.items()}
    has_it = {who for who, end in ends.items() if isinstance(end, Accepted)}
    return [f"{who}: {reply}" for who, reply in replies.items() if who not in has_it]


def _end_recipient(
    connection: Connection, letter_id: int, recipient: str, outcome: Outcome, now: datetime
) -> None:
    state = {Accepted: "accepted", Refused: "refused", TryLater: "gave_up"}[type(outcome)]
    values = {"state": state, "reply": _words(outcome), "settled_at": now}
    connection.execute(_CHANGE_RECIPIENT, {"letter": letter_id, "who": recipient, **values})


def _end_letter(connection: Connection, letter_id: int, now: datetime, failed: Sequence[str]) -> None:
    values: dict[str, Any] = {"next_attempt_at": None, "lease_until": None, "lease_owner": None}
    if failed:
        values |= {"state": "failed", "last_error": "; ".join(failed)}
    else:
        values |= {"state": "sent", "sent_at": now}
    connection.execute(_CHANGE, {"letter_id": letter_id, **values})


def _wait(connection: Connection, letter_id: int, until: datetime, outcomes: list[Outcome]) -> None:
    errors = dict.fromkeys(_words(outcome) for outcome in outcomes if not isinstance(outcome, Accepted))
    values = {
        "state": "queued",
        "next_attempt_at": until,
        "lease_until": None,
        "lease_owner": None,
        "last_error": "; ".join(errors),
    }
    connection.execute(_CHANGE, {"letter_id": letter_id, **values})


def _words(outcome: Outcome) -> str:
    return outcome.reply if isinstance(outcome, Accepted) else outcome.reason
