"""A backup is whole or not there; a restore happens wholly or not at all, whenever it is killed."""

import json
import os
import sqlite3
import stat
import tarfile
import warnings
from contextlib import closing

import pytest
from desks_on_disk import NOW, House, letter
from sqlalchemy import insert, text

from helpdesk.store import identity, migrate, outbox, tickets
from helpdesk.store.backup import archive, making, restore, switching
from helpdesk.store.backup.archive import ArchiveBroken
from helpdesk.store.lock import FileLock
from helpdesk.store.progress import silent
from helpdesk.store.schema import DESK, MARK, NODE, OUTBOX
from helpdesk.store.session import AlreadyRunning, DatabaseFromTheFuture, StoreError
from helpdesk.testing.postgres import a_database

KINDS = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])


@pytest.fixture
def houses(tmp_path):
    """Makes desks: on files, or each on a database of its own."""
    opened, databases = [], []

    def make(name, kind="sqlite"):
        url = ""
        if kind == "postgresql":
            databases.append(a_database())
            url = databases[-1].__enter__()
        opened.append(House(tmp_path / name, url))
        return opened[-1]

    yield make
    for house in opened:
        house.close()
    for database in databases:
        database.__exit__(None, None, None)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "desk.tar"


def make(house, file, *, replace=False):
    return making.make(house.spool, house.desk, house.folder, file, now=NOW, replace=replace, progress=silent)


def put_back(house, file, *, replace=False, hold=False):
    house.close()
    try:
        return restore.restore(file, house.place, replace=replace, hold=hold, now=NOW, progress=silent)
    finally:
        house.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith((".lock", "-wal", "-shm")))


def secret(house):
    return (house.folder / "secret").read_bytes()


@KINDS
def test_a_desk_comes_back_as_it_was_with_its_secret_and_its_id(houses, file, kind):
    old = houses("old", kind).fill()
    manifest = make(old, file)
    new = houses("new", kind)

    put_back(new, file)

    assert new.everything() == old.everything()
    assert secret(new) == secret(old)
    assert new.start()  # nothing is wanting, and it is the same desk
    assert (new.folder / "desk").read_text() == (old.folder / "desk").read_text()
    migrate.check(new.desk, "desk")
    migrate.check(new.spool, "spool")
    assert manifest.rows["inbox"] == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(file.parent) == ["desk.tar", "new", "old"]


@KINDS
def test_ids_that_were_given_are_not_given_again_after_a_restore(houses, file, kind):
    old = houses("old", kind).fill()
    make(old, file)
    new = houses("new", kind)

    put_back(new, file)

    with new.desk.write() as desk:
        assert outbox.queue(desk, letter(4), NOW) == 4


@KINDS
def test_numbers_that_were_given_since_the_backup_are_not_given_to_others(houses, file, kind):
    """Signed addresses of those tickets are on letters out there: they must lead nobody to another's ticket."""
    old = houses("old", kind).fill()
    make(old, file)
    new = houses("new", kind)

    put_back(new, file)

    with new.desk.write() as desk:
        assert tickets.take_number(desk) == 2000
        assert tickets.next_number(desk) == 2000


@KINDS
def test_letters_that_waited_still_wait_or_are_held_with_the_reason(houses, file, kind):
    old = houses("old", kind).fill()
    assert make(old, file).waiting_letters == 2
    waiting, held = houses("waiting", kind), houses("held", kind)

    put_back(waiting, file)
    put_back(held, file, hold=True)

    assert waiting.letters() == old.letters()
    assert held.letters() == {1: "failed", 2: "failed"}
    assert {row.last_error for row in held.rows(OUTBOX)} == {restore.HELD}
    with held.desk.write() as desk:
        outbox.retry(desk, 1, NOW)
    assert held.letters()[1] == "queued"
    recipients = {row.letter_id: row.state for row in held.rows(DESK.tables["outbox_recipient"])}
    assert recipients == {1: "waiting", 2: "gave_up"}


@KINDS
def test_a_desk_with_data_is_replaced_only_when_told_and_kept_beside(houses, file, kind):
    old = houses("old", kind).fill()
    make(old, file)
    other = houses("other", kind).fill(mails=9)
    before, its_secret = other.everything(), secret(other)

    with pytest.raises(StoreError, match=r"there is a desk with data already.*--replace"):
        put_back(other, file)
    assert other.everything() == before
    put_back(other, file, replace=True)

    assert other.everything() == old.everything()
    assert (other.folder / "secret.before-restore").read_bytes() == its_secret
    if kind == "sqlite":
        with closing(sqlite3.connect(other.folder / "spool.db.before-restore")) as kept:
            assert kept.execute("SELECT count(*) FROM inbox").fetchone() == (9,)
    else:
        with other.desk.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM before_restore.inbox")) == 9
    with pytest.raises(StoreError, match="kept by an earlier restore"):
        put_back(other, file, replace=True)


@KINDS
def test_a_started_desk_without_mail_gives_way(houses, file, kind):
    old = houses("old", kind).fill()
    make(old, file)
    new = houses("new", kind).start()

    put_back(new, file)

    assert new.everything() == old.everything()
    assert new.start()


@KINDS
def test_marks_of_letters_that_the_copy_has_not_written_are_left_out(houses, file, kind):
    """Their ids will be given to other letters, which would be taken for sent."""
    old = houses("old", kind).fill()
    row = {"recipient": "a@b.example", "reason": "", "host_down": False, "at": NOW, "node": ""}
    with old.spool.write() as spool:
        spool.execute(insert(MARK).values(letter_id=2, result="accepted", **row))
        if kind == "sqlite":  # on a server there is one instant, and no such gap
            spool.execute(insert(MARK).values(letter_id=99, result="accepted", **row))
    make(old, file)
    new = houses("new", kind)

    put_back(new, file)

    assert {row.letter_id for row in new.rows(MARK)} == {1, 2}


def test_nodes_of_the_backups_time_do_not_live_on(houses, file):
    old = houses("old").fill()
    with old.spool.write() as spool:
        spool.execute(insert(NODE).values(id="n1", name="host", started_at=NOW, until=NOW))
    make(old, file)
    new = houses("new")

    put_back(new, file)

    assert new.rows(NODE) == []


@pytest.mark.postgres
def test_a_living_node_on_the_server_is_not_disturbed(houses, file):
    house = houses("house", "postgresql").fill()
    make(house, file)
    with house.spool.write() as spool:
        spool.execute(text("INSERT INTO node VALUES ('n1', 'host-7', now(), now() + interval '1 minute')"))

    with pytest.raises(AlreadyRunning, match="host-7 works on this desk"):
        put_back(house, file, replace=True)


def test_an_existing_file_is_not_overwritten_unless_told(houses, file):
    house = houses("house").fill()
    file.write_text("precious")

    with pytest.raises(StoreError, match="--replace"):
        make(house, file)
    assert file.read_text() == "precious"
    make(house, file, replace=True)
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "helpdesk.db", "spool.db", "secret", "desk"]


def test_a_backup_that_fails_leaves_the_older_one(houses, file):
    house = houses("house").fill()
    make(house, file)
    whole = file.read_bytes()
    (house.folder / "secret").unlink()

    with pytest.raises(StoreError, match="without it no reply address"):
        make(house, file, replace=True)
    assert file.read_bytes() == whole
    assert names(file.parent) == ["desk.tar", "house"]


def test_two_backups_to_one_file_do_not_mix(houses, file):
    house = houses("house").fill()
    lock = FileLock(making.unfinished(file))
    lock.acquire(0)

    with pytest.raises(StoreError, match="another backup writes this file"):
        make(house, file)
    lock.release()
    assert make(house, file)


@pytest.mark.parametrize("change", ["a byte", "the end", "another file", "the manifest", "a stranger"])
def test_a_damaged_archive_is_refused_before_anything_is_touched(houses, file, tmp_path, change):
    house = houses("house").fill()
    make(house, file)
    content = bytearray(file.read_bytes())
    if change == "a byte":
        content[len(content) // 2] ^= 1
    elif change == "the end":
        del content[len(content) // 2 :]
    elif change == "another file":
        content = bytearray(b"Dear customer, " * 5000)
    elif change == "the manifest":
        content = content.replace(b'"kind": "sqlite"', b'"kind": sqlite"', 1)
    file.write_bytes(content)
    if change == "a stranger":
        (tmp_path / "x").write_text("x")
        with tarfile.open(file, "a") as tar:
            tar.add(tmp_path / "x", "../../x")
    before = house.everything(), names(house.folder)

    with pytest.raises(ArchiveBroken, match=r"desk\.tar: "):
        put_back(house, file, replace=True)
    assert (house.everything(), names(house.folder)) == before


def test_an_archive_of_a_newer_schema_is_refused(houses, file, tmp_path):
    house = houses("house").fill()
    make(house, file)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "members")  # an archive of our own
    manifest = json.loads((tmp_path / "members" / "manifest.json").read_text())
    manifest["schema"]["desk"] = "9999"
    (tmp_path / "members" / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(file, "w") as tar:
        for name in ("manifest.json", *manifest["members"]):
            tar.add(tmp_path / "members" / name, name)

    with pytest.raises(DatabaseFromTheFuture, match=r"schema 9999 of the desk.*Install helpdesk"):
        put_back(houses("new"), file)


@pytest.mark.postgres
def test_a_backup_of_another_kind_of_store_is_refused_with_the_way(houses, file):
    make(houses("old").fill(), file)

    with pytest.raises(StoreError, match="db copy"):
        put_back(houses("new", "postgresql"), file)


def test_a_broken_desk_can_be_replaced(houses, file):
    house = houses("house").fill()
    make(house, file)
    expected = house.everything()
    house.close()
    house.desk.path.write_bytes(b"\xff" * 9000)

    with pytest.raises(StoreError, match="--replace"):
        put_back(house, file)
    put_back(house, file, replace=True)

    assert house.everything() == expected


def test_a_restore_killed_at_any_step_leaves_the_old_desk_or_the_new_one(houses, file):
    old = houses("old").fill()
    make(old, file)
    new = old.everything()
    ends, steps = set(), 0
    while True:
        house = houses(f"house{steps}").fill(mails=9)
        before = house.everything()
        house.close()
        killed = in_a_child(lambda house=house: put_back(house, file, replace=True), at=steps + 1)

        switching.finish(house.folder, house.desk)  # what the start of the desk does
        assert house.everything() in (before, new)
        assert house.start()
        ends.add(house.everything() == new)
        if not killed:
            break
        steps += 1

    assert steps > 20, "the test went blind"
    assert ends == {True, False}
    assert names(house.folder) == [
        name + end
        for name in ("desk", "helpdesk.db", "secret", "spool.db")
        for end in ("", ".before-restore")
    ]


@pytest.mark.postgres
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_restore_on_a_server_killed_around_its_commit_is_one_or_the_other(houses, file, when):
    """The state folder's secret follows the server's commit, and only that."""
    old = houses("old", "postgresql").fill()
    make(old, file)
    house = houses("house", "postgresql").fill(mails=9)
    before, its_secret = house.everything(), secret(house)
    (house.folder / "secret.restoring").write_bytes(secret(old))
    (house.folder / "desk.restoring").write_bytes((old.folder / "desk").read_bytes())
    switching.commit(house.folder, [house.folder / "secret", house.folder / "desk"], "t0ken")
    if when == "after":
        with house.desk.write() as connection:
            connection.execute(text(switching.write_token("t0ken")))

    assert switching.finish(house.folder, house.desk)

    assert secret(house) == (secret(old) if when == "after" else its_secret)
    assert house.everything() == before
    assert not list(house.folder.glob("*.restoring"))


@pytest.mark.postgres
def test_a_restore_on_a_server_killed_at_any_step_leaves_the_old_desk_or_the_new_one(houses, file):
    old = houses("old", "postgresql").fill()
    make(old, file)
    house = houses("house", "postgresql").fill(mails=9)
    ends, before, steps = {"old": (old.everything(), secret(old))}, (house.everything(), secret(house)), 0
    house.close()
    while in_a_child(lambda: put_back(house, file, replace=True), at=2 * steps + 1):
        steps += 1
        switching.finish(house.folder, house.desk)  # what the start of the desk does
        now = house.everything(), secret(house)
        if now == ends["old"]:
            break
        assert now == before
        house.close()
    assert steps > 5, "the test went blind"
    assert (house.everything(), secret(house)) == ends["old"]
    assert house.start()


@pytest.mark.postgres
def test_a_server_that_refuses_a_restore_has_its_old_desk(houses, file):
    make(houses("old", "postgresql").fill(), file)
    house = houses("house", "postgresql").fill(mails=9)
    before, its_secret = house.everything(), secret(house)
    manifest = restore.archive.check(file, silent)
    dumped = restore.server_dump.Dumped({**manifest.rows, "inbox": 77}, "public", 15)
    with tarfile.open(file) as tar:
        tar.extract("server.dump", house.folder)  # an archive of our own

    with house.desk.read() as connection:
        old = restore.server_dump.our_names(connection)
    house.close()

    with pytest.raises(StoreError, match=r"psql: .*table inbox has 3 rows where the backup has 77"):
        restore.server_dump.load(
            house.desk, house.folder / "server.dump", dumped, old=old, keep=True, afterwards=[]
        )
    assert (house.everything(), secret(house)) == (before, its_secret)


def test_a_backup_killed_at_any_step_leaves_no_half_file(houses, file):
    house = houses("house").fill()
    make(house, file)
    whole, steps = file.read_bytes(), 0
    while in_a_child(lambda: make(house, file, replace=True), at=steps + 1):
        steps += 1
        assert file.read_bytes() == whole or archive.check(file, silent)
    assert steps > 15, "the test went blind"
    assert names(file.parent) == ["desk.tar", "house"]
    assert identity.id_of  # the desk goes on
    put_back(houses("new"), file)


def in_a_child(work, at):
    """Do `work` in a child that dies before its step number `at`; False if it came to its end.

    Steps are what Python tells its auditors: files opened, renamed and removed, folders made, databases opened.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        child = os.fork()
    if child == 0:
        steps = 0

        def die(event, arguments):
            nonlocal steps
            if event not in {
                "open",
                "os.rename",
                "os.remove",
                "os.mkdir",
                "os.rmdir",
                "sqlite3.connect",
                "subprocess.Popen",
            }:
                return
            if event == "open" and not _writes(arguments):
                return
            steps += 1
            if steps == at:
                os._exit(9)

        try:
            __import__("sys").addaudithook(die)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


def _writes(arguments):
    _, mode, flags = arguments
    return bool(flags & (os.O_WRONLY | os.O_RDWR)) or (isinstance(mode, str) and "w" in mode)
