"""Automatic letters that customers' own mail caused, counted so that the desk is no cannon for spam (F13, T7).

On a server whoever counts holds the domain, and near the cap of all also that one name, until the transaction
ends: two nodes that count at the same instant never write one letter too many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from helpdesk.model.alarms import Flood
from helpdesk.model.effects import ON_TICKETS, ONE_A_DAY, Greet
from helpdesk.model.events import Greetings
from helpdesk.model.people import folded
from helpdesk.store import statements
from helpdesk.store.among import among
from helpdesk.store.columns import as_key
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.holding import hold
from helpdesk.store.personal import PREFERRED, PREFERRED_BY_ALL
from helpdesk.store.schema import GREETING, PREFERENCE

_NOT_OF_ITS_OWN = "assigned"
"""The letter that comes with an acknowledgement: one occasion, two letters."""

_NEAR = 100
"""More than there are nodes: so many letters may be under way that a count does not see yet."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_WRITTEN = GREETING.c.withheld == ""


@dataclass(slots=True)
class _Counted:
    """What has been written until `at`, to addresses and domains that were asked for; and the addresses' wishes."""

    at: datetime
    of_day: Counter[str]
    of_hour: Counter[str]
    of_domain: Counter[str]
    in_all: int
    wishes: dict[str, str]


def add(desk: Connection, greeted: Sequence[Greet], now: datetime) -> None:
    """Remember letters that were written, and some that were not."""
    rows = [_row(greet, now) for greet in greeted]
    if known := foreseen(desk, _Counted):
        for greet in greeted:
            _count_in(known, greet)
        statements.add_later(desk, GREETING, rows)
    else:
        statements.add(desk, GREETING, rows)


def _domain(address: str) -> str:
    return address.partition("@")[2]


def _count_in(known: _Counted, greet: Greet) -> None:
    known.in_all += 1
    if greet.withheld:
        return
    address, domain = as_key(greet.address), as_key(_domain(greet.address))
    if greet.letter in ON_TICKETS and address in known.of_day:
        known.of_day[address] += 1
        known.of_hour[address] += 1
    if greet.letter != _NOT_OF_ITS_OWN and domain in known.of_domain:
        known.of_domain[domain] += 1


def _row(greet: Greet, now: datetime) -> dict[str, Any]:
    return {
        "address": greet.address,
        "domain": _domain(greet.address),
        "letter": greet.letter,
        "verified": greet.verified,
        "withheld": greet.withheld,
        "at": now,
    }


def of_customer(
    desk: Connection, address: str, letters: Collection[str], cap: int, now: datetime
) -> tuple[Greetings, str]:
    """What has been written so far: these letters to the address, any to its domain; `cap`: all in an hour. And the
    language that the customer asked for, '' if none: both are wanted of whoever writes.

    Far from the cap it is enough to know how many of all there may be; near it no more than `cap` are counted: in a
    flood, what was withheld would have to be looked through each time.
    """
    domain = _domain(address)
    hold(desk, [f"greetings to {domain}"])
    known = _known(desk, address, letters, now)
    if known and known[0].in_all < cap - _NEAR:
        return known
    asked = {
        "address": address,
        "letters": list(letters),
        "domain": domain,
        **_windows(now),
    }
    wish, *at_most = desk.execute(_COUNTS, asked).one()
    greetings = Greetings(*at_most)
    if greetings.in_all >= cap - _NEAR:
        hold(desk, ["greetings"])
        greetings = Greetings(*desk.execute(_EXACTLY, {**asked, "cap": cap}).one())
    return greetings, wish or ""


def _known(
    desk: Connection, address: str, letters: Collection[str], now: datetime
) -> tuple[Greetings, str] | None:
    known, who, domain = foreseen(desk, _Counted), as_key(address), as_key(_domain(address))
    if known is None or letters != ON_TICKETS or who not in known.of_day or known.at > now:
        return None
    counts = Greetings(known.of_day[who], known.of_hour[who], known.of_domain[domain], known.in_all)
    return counts, known.wishes.get(who, "")


def foresee(desk: Connection, addresses: Iterable[str], now: datetime) -> None:
    """Ask for all of a batch at once what was written on tickets of these customers, and what language they want."""
    who = {folded(address) for address in addresses}
    domains = set(map(_domain, who))
    asked = {"addresses": who, "domains": domains, "letters": ON_TICKETS, **_windows(now)}
    to_them = desk.execute(_TO_ALL, asked).all()
    known = _Counted(
        now,
        of_day=Counter(dict.fromkeys(map(as_key, who), 0)),
        of_hour=Counter(),
        of_domain=Counter(dict.fromkeys(map(as_key, domains), 0)),
        in_all=desk.scalar(_IN_ALL, asked) or 0,
        wishes={row.address: row.language for row in desk.execute(PREFERRED_BY_ALL, asked)},
    )
    for address, of_day, of_hour in to_them:
        known.of_day[address], known.of_hour[address] = of_day, of_hour
    for domain, number in desk.execute(_TO_DOMAINS, asked):
        known.of_domain[domain] = number
    keep(desk, known, [GREETING, PREFERENCE])


def _windows(now: datetime) -> dict[str, datetime]:
    return {"an_hour_ago": now - _HOUR, "a_day_ago": now - _DAY}


def flood(desk: Connection, now: datetime) -> Flood | None:
    """What was not written in the last hour but for the everyday cap; None if nothing was."""
    unusual = (
        GREETING.c.at > now - _HOUR,
        GREETING.c.withheld != "",
        GREETING.c.withheld.not_like(f"{ONE_A_DAY}%"),
    )
    number, first = desk.execute(select(func.count(), func.min(GREETING.c.id)).where(*unusual)).one()
    if not number:
        return None
    row = desk.execute(select(GREETING.c.at, GREETING.c.withheld).where(GREETING.c.id == first)).one()
    return Flood(number, row.at, row.withheld)


def _at_most(name: str) -> Any:
    """How many ids were given since the newest that is an hour old: what is in the hour, and what was withheld.

    Ids grow as time does. Where a clock was set back, what is older than an hour by now may be missed, no more.
    """
    ids = select(GREETING.c.id)
    newest = select(func.max(GREETING.c.id)).scalar_subquery()
    before = ids.where(GREETING.c.at <= bindparam("an_hour_ago")).order_by(GREETING.c.at.desc()).limit(1)
    oldest = select(func.min(GREETING.c.id) - 1).scalar_subquery()
    return func.coalesce(newest - func.coalesce(before.scalar_subquery(), oldest), 0).label(name)


def _up_to_cap(name: str, *conditions: ColumnElement[bool]) -> Any:
    some = select(GREETING.c.id).where(_WRITTEN, *conditions).limit(bindparam("cap")).subquery()
    return select(func.count()).select_from(some).scalar_subquery().label(name)


def _count(name: str, *conditions: ColumnElement[bool]) -> Any:
    return (
        select(func.count()).select_from(GREETING).where(_WRITTEN, *conditions).scalar_subquery().label(name)
    )


_IN_HOUR = GREETING.c.at > bindparam("an_hour_ago")
_TO_THEM = (
    GREETING.c.address == bindparam("address"),
    among(GREETING.c.letter, "letters"),
)
_OF_ONE = (
    _count("of_day", *_TO_THEM, GREETING.c.at > bindparam("a_day_ago")),
    _count("of_hour", *_TO_THEM, _IN_HOUR),
    _count(
        "of_domain",
        GREETING.c.domain == bindparam("domain"),
        _IN_HOUR,
        GREETING.c.letter != _NOT_OF_ITS_OWN,
    ),
)
_IN_ALL = select(_at_most("in_all"))
_COUNTS = select(PREFERRED.scalar_subquery(), *_OF_ONE, _at_most("in_all"))
_EXACTLY = select(*_OF_ONE, _up_to_cap("in_all", _IN_HOUR))
_TO_ALL = (
    select(GREETING.c.address, func.count(), func.count().filter(_IN_HOUR))
    .where(
        _WRITTEN,
        among(GREETING.c.address, "addresses"),
        among(GREETING.c.letter, "letters"),
        GREETING.c.at > bindparam("a_day_ago"),
    )
    .group_by(GREETING.c.address)
)
_TO_DOMAINS = (
    select(GREETING.c.domain, func.count())
    .where(_WRITTEN, among(GREETING.c.domain, "domains"), _IN_HOUR, GREETING.c.letter != _NOT_OF_ITS_OWN)
    .group_by(GREETING.c.domain)
)
