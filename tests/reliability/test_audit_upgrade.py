"""A desk of the first schema with a life behind it: after the upgrade its history is chained and the audit clean."""

from contextlib import nullcontext

import pytest
from alembic import command
from sqlalchemy import bindparam, inspect, select, text

from helpdesk.flow.audit import audit
from helpdesk.store import migrate
from helpdesk.store.schema import DESK, JOURNAL, TICKET
from helpdesk.store.session import Database
from helpdesk.testing.desk import Desk
from helpdesk.testing.postgres import a_database


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """The life of a desk in tables of the first schema, at `url`, and the spool it belongs to."""
    with _empty(request.param, tmp_path) as url:
        lived = Desk(tmp_path / "lived")
        _live(lived)
        desk = Database(url)
        _first_schema(desk)
        _copy(lived.shop.desk, desk)
        yield lived.shop.spool, desk
        desk.close()
        lived.close()


def _empty(kind, folder):
    (folder / "lived").mkdir()
    if kind == "sqlite":
        return nullcontext(f"sqlite:///{folder}/helpdesk.db")
    return a_database()


def _live(desk):
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("It is on its way.")
    desk.bart.answers("#close")
    desk.dora.replies("", "close_notice")
    desk.votes(1, 4, "good")
    for number in range(3):
        desk.anne.asks(f"Question {number}", "Where is it?")


def _first_schema(desk):
    with desk.write() as connection:
        command.upgrade(migrate.alembic_config(connection, "desk", migrate.migrations_folder()), "0001")


def _copy(source, target):
    """Every row in the columns that there were."""
    with source.read() as old, target.write() as new:
        for table in DESK.sorted_tables:
            if not inspect(new).has_table(table.name):
                continue
            there = {column["name"] for column in inspect(new).get_columns(table.name)}
            columns = [column for column in table.columns if column.name in there]
            rows = [row._asdict() for row in old.execute(select(*columns))]
            if rows:
                names = ", ".join(f'"{column.name}"' for column in columns)
                values = ", ".join(f":{column.name}" for column in columns)
                insert = text(f'INSERT INTO "{table.name}" ({names}) VALUES ({values})')
                new.execute(insert.bindparams(*(bindparam(c.name, type_=c.type) for c in columns)), rows)


def test_the_upgrade_chains_what_there_is(old):
    spool, desk = old
    migrate.upgrade(desk, "desk")
    result = audit(spool, desk)

    assert result.findings == []
    assert (result.tickets, result.found) == (4, 0)
    with desk.read() as connection:
        changes = {
            row.ticket: row.changes for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.id))
        }
        first = connection.execute(
            select(JOURNAL.c.changes).where(JOURNAL.c.ticket == 1).order_by(JOURNAL.c.id)
        )
        assert first.scalars().first() == {}
    assert changes[1]["status"] == "closed"
    assert changes[1]["rating_score"] == 4


def test_a_ticket_without_any_line_stays_a_finding(old):
    """Nobody wrote down how it came to be: an upgrade cannot know it either, and says so."""
    spool, desk = old
    with desk.write() as connection:
        connection.execute(text("DELETE FROM journal WHERE ticket = 3"))
    migrate.upgrade(desk, "desk")

    assert [(finding.ticket, finding.line) for finding in audit(spool, desk).findings] == [(3, None)]
    with desk.read() as connection:
        assert connection.scalar(select(TICKET.c.journal_head).where(TICKET.c.number == 3)) == ""
