"""The sender's marks: which letter is in its dot, and how attempts ended, until the worker has settled them.

Only "dot written, no result" is ambiguous after a crash (P4, F11); everything else is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.store.schema import MARK
from helpdesk.store.statements import put


def mark_dot(connection: Connection, letter_id: int, recipients: Sequence[str], now: datetime) -> None:
    """The final dot for these recipients is about to be written; forgets their earlier results."""
    put(connection, MARK, [_row(letter_id, recipient, None, now) for recipient in dict.fromkeys(recipients)])


def mark_result(
    connection: Connection, letter_id: int, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    put(connection, MARK, [_row(letter_id, who, outcome, now) for who, outcome in outcomes.items()])


def unsettled(connection: Connection) -> list[tuple[int, Mapping[str, Outcome]]]:
    """Results that the desk worker has not taken over yet, by letter, oldest letter first."""
    letters: dict[int, dict[str, Outcome]] = {}
    query = select(MARK).where(MARK.c.result.is_not(None)).order_by(MARK.c.letter_id, MARK.c.recipient)
    for row in connection.execute(query):
        letters.setdefault(row.letter_id, {})[row.recipient] = _outcome(row)
    return list(letters.items())


def dots(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Letters whose dot was written and whose reply was never read, with those recipients."""
    letters: dict[int, tuple[str, ...]] = {}
    query = select(MARK).where(MARK.c.result.is_(None)).order_by(MARK.c.letter_id, MARK.c.recipient)
    for row in connection.execute(query):
        letters[row.letter_id] = (*letters.get(row.letter_id, ()), row.recipient)
    return letters


def clear(connection: Connection, letter_ids: Collection[int]) -> None:
    connection.execute(delete(MARK).where(MARK.c.letter_id.in_(letter_ids)))


def _row(letter_id: int, recipient: str, outcome: Outcome | None, now: datetime) -> dict[str, object]:
    result, reason, host_down = _spelled(outcome)
    return {
        "letter_id": letter_id,
        "recipient": recipient,
        "result": result,
        "reason": reason,
        "host_down": host_down,
        "at": now,
    }


def _spelled(outcome: Outcome | None) -> tuple[str | None, str, bool]:
    match outcome:
        case Accepted(reply):
            return "accepted", reply, False
        case TryLater(reason, host_down):
            return "later", reason, host_down
        case Refused(reason):
            return "refused", reason, False
        case None:
            return None, "", False


def _outcome(row: Row[Any]) -> Outcome:
    if row.result == "accepted":
        return Accepted(row.reason)
    return Refused(row.reason) if row.result == "refused" else TryLater(row.reason, row.host_down)
