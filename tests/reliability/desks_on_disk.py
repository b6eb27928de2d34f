"""Desks with something in every table, on SQLite or on a server, for backup, restore and moving house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import String, func, insert, select

from helpdesk.config import load_or_make_secret
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.people import Address
from helpdesk.store import identity, inbox, migrate, outbox, tickets
from helpdesk.store.backup.restore import Place
from helpdesk.store.columns import CleanLine, CleanText, Json, Key, Span, UtcTime
from helpdesk.store.outbox import NewLetter
from helpdesk.store.schema import DESK, INBOX, NODE, NUMBERS_FROM, OUTBOX, SPOOL
from helpdesk.store.session import Database, spool_url

NOW = datetime(2026, 3, 2, 9, 30, 15, 250, tzinfo=UTC)
LATE = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
ANNE = Address("Anne", "anne@customer.example")
TABLES = [table for table in (*SPOOL.sorted_tables, *DESK.sorted_tables) if table is not NODE]


@dataclass
class House:
    """A desk in `folder`; its databases there, or on the server that `url` names."""

    folder: Path
    url: str = ""

    def __post_init__(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = self.url or f"sqlite:///{self.folder / 'helpdesk.db'}"
        self.desk, self.spool = Database(url), Database(spool_url(url))

    @property
    def place(self):
        return Place(self.spool, self.desk, self.folder)

    @property
    def stores(self):
        return {"spool": self.spool, "desk": self.desk}

    def start(self):
        """What the start of a daemon does with the databases."""
        identity.require_no_loss(self.spool, self.desk, self.folder)
        migrate.upgrade(self.spool, "spool")
        migrate.upgrade(self.desk, "desk")
        identity.confirm(self.spool, self.desk, self.folder, load_or_make_secret(self.folder))
        return self

    def fill(self, mails=3):
        """Rows in every table; letters 1 (queued) and 2 (being sent), and ids whose rows are gone."""
        self.start()
        with self.spool.write() as spool:
            raws = [bytes([number, 0, 255]) * 1000 * (number + 1) for number in range(mails + 1)]
            ids = inbox.append(spool, [Arrival(raw, Road.SMTP, NOW, "anne@customer.example") for raw in raws])
            spool.execute(INBOX.delete().where(INBOX.c.id == ids[-1]))
            self._one_of_each(spool, SPOOL)
        with self.desk.write() as desk:
            tickets.create(desk, 7, {"subject": "hello", "customer": ANNE}, NOW)
            for number in (1, 2, 3):
                outbox.queue(desk, letter(number), NOW)
            desk.execute(OUTBOX.update().where(OUTBOX.c.id == 2).values(state="sending", lease_owner="n1"))
            recipients = DESK.tables["outbox_recipient"]
            desk.execute(recipients.delete().where(recipients.c.letter_id == 3))
            desk.execute(OUTBOX.delete().where(OUTBOX.c.id == 3))
            self._one_of_each(desk, DESK)
        return self

    def _one_of_each(self, connection, metadata):
        for table in metadata.sorted_tables:
            if not connection.scalar(select(func.count()).select_from(table)) and table is not NODE:
                connection.execute(insert(table).values(row_of(table)))

    def contents(self, table):
        """Rows as they are stored, in the order of their keys; without the gap in the numbers that a restore leaves."""
        database = self.spool if table.name in SPOOL.tables else self.desk
        with database.read() as connection:
            rows = [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        return [row for row in rows if row[0] != NUMBERS_FROM]

    def everything(self):
        return {table.name: self.contents(table) for table in TABLES}

    def letters(self):
        return {row.id: row.state for row in self.rows(OUTBOX)}

    def rows(self, table):
        database = self.spool if table.name in SPOOL.tables else self.desk
        with database.read() as connection:
            return connection.execute(select(table)).all()

    def close(self):
        self.spool.close()
        self.desk.close()


def letter(number):
    return NewLetter(
        ticket=7,
        letter="answer",
        audience="c",
        to=(ANNE.address,),
        cc=(),
        subject="hello",
        message_id=f"m{number}@desk.example",
        sender="help@desk.example",
        raw=bytes([number]) * 500,
    )


def row_of(table):
    """A value for every column: far dates, long keys, a NUL's replacement, a ticket that is there."""
    return {column.name: _value(column) for column in table.columns}


def _value(column):
    if column.foreign_keys:
        return 7 if next(iter(column.foreign_keys)).column.table.name == "ticket" else 1
    if column.name == "state":
        return {"handled": "done", "held": "waiting"}.get(column.table.name, "waiting")
    if isinstance(column.type, UtcTime):
        return LATE
    if isinstance(column.type, Json):
        return ["\u0000", "ü", {"a": 1}]
    if isinstance(column.type, Key):
        return "k" * 900  # cut and hashed once, and not again
    if isinstance(column.type, Span):
        return NOW - NOW.replace(year=2025)
    if isinstance(column.type, CleanText | CleanLine | String):
        return "é\u2028"
    kind = column.type.python_type
    return {bytes: b"\x00\xff", bool: True}.get(kind, 1)
