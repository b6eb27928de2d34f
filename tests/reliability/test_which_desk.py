"""No daemon works on an empty or a wrong database, nor with a secret that proves nothing (MAIL_RULES 5.6)."""

import secrets
import shutil

import pytest
from desks_on_disk import NOW, House
from sqlalchemy import text

from helpdesk.model.mail import Arrival, Road
from helpdesk.store import handled, identity, inbox
from helpdesk.store.identity import WrongDesk
from helpdesk.testing.postgres import a_database


@pytest.fixture
def houses(tmp_path):
    opened = []

    def make(name, url=""):
        opened.append(House(tmp_path / name, url))
        return opened[-1]

    yield make
    for house in opened:
        house.close()


def files(house):
    return sorted(path.name for path in house.folder.iterdir() if not path.name.endswith(("-wal", "-shm")))


def work(house):
    """A mail comes and is handled."""
    with house.spool.write() as spool:
        (spool_id,) = inbox.append(spool, [Arrival(b"x", Road.SMTP, NOW, "anne@customer.example")])
    with house.desk.write() as desk:
        handled.finish(desk, spool_id, state="done", outcome="created", reason="", now=NOW)


def test_a_new_desk_gets_an_id_and_keeps_it(houses):
    house = houses("house").start()
    first = (house.folder / "desk").read_text()

    house.start()

    assert (house.folder / "desk").read_text() == first
    assert len(first.strip()) == 32
    assert (house.folder / "desk").stat().st_mode & 0o777 == 0o600


def test_two_desks_have_two_ids(houses):
    ids = {(houses(name).start().folder / "desk").read_text() for name in ("one", "two")}

    assert len(ids) == 2


def test_a_desk_from_before_there_were_ids_gets_one(houses):
    house = houses("house").start()
    work(house)
    (house.folder / "desk").unlink()
    with house.desk.write() as desk:
        desk.execute(text("DELETE FROM setting"))

    assert house.start()
    assert (house.folder / "desk").exists()


@pytest.mark.parametrize("lost", ["helpdesk", "spool"])
def test_an_emptied_desk_is_refused_and_no_file_is_made(houses, lost):
    house = houses("house").start()
    work(house)
    house.close()
    for path in house.folder.glob(f"{lost}.db*"):
        path.unlink()
    before = files(house)

    with pytest.raises(WrongDesk, match=rf"{lost}\.db: is empty, but .*/desk says.*helpdesk restore FILE"):
        house.start()
    assert files(house) == before


@pytest.mark.postgres
def test_a_failover_to_an_empty_server_is_refused_and_nothing_is_made_there(houses):
    with a_database() as full, a_database() as empty, a_database(upgraded=True) as bare:
        house = houses("house", full).start()
        house.close()
        for url in (empty, bare):
            moved = House(house.folder, url)
            with pytest.raises(WrongDesk, match=r"postgresql.*: is empty, but .*/desk says"):
                moved.start()
            moved.close()
        elsewhere = House(house.folder, empty)
        with elsewhere.desk.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
        elsewhere.close()


def test_a_lost_desk_may_be_begun_anew_on_purpose(houses):
    house = houses("house").start()
    house.close()
    (house.folder / "helpdesk.db").unlink()
    (house.folder / "desk").unlink()

    assert house.start()


def test_a_database_of_another_desk_is_refused(houses):
    mine, other = houses("mine").start(), houses("other").start()
    mine.close()
    other.close()
    shutil.copy(other.folder / "helpdesk.db", mine.folder / "helpdesk.db")

    with pytest.raises(WrongDesk, match="holds another desk"):
        mine.start()


def test_an_older_spool_is_refused_because_new_mail_would_count_as_handled(houses):
    house = houses("house").start()
    house.close()
    shutil.copy(house.folder / "spool.db", house.folder / "older")
    work(house)
    house.close()
    for path in house.folder.glob("spool.db*"):
        path.unlink()
    (house.folder / "older").rename(house.folder / "spool.db")

    with pytest.raises(
        WrongDesk, match=r"spool\.db: knows mails up to number 0, but .* has handled number 1"
    ):
        house.start()


@pytest.mark.postgres
def test_a_node_with_another_secret_is_refused_until_it_has_the_desks(houses):
    """Its reply addresses would prove nothing to the others."""
    with a_database() as url:
        first, second = houses("first", url).start(), houses("second", url)

        with pytest.raises(WrongDesk, match=r"second/secret: is not the secret.*Copy state/secret"):
            second.start()
        shutil.copy(first.folder / "secret", second.folder / "secret")
        assert second.start()
        assert (second.folder / "desk").read_text() == (first.folder / "desk").read_text()
        first.close()
        second.close()


def test_a_secret_that_was_changed_on_purpose_is_accepted_when_said(houses):
    house = houses("house").start()
    (house.folder / "secret").write_bytes(fresh := secrets.token_bytes(32))

    with pytest.raises(WrongDesk, match="db upgrade --new-secret"):
        house.start()
    identity.confirm(house.spool, house.desk, house.folder, fresh, new_secret=True)

    assert house.start()


def test_the_fingerprint_tells_nothing_about_the_secret():
    secret = b"s" * 32

    assert identity.fingerprint(secret) != identity.fingerprint(b"t" * 32)
    assert secret.hex()[:8] not in identity.fingerprint(secret)
