"""Statements that are written once for both databases: lists as one parameter, many rows with their keys in order."""

from __future__ import annotations

import pytest
from sqlalchemy import not_, select
from store_helpers import KINDS, NOW, letter, open_store

from helpdesk.store import outbox
from helpdesk.store.among import among
from helpdesk.store.schema import OUTBOX
from helpdesk.store.statements import insert_all

_IDS = select(OUTBOX.c.id).order_by(OUTBOX.c.id)
_THESE = _IDS.where(among(OUTBOX.c.id, "ids"))
_OTHERS = _IDS.where(not_(among(OUTBOX.c.id, "ids")))
_OF_THESE = _IDS.where(among(OUTBOX.c.message_id, "message_ids"))


@pytest.fixture(params=KINDS)
def connection(request, tmp_path):
    with open_store(request.param, tmp_path) as store, store.desk.write() as connection:
        yield connection


@pytest.fixture
def letters(connection):
    """The ids of five letters, whose message ids are in falling order."""
    new = [letter(message_id=f"m{5 - number}'\"@desk.example") for number in range(5)]
    return outbox.queue_all(connection, [(one, NOW) for one in new])


@pytest.mark.parametrize("chosen", [[], [2], [4, 0, 4], [0, 1, 2, 3, 4]])
def test_a_list_of_numbers_is_one_parameter_however_long(connection, letters, chosen):
    ids = [letters[index] for index in chosen]

    assert list(connection.scalars(_THESE, {"ids": ids})) == sorted(set(ids))
    assert list(connection.scalars(_OTHERS, {"ids": ids})) == sorted(set(letters) - set(ids))


def test_a_list_of_texts_is_one_parameter_whatever_stands_in_them(connection, letters):
    asked = ["m5'\"@desk.example", "nobody's, {\\", ""]

    assert list(connection.scalars(_OF_THESE, {"message_ids": asked})) == letters[:1]


@pytest.mark.parametrize("number", [0, 1, 7])
def test_the_keys_of_many_rows_come_in_the_order_of_the_rows(connection, letters, number):
    rows = [
        {**outbox._row(letter(message_id=f"n{index}@desk.example"), NOW), "state": "queued"}
        for index in range(number)
    ]

    keys = insert_all(connection, OUTBOX, rows)

    found = {row.id: row.message_id for row in connection.execute(select(OUTBOX.c.id, OUTBOX.c.message_id))}
    assert [found[key] for key in keys] == [row["message_id"] for row in rows]
    assert all(key > letters[-1] for key in keys)
