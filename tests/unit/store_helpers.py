"""Databases for the store's tests: every test of a `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.model.mail import Arrival, Road
from helpdesk.model.people import Address
from helpdesk.store.outbox import NewLetter
from helpdesk.store.session import Database, spool_url
from helpdesk.testing import postgres, stores

NOW = datetime(2026, 3, 2, 9, 30, 15, 250, tzinfo=UTC)
ANNE = Address("Anne", "anne@customer.example")
BART = "bart@staff.example"
CATE = "cate@staff.example"
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class Store:
    """A spool and a desk with today's tables, in two files or in one database of a server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.desk, self.spool = Database(url), Database(spool_url(url))
        stores.open_store(self.desk, "desk")
        stores.open_store(self.spool, "spool")

    @property
    def is_sqlite(self) -> bool:
        return self.desk.is_sqlite

    def close(self) -> None:
        self.desk.close()
        self.spool.close()


@contextmanager
def open_store(kind: str, folder: Path) -> Iterator[Store]:
    """`kind` is one of KINDS. Closed and gone afterwards."""
    if kind == "sqlite":
        store = Store(f"sqlite:///{folder / 'helpdesk.db'}")
        yield store
        store.close()
        return
    with postgres.a_database(upgraded=True) as url:
        store = Store(url)
        yield store
        store.close()


def arrival(raw: bytes = b"Subject: hello\r\n\r\nhello\r\n", road: Road = Road.SMTP) -> Arrival:
    return Arrival(raw, road, NOW, ANNE.address, ("help@desk.example",))


def letter(*to: str, ticket: int | None = None, message_id: str = "m1@desk.example") -> NewLetter:
    return NewLetter(
        ticket=ticket,
        letter="acknowledgement",
        audience="c",
        to=to or (ANNE.address,),
        cc=(),
        subject="[#1] hello",
        message_id=message_id,
        sender="",
        raw=b"Subject: [#1] hello\r\n\r\nhello\r\n",
    )
