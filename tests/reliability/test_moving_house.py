"""`db copy`: the whole desk arrives in the other store, or nothing does."""

import os
import warnings

import pytest
from desks_on_disk import LATE, NOW, TABLES, House, letter
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from helpdesk.model.mail import Arrival, Road
from helpdesk.store import copying, identity, inbox, migrate, outbox, people
from helpdesk.store.progress import silent
from helpdesk.store.schema import HANDLED, INBOX, MESSAGE_ID
from helpdesk.store.session import AlreadyRunning, NeedsUpgrade, StoreError
from helpdesk.testing.postgres import a_database

pytestmark = pytest.mark.postgres

_STRIDE = 13  # every statement of more than a hundred would take minutes


@pytest.fixture
def server():
    with a_database() as url:
        yield url


@pytest.fixture
def houses(tmp_path):
    opened = []

    def make(name, url=""):
        opened.append(House(tmp_path / name, url))
        return opened[-1]

    yield make
    for house in opened:
        house.close()


def copy(source, target):
    return copying.copy(source.stores, target.stores, silent)


def test_a_desk_moves_to_a_server_and_back_without_a_change(server, houses):
    old, there, back = houses("old").fill(), houses("there", server), houses("back")
    told = []

    rows = copying.copy(old.stores, there.stores, lambda *step: told.append(step))
    copy(there, back)

    assert there.everything() == back.everything() == old.everything()
    assert rows == {table.name: len(old.contents(table)) for table in TABLES}
    assert min(rows.values()) > 0
    assert ("copying inbox", 3, 3) in told
    for house in (there, back):
        migrate.check(house.desk, "desk")
        migrate.check(house.spool, "spool")


def test_far_dates_and_hashed_keys_stay_what_they_are(server, houses):
    old, there = houses("old").fill(), houses("there", server)

    copy(old, there)

    assert there.rows(HANDLED)[0].date == LATE
    assert len(there.rows(MESSAGE_ID)[0].message_id) == 400 + 1 + 64


def test_ids_that_were_given_are_not_given_again(server, houses):
    """Inbox row 4, letter 3 and turn 1 were given before; 4 and 3 were deleted since."""
    old, there, back = houses("old").fill(), houses("there", server), houses("back")

    copy(old, there)
    copy(there, back)

    for house in (there, back):
        with house.spool.write() as spool:
            assert inbox.append(spool, [Arrival(b"x", Road.SMTP, NOW, "a@b.example")]) == [5]
        with house.desk.write() as desk:
            assert outbox.queue(desk, letter(4), NOW) == 4
            people.record_turn(desk, 7, "bart@staff.example", "claim", NOW)
            people.record_turn(desk, 7, "bart@staff.example", "claim", NOW)
    with there.desk.write() as desk:
        assert desk.scalar(text("SELECT nextval('ticket_number')")) == 8


def test_the_moved_desk_is_the_same_desk_and_only_that(server, houses, tmp_path):
    old, there = houses("old").fill(), houses("there", server)

    copy(old, there)
    (there.folder / "secret").write_bytes((old.folder / "secret").read_bytes())
    (there.folder / "secret").chmod(0o600)

    assert there.start()
    assert (there.folder / "desk").read_text() == (old.folder / "desk").read_text()


def test_a_store_with_a_desk_is_not_filled(server, houses):
    old, there = houses("old").fill(), houses("there", server).fill(mails=9)
    before = there.everything()

    with pytest.raises(StoreError, match="is not empty"):
        copy(old, there)
    assert there.everything() == before


def test_a_store_on_which_a_desk_has_started_is_not_filled(server, houses):
    with pytest.raises(StoreError, match="a desk has been started there"):
        copy(houses("old").fill(), houses("there", server).start())


def test_a_desk_on_a_server_must_stand_still(server, houses):
    there = houses("there", server).fill()
    with there.spool.write() as spool:
        spool.execute(text("INSERT INTO node VALUES ('n1', 'host-7', now(), now() + interval '1 minute')"))

    with pytest.raises(AlreadyRunning, match="host-7"):
        copy(there, houses("back"))
    assert not (houses("back").folder / "helpdesk.db").exists()


def test_no_node_begins_while_a_desk_is_copied(server, houses):
    there = houses("there", server).fill()
    refused = []

    def begin():
        with there.spool.write() as spool:
            spool.execute(text("SET LOCAL lock_timeout = '200ms'"))
            spool.execute(text("INSERT INTO node VALUES ('n1', 'host-7', now(), now())"))

    def try_to_begin(*_):
        with pytest.raises(OperationalError, match="lock timeout"):
            begin()
        refused.append(True)

    copying.copy(there.stores, houses("back").stores, try_to_begin)

    assert refused
    begin()


def test_an_old_desk_is_upgraded_first(server, houses):
    old = houses("old").fill()
    with old.desk.write() as desk:
        desk.execute(text("UPDATE alembic_version_desk SET version_num = '0001'"))

    with pytest.raises(NeedsUpgrade, match="db upgrade"):
        copy(old, houses("there", server))


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_copy_killed_anywhere_leaves_an_empty_store_that_can_be_filled(server, houses, direction):
    source, target = houses("files").fill(), houses("server", server)
    if direction == "from":
        copy(source, target)
        source, target = target, houses("back")
    cuts = 0
    while killed_copy(source, target, at=_STRIDE * cuts + 1):
        cuts += 1
        assert not identity.has_data(target.spool, target.desk)
    assert cuts > 5, "the test went blind"
    assert target.everything() == source.everything()


def killed_copy(source, target, at):
    """Copy in a child that dies before its statement number `at`; False if it came to its end."""
    source.close()
    target.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        child = os.fork()
    if child == 0:
        statements = 0

        def die(*_):
            nonlocal statements
            statements += 1
            if statements == at:
                os._exit(9)

        try:
            event.listen(Engine, "before_cursor_execute", die)
            copy(source, target)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


def test_big_mails_do_not_pile_up_in_memory(server, houses):
    """Rows are handed on when 8 MB are together, however many may go at once."""
    old = houses("old").start()
    with old.spool.write() as spool:
        inbox.append(spool, [Arrival(bytes(3_000_000), Road.SMTP, NOW, "a@b.example") for _ in range(9)])
    with old.spool.read() as spool:
        batches = [len(rows) for rows in copying._batches(spool, copying._plain(INBOX))]

    assert batches == [3, 3, 3]
