"""The sender's marks: which letter is in its dot, and how attempts ended, until the worker has settled them.
Each names the node whose sender wrote it; what a dead node has left is read by the others.

Only "dot written, no result" is ambiguous after a crash (P4, F11); everything else is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Delete, Row, Select, and_, bindparam, delete, or_, select

from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.store.among import among
from helpdesk.store.nodes import TakenOver, free_from, is_free, require_alive
from helpdesk.store.schema import MARK, NODE, OUTBOX
from helpdesk.store.session import is_server
from helpdesk.store.statements import put

Cleared = tuple[int, str]
"""A letter, and the node whose attempt at it is settled."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one attempt at a letter. Outcomes are None where the final dot for that recipient comes next; they replace
    what was marked before."""

    letter_id: int
    outcomes: Mapping[str, Outcome | None]

    @property
    def is_dot(self) -> bool:
        return None in self.outcomes.values()


@dataclass(frozen=True, slots=True)
class Unsettled:
    """The results of one attempt that the desk worker has not taken over yet; `node` made it."""

    letter_id: int
    node: str
    outcomes: Mapping[str, Outcome]


def write(
    connection: Connection, cleared: Collection[Cleared], marks: Sequence[Mark], now: datetime, node: str
) -> None:
    """Forget the marks of attempts that are settled, then make those of attempts of `node`.

    Raises TakenOver when a letter whose dot comes next is no longer the node's to send: a node that was frozen past
    its lease.
    """
    if cleared:
        by_node: dict[str, list[int]] = {}
        for letter, who in cleared:
            by_node.setdefault(who, []).append(letter)
        for who, letters in by_node.items():
            connection.execute(_clear(is_server(connection)), {"letters": letters, "by": who})
    _require_hold(connection, [mark.letter_id for mark in marks if mark.is_dot], node)
    put(
        connection,
        MARK,
        [_row(mark.letter_id, who, end, now, node) for mark in marks for who, end in mark.outcomes.items()],
    )


def _require_hold(connection: Connection, letters: Collection[int], node: str) -> None:
    """On a server, until this transaction ends: nobody can take the letters from the node."""
    if not letters or not is_server(connection):
        return
    held = set(connection.scalars(_HELD, {"node": node, "letters": sorted(letters)}))
    if lost := set(letters) - held:
        require_alive(connection, node)
        raise TakenOver(
            f"letter {min(lost)} is not in the hands of node {node} any more: another node has it."
        )


_HELD = (
    select(OUTBOX.c.id)
    .join(NODE, NODE.c.id == OUTBOX.c.lease_owner)
    .where(
        among(OUTBOX.c.id, "letters"), OUTBOX.c.state == "sending", OUTBOX.c.lease_owner == bindparam("node")
    )
    .order_by(OUTBOX.c.id)
    .with_for_update(read=True)
)


def unsettled(connection: Connection, node: str) -> list[Unsettled]:
    """Results that nodes which live no more have left, by letter, oldest letter first."""
    attempts: dict[tuple[int, str], dict[str, Outcome]] = {}
    for row in connection.execute(_left(connection, node).where(MARK.c.result.is_not(None))):
        attempts.setdefault((row.letter_id, row.node), {})[row.recipient] = _outcome(row)
    return [Unsettled(*attempt, outcomes) for attempt, outcomes in attempts.items()]


def dots(connection: Connection, node: str) -> dict[int, tuple[str, ...]]:
    """Letters whose dot was written by nodes that live no more, and whose reply was never read."""
    letters: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(_left(connection, node).where(MARK.c.result.is_(None))):
        letters[row.letter_id] = (*letters.get(row.letter_id, ()), row.recipient)
    return letters


def _left(connection: Connection, node: str) -> Select[Any]:
    free = is_free(connection, MARK.c.node, node)
    return select(MARK).where(free).order_by(MARK.c.letter_id, MARK.c.recipient)


@cache
def _clear(server: bool) -> Delete:
    """Attempts of `by` are settled; what dead nodes left in their dots has been tried again by it."""
    by: BindParameter[str] = bindparam("by")
    old_dot = and_(MARK.c.result.is_(None), free_from(MARK.c.node, by, server=server))
    return delete(MARK).where(among(MARK.c.letter_id, "letters"), or_(MARK.c.node == by, old_dot))


def _row(
    letter_id: int, recipient: str, outcome: Outcome | None, now: datetime, node: str
) -> dict[str, object]:
    result, reason, host_down = _spelled(outcome)
    return {
        "letter_id": letter_id,
        "recipient": recipient,
        "result": result,
        "reason": reason,
        "host_down": host_down,
        "at": now,
        "node": node,
    }


def _spelled(outcome: Outcome | None) -> tuple[str | None, str, bool]:
    match outcome:
        case Accepted(reply):
            return "accepted", reply, False
        case TryLater(reason, host_down, ours):
            return "ours" if ours else "later", reason, host_down
        case Refused(reason):
            return "refused", reason, False
        case None:
            return None, "", False


def _outcome(row: Row[Any]) -> Outcome:
    if row.result == "accepted":
        return Accepted(row.reason)
    if row.result == "refused":
        return Refused(row.reason)
    return TryLater(row.reason, row.host_down, ours=row.result == "ours")
