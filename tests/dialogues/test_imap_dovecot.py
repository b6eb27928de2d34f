"""The IMAP poller against a real Dovecot: nothing lost, nothing doubled, whatever the server and people do."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import trustme
from imap_fixtures import Spool, account, account_on, mail, polling, spool_in

from helpdesk.model.mail import Road
from helpdesk.testing.dovecot import PASSWORD, Dovecot, wait_until
from helpdesk.testing.rubber import Rubber
from helpdesk.wire.imap_poller import FolderRefused, LoginRefused, Unreachable, check_login

pytestmark = pytest.mark.dovecot

_serial = count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Dovecot]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    with Dovecot(cert=folder / "cert.pem", key=folder / "key.pem") as server:
        yield server


@pytest.fixture
def dovecot(server: Dovecot) -> Dovecot:
    """The server, with a mailbox of this test's own."""
    server.username = f"help{next(_serial)}"
    return server


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with spool_in(tmp_path) as spool:
        yield spool


@pytest.fixture
def rubber(dovecot: Dovecot) -> Iterator[Rubber]:
    rubber = Rubber(dovecot.port)
    rubber.start()
    yield rubber
    rubber.stop()


def in_folder(dovecot: Dovecot, folder: str = "INBOX", what: str = "ALL") -> list[int]:
    """The numbers of the letters in a folder."""
    with dovecot.client() as client:
        if not client.folder_exists(folder):
            return []
        client.select_folder(folder, readonly=True)
        uids = client.search(what)
        heads = client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])
    texts = [str(next(value for key, value in head.items() if b"BODY" in key)) for head in heads.values()]
    return sorted(int("".join(sign for sign in text if sign.isdigit())) for text in texts)


# What is new


def test_what_lies_in_the_folder_at_the_first_start_is_taken(dovecot: Dovecot, spool: Spool) -> None:
    for number in (1, 2, 3):
        dovecot.deliver(mail(number))

    with polling(spool, account_on(dovecot)):
        spool.wait_for(1, 2, 3)

    row = spool.rows()[0]
    assert spool.numbers() == [1, 2, 3]
    assert row.arrival.raw == mail(1)
    assert (row.arrival.road, row.arrival.mailbox, row.arrival.sender, row.arrival.recipients) == (
        Road.IMAP,
        "desk/INBOX",
        None,
        (),
    )


def test_mail_that_comes_during_idle_is_taken_at_once(dovecot: Dovecot, spool: Spool) -> None:
    """R58: the safety poll of this account comes after five minutes."""
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)

        dovecot.deliver(mail(2))

        spool.wait_for(1, 2, patience=5)


def test_a_burst_is_taken_at_once(dovecot: Dovecot, spool: Spool) -> None:
    with polling(spool, account_on(dovecot)):
        with dovecot.client() as other:
            for number in range(1, 61):
                other.append("INBOX", mail(number))

        spool.wait_for(*range(1, 61), patience=10)


def test_a_server_without_idle_is_asked_every_poll(dovecot: Dovecot, spool: Spool) -> None:
    dovecot.capability = dovecot.without("IDLE")
    dovecot.restart()
    try:
        with polling(spool, account_on(dovecot, poll=timedelta(seconds=0.2))):
            wait_until(lambda: spool.hearts, "the poller to be connected")
            dovecot.deliver(mail(1))

            spool.wait_for(1, patience=10)
    finally:
        dovecot.capability = ""
        dovecot.restart()


def test_a_mail_that_a_human_read_first_is_taken(dovecot: Dovecot, spool: Spool) -> None:
    """R57: new is what has a higher UID, never what is UNSEEN."""
    dovecot.deliver(mail(1))
    with dovecot.client() as human:
        human.fetch(human.search(), ["RFC822"])
        assert human.search("UNSEEN") == []

    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)


def test_after_a_restart_of_the_desk_nothing_is_taken_twice(dovecot: Dovecot, spool: Spool) -> None:
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)
    dovecot.deliver(mail(2))

    with polling(spool, account_on(dovecot)):
        spool.wait_for(1, 2)

    assert spool.cursor() is not None
    assert spool.cursor().uid == 2


def test_two_folders_are_two_roads_with_their_own_cursors(dovecot: Dovecot, spool: Spool) -> None:
    with dovecot.client() as other:
        other.create_folder("Shop")
    of = account_on(dovecot, folders=("INBOX", "Shop"))
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(2), "Shop")

    with polling(spool, of), polling(spool, of, "Shop"):
        spool.wait_for(1, 2)

    assert {row.arrival.mailbox for row in spool.rows()} == {"desk/INBOX", "desk/Shop"}
    assert (spool.cursor("INBOX").uid, spool.cursor("Shop").uid) == (1, 1)


# The server forgets its UIDs


def test_a_new_uidvalidity_loses_nothing_and_doubles_nothing(dovecot: Dovecot, spool: Spool) -> None:
    """The server forgets its UIDs under a running poller, and there is new mail among the old."""
    for number in (1, 2, 3):
        dovecot.deliver(mail(number))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1, 2, 3)
        before = spool.cursor()

        dovecot.forget_uids()
        dovecot.deliver(mail(4))

        spool.wait_for(1, 2, 3, 4)
        wait_until(lambda: spool.cursor().uid == 4, "the cursor to cover the rescan")

    assert spool.cursor().uidvalidity != before.uidvalidity
    assert spool.numbers() == [1, 2, 3, 4]


# What becomes of the mail on the server


def test_keep_changes_nothing_on_the_server(dovecot: Dovecot, spool: Spool) -> None:
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot, after="keep")):
        spool.wait_for(1)

    assert in_folder(dovecot, what="UNSEEN") == [1]


def test_seen_marks_after_the_commit(dovecot: Dovecot, spool: Spool) -> None:
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot, after="seen")):
        wait_until(lambda: in_folder(dovecot, what="SEEN") == [1], "the mail to be marked")

        assert spool.numbers() == [1]


@pytest.mark.parametrize("lacking", [(), ("MOVE",)], ids=["MOVE", "COPY and UID EXPUNGE"])
@pytest.mark.parametrize("after", ["move:Done", "delete"])
def test_move_and_delete_leave_the_deleted_mail_of_others_alone(
    dovecot: Dovecot, spool: Spool, after: str, lacking: tuple[str, ...]
) -> None:
    """R59, R60: another client's \\Deleted mail survives, the missing folder is made."""
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)
    with dovecot.client() as other:
        other.delete_messages([1])
    if lacking:
        dovecot.capability = dovecot.without(*lacking)
        dovecot.restart()
    dovecot.deliver(mail(2))
    try:
        with polling(spool, account_on(dovecot, after=after)):
            spool.wait_for(1, 2)
            wait_until(lambda: in_folder(dovecot) == [1], "letter 2 to leave the INBOX")
    finally:
        dovecot.capability = ""
        if lacking:
            dovecot.restart()

    assert in_folder(dovecot, what="DELETED") == [1]
    if after != "delete":
        assert in_folder(dovecot, "Done") == [2]


def test_without_uidplus_nothing_is_expunged(dovecot: Dovecot, spool: Spool) -> None:
    """R59: a plain EXPUNGE would take others' mail along, so ours only gets its mark."""
    dovecot.deliver(mail(1))
    dovecot.capability = dovecot.without("MOVE", "UIDPLUS")
    dovecot.restart()
    try:
        with polling(spool, account_on(dovecot, after="move:Done")):
            wait_until(lambda: in_folder(dovecot, what="DELETED") == [1], "the mark")
        with polling(spool, account_on(dovecot, after="move:Done")):
            dovecot.deliver(mail(2))
            wait_until(lambda: in_folder(dovecot, what="DELETED") == [1, 2], "the second mark")
    finally:
        dovecot.capability = ""
        dovecot.restart()

    assert in_folder(dovecot, "Done") == [1, 2]
    assert spool.numbers() == [1, 2]


class PowerCut(Exception):
    pass


@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
@pytest.mark.parametrize("after", ["keep", "move:Done"])
def test_a_power_cut_around_the_commit_loses_and_doubles_nothing(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, after: str
) -> None:
    """R60: what was committed but not moved is moved by the next run, which knows it by its dedupe key."""
    monkeypatch.setattr("helpdesk.wire.imap_pause.FIRST_SECONDS", 60)  # the dead do not try again
    dovecot.deliver(mail(1))
    cuts = []

    def cut() -> None:
        cuts.append(when)
        raise PowerCut

    with spool_in(tmp_path, **{when: cut}) as dying, polling(dying, account_on(dovecot, after=after)):
        wait_until(lambda: cuts, "the power cut")
        assert in_folder(dovecot) == [1]
    with spool_in(tmp_path) as spool, polling(spool, account_on(dovecot, after=after)):
        spool.wait_for(1)
        if after != "keep":
            wait_until(lambda: in_folder(dovecot, "Done") == [1], "the move")
        dovecot.deliver(mail(2))
        spool.wait_for(1, 2)

    assert in_folder(dovecot) == ([1, 2] if after == "keep" else [])


def test_of_a_big_mail_only_the_headers_come_and_the_server_keeps_it(dovecot: Dovecot, spool: Spool) -> None:
    """R65: RFC822.SIZE is asked first; `delete` does not delete what the desk has not got."""
    dovecot.deliver(mail(1, "x" * 70 + "\r\n" * 60_000))
    dovecot.deliver(mail(2))

    with polling(spool, account_on(dovecot, after="delete", max_size=100_000)):
        spool.wait_for(1, 2)
        wait_until(lambda: in_folder(dovecot) == [1], "letter 2 to be deleted")

    head, _, text = spool.rows()[0].arrival.raw.partition(b"\r\n\r\n")
    assert b"Message-ID: <1@customer.example>" in head
    assert text.startswith(b"[The text of this mail was not fetched: it has 120,")


# Trouble with the server


def test_a_server_restarted_in_mid_idle_is_found_again(dovecot: Dovecot, spool: Spool) -> None:
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)

        dovecot.restart()
        dovecot.deliver(mail(2))

        spool.wait_for(1, 2)


def test_a_connection_that_died_without_a_word_is_noticed(
    dovecot: Dovecot, rubber: Rubber, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6, R58: half-open; the DONE after `poll` gets no answer, so the connection is given up."""
    monkeypatch.setattr("helpdesk.wire.imap_session.PROBE_SECONDS", 0.5)
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot, port=rubber.port, poll=timedelta(seconds=1))):
        spool.wait_for(1)

        rubber.be("half-open")
        dovecot.deliver(mail(2))

        spool.wait_for(1, 2)


@pytest.mark.parametrize("mode", ["stall", "reset"])
def test_after_an_outage_the_mail_of_it_is_taken(
    dovecot: Dovecot, rubber: Rubber, spool: Spool, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr("helpdesk.wire.imap_session.PROBE_SECONDS", 0.5)
    monkeypatch.setattr("helpdesk.wire.imap_client.CONNECT_SECONDS", 0.5)
    # the outage may begin while the first session still logs in
    monkeypatch.setattr("helpdesk.wire.imap_client.READ_SECONDS", 2.0)
    monkeypatch.setattr("helpdesk.wire.imap_session.READ_SECONDS", 2.0)
    with polling(spool, account_on(dovecot, port=rubber.port, poll=timedelta(seconds=0.5))):
        wait_until(lambda: rubber.connections, "the first connection")
        rubber.be(mode)
        dovecot.deliver(mail(1))
        wait_until(lambda: rubber.connections >= 2, "another try")

        rubber.be("pass")

        spool.wait_for(1)


def test_connections_that_break_anywhere_lose_and_double_nothing(
    dovecot: Dovecot, rubber: Rubber, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line breaks after N bytes from the server, N growing: in the greeting, the login, the fetch."""
    monkeypatch.setattr("helpdesk.wire.imap_pause.FIRST_SECONDS", 0.01)
    monkeypatch.setattr("helpdesk.wire.imap_pause.LONGEST_SECONDS", 0.01)
    letters = {number: mail(number, "a line of the letter\r\n" * 50) for number in range(1, 9)}
    for letter in letters.values():
        dovecot.deliver(letter)
    rubber.drop_after = 50
    with polling(spool, account_on(dovecot, port=rubber.port, after="move:Done")):
        while len(spool.numbers()) < len(letters):
            seen = rubber.connections
            wait_until(lambda seen=seen: rubber.connections > seen or len(spool.numbers()) == 8, "a try")
            rubber.drop_after += 300
        rubber.drop_after = None
        wait_until(lambda: in_folder(dovecot) == [], "all to be moved")

    assert rubber.connections > 10
    assert sorted(row.arrival.raw for row in spool.rows()) == sorted(letters.values())
    assert in_folder(dovecot, "Done") == list(letters)


# Stopping, resting


@pytest.mark.parametrize("mode", ["pass", "stall"])
def test_stop_ends_an_idle_and_a_dead_connection_within_two_seconds(
    dovecot: Dovecot, rubber: Rubber, spool: Spool, mode: str
) -> None:
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot, port=rubber.port)) as poller:
        spool.wait_for(1)
        rubber.be(mode)
        began_at = time.monotonic()

        ended = poller.stop(2)

        assert ended
        assert time.monotonic() - began_at <= 2.1


def test_stop_cuts_a_login_that_gets_no_answer(server: Dovecot, rubber: Rubber, spool: Spool) -> None:
    with polling(spool, account_on(server, port=rubber.port)) as poller:
        wait_until(
            lambda: poller._session is not None and poller._session._client is not None, "the greeting"
        )
        rubber.be("stall")

        assert poller.stop(2)


def test_an_idle_poller_rests_and_its_heart_beats(
    dovecot: Dovecot, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.wire.imap_session.HEART_EVERY_SECONDS", 0.5)
    dovecot.deliver(mail(1))
    with polling(spool, account_on(dovecot)):
        spool.wait_for(1)
        beats, cpu, began_at = len(spool.hearts), time.process_time(), time.monotonic()

        wait_until(lambda: len(spool.hearts) >= beats + 5, "five heart beats")

        share = (time.process_time() - cpu) / (time.monotonic() - began_at)
    assert share < 0.05


# Logging in


def test_check_login_tells_what_it_found(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))

    found = check_login(account_on(dovecot))

    assert found == f"{dovecot.username} at 127.0.0.1:{dovecot.port}: INBOX (1 mails); IDLE, MOVE, UIDPLUS"


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_both_kinds_of_tls_work_and_verify_the_server(
    dovecot: Dovecot, spool: Spool, monkeypatch: pytest.MonkeyPatch, folder: Path, tls: str
) -> None:
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    of = account(port, username=dovecot.username, host="localhost", tls=tls)
    with pytest.raises(Unreachable, match="certificate verify failed"):
        check_login(of)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    dovecot.deliver(mail(1))

    with polling(spool, of):
        spool.wait_for(1)
        with dovecot.client() as other:
            for number in range(2, 12):
                other.append("INBOX", mail(number))
        spool.wait_for(*range(1, 12), patience=10)


def test_each_wrong_setting_has_its_own_error(dovecot: Dovecot) -> None:
    with pytest.raises(LoginRefused, match="refuses the login"):
        check_login(account_on(dovecot, password=lambda: "wrong"))
    with pytest.raises(FolderRefused, match="folder Nowhere"):
        check_login(account_on(dovecot, folders=("Nowhere",)))
    with pytest.raises(LoginRefused, match="line end"):
        check_login(account_on(dovecot, password=lambda: PASSWORD + "\r\nX LOGOUT"))
    with pytest.raises(Unreachable):
        check_login(account_on(dovecot, port=1))
