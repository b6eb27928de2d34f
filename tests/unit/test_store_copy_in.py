"""Many rows go to a server at once, and are stored as if each had been inserted (T16, T24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select
from sqlalchemy.exc import IntegrityError
from store_helpers import NOW, Store

from helpdesk.store import copy_in
from helpdesk.store.copy_in import MANY
from helpdesk.store.schema import CARD, DEADLINE, OUTBOX, SETTING, TICKET
from helpdesk.store.statements import put

TEXTS = ("", "plain", "two\nlines\t\\N \\.", "Stra\u00dfe \U0001f4e6", "with \0 in it", "x" * 9000)


@pytest.fixture
def desk(store: Store) -> Iterator[Connection]:
    with store.desk.write() as connection:
        yield connection


def cards() -> list[dict[str, Any]]:
    odd = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), None
    return [
        {"operator": "bart@staff.example", "reason": reason, "at": NOW, "lifted_at": at, "ticket": None}
        for reason in TEXTS
        for at in odd
    ]


def stored(desk: Connection) -> list[tuple[Any, ...]]:
    columns = CARD.c.operator, CARD.c.reason, CARD.c.at, CARD.c.lifted_at, CARD.c.ticket
    return sorted((tuple(row) for row in desk.execute(select(*columns))), key=str)


def test_rows_are_stored_as_if_each_was_inserted(desk: Connection) -> None:
    desk.execute(insert(CARD).inline(), cards())
    together = stored(desk)
    desk.execute(CARD.delete())
    for card in cards():
        desk.execute(insert(CARD).inline(), card)

    assert together == stored(desk)
    assert len(together) == 18 > MANY


def test_ids_are_given_as_ever(desk: Connection) -> None:
    desk.execute(insert(CARD).inline(), cards())
    desk.execute(insert(CARD).inline(), cards()[0])

    assert list(desk.scalars(select(CARD.c.id).order_by(CARD.c.id))) == list(range(1, 20))


def test_who_says_more_than_values_is_understood(desk: Connection) -> None:
    """An expression, names of their own for the values, rows that may be there already."""
    names = [f"name {number}" for number in range(MANY)]
    rows = [{"its_name": name, "value": "v"} for name in names]
    desk.execute(
        insert(SETTING).values(name=bindparam("its_name"), value=func.upper(bindparam("value"))), rows
    )
    put(desk, SETTING, [{"name": name, "value": "w"} for name in (*names, "one more")])
    desk.execute(
        insert(SETTING).values(name=bindparam("its_name"), value=bindparam("value")),
        [{"its_name": f"another {number}", "value": "x"} for number in range(MANY)],
    )

    assert sorted(desk.scalars(select(SETTING.c.value))) == ["w"] * (MANY + 1) + ["x"] * MANY


@pytest.mark.parametrize("fault", ["twice", "of no ticket"])
def test_a_server_that_refuses_a_row_tells_nothing_of_the_others(store: Store, fault: str) -> None:
    """T24: what people wrote never stands in an error, nor in a log."""
    its = {"id": 1} if fault == "twice" else {"ticket": 99}
    rows = [{**card, "reason": "a secret", **its} for card in cards()]

    with pytest.raises(IntegrityError) as refused, store.desk.write() as connection:
        connection.execute(insert(CARD).inline(), rows)
    assert "secret" not in str(refused.value)
    with store.desk.read() as connection:
        assert stored(connection) == []


@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_server_is_sent_one_copy(store: Store) -> None:
    copied: list[str] = []
    with store.desk.write() as connection:
        event.listen(connection.engine, "do_executemany", lambda *given: copied.append(given[1]))
        connection.execute(insert(CARD).inline(), cards())
        assert copied == [], "what was copied goes no further"
        put(connection, SETTING, [{"name": f"{number}", "value": "v"} for number in range(MANY)])
        assert len(copied) == 1


@pytest.mark.parametrize("table", [CARD, DEADLINE, OUTBOX, SETTING, TICKET], ids=str)
def test_every_type_has_a_name_for_the_driver(table: Any) -> None:
    names = copy_in._types(table, tuple(column.name for column in table.columns))

    assert set(names) <= {"bigint", "integer", "text", "boolean", "bytea", "timestamptz"}
