"""The sender's marks: which letter is in its dot, and how attempts ended, until the worker has settled them.
Each names the node whose sender wrote it; what a dead node has left is read by the others.

Only "dot written, no result" is ambiguous after a crash (P4, F11); everything else is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, or_, select

from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.store.nodes import TakenOver, is_free, require_alive
from helpdesk.store.schema import MARK, OUTBOX
from helpdesk.store.session import is_server
from helpdesk.store.statements import put


@dataclass(frozen=True, slots=True)
class Unsettled:
    """The results of one attempt that the desk worker has not taken over yet; `node` made it."""

    letter_id: int
    node: str
    outcomes: Mapping[str, Outcome]


def mark_dot(
    connection: Connection, letter_id: int, recipients: Sequence[str], now: datetime, node: str
) -> None:
    """The final dot for these recipients is about to be written; forgets their earlier results.

    Raises TakenOver when the letter is no longer the node's to send: a node that was frozen past its lease.
    """
    _require_hold(connection, letter_id, node)
    who = dict.fromkeys(recipients)
    put(connection, MARK, [_row(letter_id, recipient, None, now, node) for recipient in who])


def _require_hold(connection: Connection, letter_id: int, node: str) -> None:
    """On a server, until this transaction ends: nobody can take the letter from the node."""
    if not is_server(connection):
        return
    require_alive(connection, node)
    held = select(OUTBOX.c.lease_owner).where(OUTBOX.c.id == letter_id, OUTBOX.c.state == "sending")
    if connection.scalar(held.with_for_update(read=True)) != node:
        raise TakenOver(
            f"letter {letter_id} is not in the hands of node {node} any more: another node has it."
        )


def mark_result(
    connection: Connection, letter_id: int, outcomes: Mapping[str, Outcome], now: datetime, node: str
) -> None:
    put(connection, MARK, [_row(letter_id, who, outcome, now, node) for who, outcome in outcomes.items()])


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


def clear(connection: Connection, letter_id: int, node: str) -> None:
    """The node's attempt is settled; what a dead one left in its dot has been tried again by it."""
    old_dot = and_(MARK.c.result.is_(None), is_free(connection, MARK.c.node, node))
    connection.execute(delete(MARK).where(MARK.c.letter_id == letter_id, or_(MARK.c.node == node, old_dot)))


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
