"""Databases for the store's tests: real files, or the server that HELPDESK_TEST_URL names."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from helpdesk.model.mail import Arrival, Road
from helpdesk.model.people import Address
from helpdesk.store import migrate
from helpdesk.store.outbox import NewLetter
from helpdesk.store.session import Database, spool_url

NOW = datetime(2026, 3, 2, 9, 30, 15, 250, tzinfo=UTC)
ANNE = Address("Anne", "anne@customer.example")
BART = "bart@staff.example"
CATE = "cate@staff.example"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def url(folder: Path) -> str:
    return os.environ.get("HELPDESK_TEST_URL") or f"sqlite:///{folder / 'helpdesk.db'}"


def make_desk(folder: Path) -> Database:
    desk = Database(url(folder))
    _empty_server(desk)
    migrate.upgrade(desk, "desk")
    return desk


def make_spool(folder: Path) -> Database:
    """After make_desk, where a test needs both."""
    spool = Database(spool_url(url(folder)))
    migrate.upgrade(spool, "spool")
    return spool


def _empty_server(database: Database) -> None:
    if not database.is_sqlite:
        with database.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))


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
