"""Turns and yellow cards, and the rota that follows from them; nothing is counted in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from helpdesk.model.affairs import GivenCard
from helpdesk.model.events import PastTurn, Rota, Turn
from helpdesk.model.people import Person
from helpdesk.model.policy import Cards
from helpdesk.model.ticket import Status
from helpdesk.store import absences
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.holding import holds_everything
from helpdesk.store.later import about
from helpdesk.store.schema import ABSENCE, CARD, TURN
from helpdesk.store.statements import add, add_later

MOST_COUNTED = 100
"""Open tickets of one operator: more than anybody has in hand; only a limit above it needs to know of more."""

_OPEN = (Status.OPEN, Status.PENDING, Status.ON_HOLD)

_TURNS = about(
    select(TURN.c.operator, TURN.c.how, TURN.c.at)
    .where(TURN.c.ticket == bindparam("ticket"))
    .order_by(TURN.c.number),
    "ticket",
)


@dataclass(slots=True)
class _Standing:
    """Of each operator the last turn and the cards that count, and who is away; `asked`: for whom, by what rules."""

    asked: tuple[tuple[Person, ...], Cards]
    last_turns: dict[str, datetime | None]
    cards: dict[str, int]
    away: dict[str, absences.Absence]


def record_turn(connection: Connection, number: int, operator: str, how: str, now: datetime) -> None:
    """The operator (registered address) got ticket `number`; `how` as in TurnTaken."""
    who = operator.lower()
    row = {"ticket": number, "operator": who, "how": how, "at": now}
    if known := foreseen(connection, _Standing):
        known.last_turns[who] = max(now, known.last_turns.get(who) or now)
        add_later(connection, TURN, [row])
    else:
        add(connection, TURN, [row])


def add_card(
    connection: Connection, number: int | None, operator: str, reason: str, now: datetime, evidence: str = ""
) -> None:
    row = {"ticket": number, "operator": operator.lower(), "reason": reason, "at": now, "evidence": evidence}
    connection.execute(insert(CARD), row)


def lift_cards(connection: Connection, operator: str, now: datetime, by: str = "") -> int:
    """PIC (address `by`) forgive the operator's cards so far; return how many."""
    standing = update(CARD).where(CARD.c.operator == operator.lower(), CARD.c.lifted_at.is_(None))
    return connection.execute(standing.values(lifted_at=now, lifted_by=by)).rowcount


def appeal_card(connection: Connection, card_id: int, words: str, now: datetime) -> None:
    """The operator's words stand on their card; a second appeal stands below the first."""
    before = connection.scalar(select(CARD.c.appeal).where(CARD.c.id == card_id))
    both = "\n\n".join(filter(None, (before, words)))
    connection.execute(update(CARD).where(CARD.c.id == card_id).values(appeal=both, appealed_at=now))


def cards(
    connection: Connection,
    operator: str | None = None,
    since: datetime | None = None,
    tickets: Sequence[int] | None = None,
) -> list[GivenCard]:
    """Cards, oldest first, lifted ones included; each argument narrows."""
    query = select(CARD).order_by(CARD.c.at, CARD.c.id)
    if operator is not None:
        query = query.where(CARD.c.operator == operator.lower())
    if since is not None:
        query = query.where(CARD.c.at >= since)
    if tickets is not None:
        query = query.where(CARD.c.ticket.in_(tickets))
    return [GivenCard(**row._asdict()) for row in connection.execute(query)]


def rota(
    connection: Connection, operators: Sequence[Person], now: datetime, cards: Cards, most: int = MOST_COUNTED
) -> Rota:
    """Every operator's standing, in the order given: last turn, open tickets, cards that count now, absence.

    Open tickets are counted up to `most`: who has so many has them in this number or more; at 0 nobody's are.
    """
    if not operators:
        return ()
    known = foreseen(connection, _Standing)
    if known is None or known.asked != (tuple(operators), cards):
        known = _standing(connection, operators, now, cards)
    loads = _loads(connection, operators, most)

    def turn(operator: Person, open_tickets: int) -> Turn:
        who = operator.address.lower()
        number, absence = known.cards[who], known.away.get(who)
        suspended = number >= cards.limit > 0
        return Turn(
            operator,
            known.last_turns[who],
            open_tickets,
            number,
            away=absence is not None,
            suspended=suspended,
            away_until=absence.until if absence else None,
            away_why=absence.why if absence else "",
        )

    return tuple(map(turn, operators, loads))


def turns_of(connection: Connection, number: int) -> tuple[PastTurn, ...]:
    """Who has got the ticket so far, oldest first."""
    return tuple(PastTurn(*row) for row in connection.execute(_TURNS, {"ticket": number}))


def last_turn_at(connection: Connection, operator: Person) -> datetime | None:
    at: datetime | None = connection.scalar(_LAST_TURN, {"who": operator.address.lower()})
    return at


_LAST_TURN = select(func.max(TURN.c.at)).where(TURN.c.operator == bindparam("who"))


def _standing(connection: Connection, operators: Sequence[Person], now: datetime, cards: Cards) -> _Standing:
    """As it is now; where nobody else writes it is known until this transaction ends."""
    number, them = len(operators), [operator.address.lower() for operator in operators]
    asked = {**_numbered(operators), "since": now - cards.period, "now": now}
    row = connection.execute(_standing_of(number), asked).one()
    standing = _Standing(
        asked=(tuple(operators), cards),
        last_turns=dict(zip(them, row[:number], strict=True)),
        cards=dict(zip(them, row[number : 2 * number], strict=True)),
        away=absences.standing(connection, now) if row[-1] else {},
    )
    if holds_everything(connection):
        keep(connection, standing, [TURN, CARD, ABSENCE])
    return standing


@cache
def _standing_of(operators: int) -> Select[Any]:
    """In one row, with looks into an index for each operator: the tables grow with every ticket."""
    them: list[BindParameter[str]] = [bindparam(f"who_{index}") for index in range(operators)]
    last_turns = (select(func.max(TURN.c.at)).where(TURN.c.operator == one) for one in them)
    counts_now = and_(CARD.c.at > bindparam("since"), CARD.c.lifted_at.is_(None))
    cards = (select(func.count()).select_from(CARD).where(CARD.c.operator == one, counts_now) for one in them)
    return select(*(one.scalar_subquery() for one in (*last_turns, *cards)), absences.ANYBODY)


def _loads(connection: Connection, operators: Sequence[Person], most: int) -> Sequence[int]:
    """One look into the index for each operator, which ends at `most`: the desk asks this for every mail."""
    if not most:
        return (0,) * len(operators)
    asked = {**_numbered(operators), "most": most}
    return tuple(connection.execute(_open_tickets_of(len(operators)), asked).one())


def _numbered(operators: Sequence[Person]) -> dict[str, str]:
    return {f"who_{index}": operator.address.lower() for index, operator in enumerate(operators)}


@cache
def _open_tickets_of(operators: int) -> TextClause:
    """The number of open tickets of :who_0, :who_1 and so on, in one row; as text, for it is long and asked often."""
    statuses = ", ".join(f"'{status}'" for status in _OPEN)
    theirs = "SELECT 1 FROM ticket WHERE operator = :who_{0} AND status IN ({1}) LIMIT :most"
    counts = (
        f"(SELECT count(*) FROM ({theirs.format(index, statuses)}) AS theirs_{index})"  # noqa: S608 - our own words
        for index in range(operators)
    )
    return text(f"SELECT {', '.join(counts)}")
