"""How an attempt to send ends: per recipient, once (P5), with growing pauses and an end (R67 to R70)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from helpdesk.model.limits import USUAL, Pauses
from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.store.among import among
from helpdesk.store.marks import Unsettled
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
    attempts: Sequence[Unsettled],
    now: datetime,
    *,
    retry_for: timedelta,
    chance: Callable[[], float],
    pauses: Pauses = USUAL.pauses,
) -> list[Settled]:
    """Take over the results of attempts; doing it twice changes nothing more.

    1. Accepted and Refused end a recipient that still waits.
    2. The rest is tried again after a pause, or ends when the letter has been tried for `retry_for`; the pause is short
       where the trouble was ours.
    3. No recipient waits: the letter is sent, or failed if anyone did not get it.
    `chance` is in [0, 1) and adds up to a quarter to the pause. Returns who ended without the letter.
    """
    settled: list[Settled] = []
    for group in _each_letter_once(attempts):
        settled += _settle_group(connection, group, now, _Patience(retry_for, chance, pauses))
    return settled


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long, and with which pauses, letters are tried."""

    retry_for: timedelta
    chance: Callable[[], float]
    pauses: Pauses

    def pause_after(self, attempts: int, *, ours: bool) -> timedelta:
        return OUR_PAUSE if ours else pause_after(attempts, self.retry_for, self.chance(), self.pauses)


@dataclass
class _Changes:
    """Rows of parameters for each kind of change, so that a group costs no more statements than one letter."""

    recipients: list[dict[str, Any]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def make(self, connection: Connection, now: datetime) -> None:
        if self.sent:
            connection.execute(_SENT, {"letters": self.sent, "now": now})
        for statement, rows in (
            (_END_RECIPIENT, self.recipients),
            (_FAILED, self.failed),
            (_WAITS, self.waiting),
        ):
            if rows:
                connection.execute(statement, rows)


def _each_letter_once(attempts: Sequence[Unsettled]) -> Iterator[list[Unsettled]]:
    """Nodes that died one after the other may have left results for the same letter: a later one finds the letter as
    the one before has left it."""
    left = list(attempts)
    while left:
        group: dict[int, Unsettled] = {}
        for attempt in left:
            group.setdefault(attempt.letter_id, attempt)
        yield list(group.values())
        left = [attempt for attempt in left if group[attempt.letter_id] is not attempt]


def _settle_group(
    connection: Connection, attempts: Sequence[Unsettled], now: datetime, patience: _Patience
) -> list[Settled]:
    which = {"letters": [attempt.letter_id for attempt in attempts]}
    letters = {row.id: row for row in connection.execute(_LETTERS, which)}
    everybody: dict[int, list[Row[Any]]] = {letter_id: [] for letter_id in letters}
    for row in connection.execute(_RECIPIENTS, which):
        everybody[row.letter_id].append(row)
    changes, settled = _Changes(), []
    for attempt in attempts:
        if letter := letters.get(attempt.letter_id):
            settled += _settle_one(changes, letter, everybody[letter.id], attempt, now, patience)
    changes.make(connection, now)
    return settled


def _settle_one(
    changes: _Changes,
    letter: Row[Any],
    everybody: Sequence[Row[Any]],
    attempt: Unsettled,
    now: datetime,
    patience: _Patience,
) -> list[Settled]:
    outcomes = attempt.outcomes
    waiting = [row.recipient for row in everybody if row.state == "waiting"]
    ends: dict[str, Outcome] = {
        who: end for who, end in outcomes.items() if who in waiting and not isinstance(end, TryLater)
    }
    open_ones = [who for who in waiting if who not in ends]
    # else these results were taken over before, or the letter is in other hands by now
    in_flight = letter.state == "sending" and letter.lease_owner == attempt.node
    late = {who: outcomes.get(who, _NO_RESULT) for who in open_ones} if in_flight else {}
    if now - letter.tried_since >= patience.retry_for:
        ends |= late
        open_ones = [who for who in open_ones if who not in late]
    changes.recipients += [_ended(letter.id, who, end, now) for who, end in ends.items()]
    if not open_ones and ends:
        if failed := _failed(everybody, ends):
            changes.failed.append({"one": letter.id, "why": "; ".join(failed)})
        else:
            changes.sent.append(letter.id)
    elif in_flight:
        ours = all(isinstance(end, TryLater) and end.ours for end in late.values())
        until = now + patience.pause_after(letter.attempts, ours=ours)
        changes.waiting.append({"one": letter.id, "until": until, "why": _errors(ends, late)})
    return [
        Settled(letter.id, letter.ticket, letter.letter, letter.audience, who, end, isinstance(end, TryLater))
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


_COLUMNS = ("id", "state", "lease_owner", "ticket", "letter", "audience", "attempts", "tried_since")
_LETTERS = (
    select(*(OUTBOX.c[name] for name in _COLUMNS))
    .where(among(OUTBOX.c.id, "letters"))
    .order_by(OUTBOX.c.id)
    .with_for_update()  # two results of one letter, one after the other
)
_RECIPIENTS = (
    select(OUTBOX_RECIPIENT)
    .where(among(OUTBOX_RECIPIENT.c.letter_id, "letters"))
    .order_by(OUTBOX_RECIPIENT.c.letter_id, OUTBOX_RECIPIENT.c.recipient)
)
_END_RECIPIENT = (
    update(OUTBOX_RECIPIENT)
    .where(OUTBOX_RECIPIENT.c.letter_id == bindparam("of"), OUTBOX_RECIPIENT.c.recipient == bindparam("who"))
    .values(state=bindparam("end"), reply=bindparam("words"), settled_at=bindparam("at"))
)
_LETTER = update(OUTBOX).where(OUTBOX.c.id == bindparam("one"))
_FREE = {"lease_until": None, "lease_owner": None}
_SENT = (
    update(OUTBOX)
    .where(among(OUTBOX.c.id, "letters"))
    .values(state="sent", sent_at=bindparam("now"), next_attempt_at=None, **_FREE)
)
_FAILED = _LETTER.values(state="failed", last_error=bindparam("why"), next_attempt_at=None, **_FREE)
_WAITS = _LETTER.values(
    state="queued", next_attempt_at=bindparam("until"), last_error=bindparam("why"), **_FREE
)


def _failed(everybody: Sequence[Row[Any]], ends: Mapping[str, Outcome]) -> list[str]:
    """Who does not have the letter, and why; some of them since an attempt before."""
    replies = {row.recipient: row.reply for row in everybody if row.state != "accepted"}
    replies |= {who: _words(end) for who, end in ends.items()}
    has_it = {who for who, end in ends.items() if isinstance(end, Accepted)}
    return [f"{who}: {reply}" for who, reply in replies.items() if who not in has_it]


def _ended(letter_id: int, recipient: str, outcome: Outcome, now: datetime) -> dict[str, Any]:
    state = {Accepted: "accepted", Refused: "refused", TryLater: "gave_up"}[type(outcome)]
    return {"of": letter_id, "who": recipient, "end": state, "words": _words(outcome), "at": now}


def _errors(*ends: Mapping[str, Outcome]) -> str:
    outcomes = [outcome for some in ends for outcome in some.values()]
    return "; ".join(
        dict.fromkeys(_words(outcome) for outcome in outcomes if not isinstance(outcome, Accepted))
    )


def _words(outcome: Outcome) -> str:
    return outcome.reply if isinstance(outcome, Accepted) else outcome.reason
