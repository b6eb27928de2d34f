"""The IMAP poller against a server that misbehaves as no honest one can be made to."""

import base64
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import trustme
from imap_fixtures import Spool, account, mail, polling, spool_in
from structlog.testing import capture_logs

from helpdesk.store.inbox import Cursor, move_cursor
from helpdesk.testing.dovecot import PASSWORD, wait_until
from helpdesk.testing.imap_server import FakeImap
from helpdesk.testing.needs import free_port
from helpdesk.wire import imap_stub
from helpdesk.wire.imap_oauth import TokenRefused, TokenSource, TokenUnreachable
from helpdesk.wire.imap_pause import Pause
from helpdesk.wire.imap_poller import FolderRefused, ImapAccount, LoginRefused, OAuth2, check_login
from helpdesk.wire.imap_session import Session


@pytest.fixture
def server() -> Iterator[FakeImap]:
    server = FakeImap()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with spool_in(tmp_path) as spool:
        yield spool


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and attempts follow each other at once."""
    monkeypatch.setattr("helpdesk.wire.imap_pause.FIRST_SECONDS", 0.01)
    monkeypatch.setattr("helpdesk.wire.imap_pause.LONGEST_SECONDS", 0.01)
    monkeypatch.setattr("helpdesk.wire.imap_harvest.ATTEMPTS_APART_SECONDS", 0.0)


# Dead connections (F6)


@pytest.mark.parametrize("how", ["eof", "reset", "bye", "half-line", "chatter"])
def test_however_an_idle_ends_new_mail_is_taken_and_the_cpu_rests(
    server: FakeImap, spool: Spool, how: str
) -> None:
    """F6, R58: IMAPClient alone shows a dead connection as a quiet mailbox at 100 % CPU."""
    server.mails = {1: mail(1)}
    with polling(spool, account(server.port)):
        spool.wait_for(1)
        cpu, began_at = time.process_time(), time.monotonic()

        server.on_idle = how
        server.hang_up()  # the quiet IDLE of this moment
        wait_until(lambda: server.connections > 1, "another connection")
        server.mails[2] = mail(2)

        wait_until(lambda: time.monotonic() - began_at > 3, "three seconds of this")
        share = (time.process_time() - cpu) / (time.monotonic() - began_at)
        spool.wait_for(1, 2)  # not before: this test's own looks at the spool cost more than the poller
    assert share < 0.05


def test_mail_that_comes_between_the_look_and_the_idle_is_taken_at_once(
    server: FakeImap, spool: Spool
) -> None:
    """Dovecot too sends `+ idling` and the news in one packet; polling the socket alone would miss it."""
    server.slip_in = {1: mail(1)}

    with polling(spool, account(server.port)):
        spool.wait_for(1, patience=5)


def test_a_server_that_is_not_there_costs_no_cpu(spool: Spool) -> None:
    with capture_logs() as logs, polling(spool, account(free_port())):
        wait_until(lambda: logs, "the first failure")
        cpu, began_at = time.process_time(), time.monotonic()
        wait_until(lambda: len(logs) >= 3, "the third failure")
        share = (time.process_time() - cpu) / (time.monotonic() - began_at)

    assert share < 0.05
    assert [line["again_in_seconds"] for line in logs[:3]] == [1, 2, 4]
    assert logs[0]["kind"] == "Unreachable"


# What the server says about UIDs


def test_a_huge_folder_is_searched_two_thousand_at_a_time(server: FakeImap, spool: Spool) -> None:
    """R64: imaplib gives up on a line above a million bytes, `UID SEARCH ALL` of this folder has 1.4 million."""
    server.mails = dict.fromkeys(range(10_000_000, 10_200_000), b"")
    server.mails |= {11_000_000: mail(1), 20_000_000: mail(2)}
    with spool.database.write() as connection:
        move_cursor(connection, Cursor("desk", "INBOX", 1, 10_199_999), datetime.now(UTC))

    with polling(spool, account(server.port)):
        spool.wait_for(1, 2)

    assert [line for line in server.heard if "SEARCH" in line] == ["UID SEARCH 198003:200002"]


def test_the_whole_of_a_folder_with_gaps_is_taken_in_order(server: FakeImap, spool: Spool) -> None:
    server.mails = {number * 1_000_003: mail(number) for number in range(1, 121)}

    with polling(spool, account(server.port)):
        spool.wait_for(*range(1, 121))

    assert spool.numbers() == list(range(1, 121))


def test_a_server_without_uidvalidity_is_refused_with_a_reason(server: FakeImap) -> None:
    server.uidvalidity = None

    with pytest.raises(FolderRefused, match="keeps no UIDs"):
        check_login(account(server.port))


def test_no_search_waits_for_the_kernel_of_the_server(server: FakeImap) -> None:
    """Its line and its line end are two packets; the second must not wait for the ACK of the first, 40 ms on Linux."""
    session = Session(account(server.port), "INBOX", None, lambda: None)
    session.open()

    assert session._client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    session.close()


def test_reading_never_asks_for_more_than_it_should(server: FakeImap, spool: Spool) -> None:
    """F7, R57, R59, R66: nothing of the mail in a command, no UNSEEN, no ENVELOPE, no plain EXPUNGE."""
    server.mails = {1: mail(1).replace(b"<1@", b'<"\r\n X1 UID STORE 1:* +FLAGS (\\Deleted)\r\n 1@')}
    for after in ("keep", "seen", "move:Done", "delete"):
        with polling(spool, account(server.port, name=after[:4], after=after)):
            wait_until(lambda: "IDLE" in server.heard, "the poller to rest")
            server.heard.append(f"-- end of {after}")
        server.heard = [line for line in server.heard if line != "IDLE"]

    verbs = {" ".join(line.split()[: 2 if line.startswith("UID") else 1]) for line in server.heard}
    assert verbs <= {
        "LOGIN", "CAPABILITY", "SELECT", "EXAMINE", "UID SEARCH", "UID FETCH", "UID STORE",
        "UID EXPUNGE", "UID MOVE", "IDLE", "DONE", "LOGOUT", "--",
    }  # fmt: skip
    fetched = {line.split(None, 3)[3] for line in server.heard if line.startswith("UID FETCH")}
    assert fetched == {"(RFC822.SIZE)", "(BODY.PEEK[])"}
    assert not any("UNSEEN" in line for line in server.heard)


def test_idle_begins_anew_after_the_configured_time(server: FakeImap, spool: Spool) -> None:
    """[limits] idle, R58: long before the server would end it."""
    with polling(spool, account(server.port, idle=timedelta(seconds=0.1))):
        wait_until(lambda: server.heard.count("IDLE") >= 3, "IDLE to begin anew")
    short = len(server.heard)
    with polling(spool, account(server.port, name="other", idle=timedelta(minutes=9))):
        wait_until(lambda: "IDLE" in server.heard[short:], "the poller to rest")

    assert server.heard[short:].count("IDLE") == 1


@pytest.mark.parametrize(
    ("full_scan", "looks"), [(timedelta(seconds=0.05), True), (timedelta(minutes=5), False)]
)
def test_everything_is_looked_at_every_so_often(
    server: FakeImap, spool: Spool, full_scan: timedelta, looks: bool
) -> None:
    """[limits] full_scan, R57, R58: whatever the server says is next."""
    server.mails = {1: mail(1)}
    turns = account(server.port, idle=timedelta(seconds=0.1), full_scan=full_scan)
    with polling(spool, turns):
        wait_until(lambda: server.heard.count("IDLE") >= 4, "a few turns")

    assert (sum(line.startswith("UID SEARCH") for line in server.heard) > 2) is looks


# Mails that cannot be had (R65)


def test_a_poison_mail_comes_as_headers_and_the_next_ones_whole(
    server: FakeImap, spool: Spool, no_patience: None
) -> None:
    server.mails = {number: mail(number) for number in (1, 2, 3)}
    server.breaks_on = {2}

    with polling(spool, account(server.port, after="delete")):
        spool.wait_for(1, 2, 3)

    poison = spool.rows()[1].arrival.raw
    assert b"Message-ID: <2@customer.example>" in poison
    assert b"could not be fetched" in poison
    assert [row.arrival.raw for row in spool.rows()[::2]] == [mail(1), mail(3)]
    stored = [line for line in server.heard if line.startswith("UID STORE")]
    assert stored
    assert not any(line.split()[2] == "2" or ",2" in line for line in stored)


def test_a_mail_whose_very_headers_are_poison_leaves_a_note(
    server: FakeImap, spool: Spool, no_patience: None
) -> None:
    server.mails = {1: mail(1), 2: mail(2)}
    server.breaks_on, server.heads_break = {1}, True

    with polling(spool, account(server.port)):
        wait_until(lambda: len(spool.rows()) == 2, "both mails")

    assert b"desk/INBOX could not be fetched" in spool.rows()[0].arrival.raw
    assert spool.rows()[1].arrival.raw == mail(2)


def test_a_mail_that_is_listed_but_not_handed_over_is_not_skipped(
    server: FakeImap, spool: Spool, no_patience: None
) -> None:
    server.mails = {1: mail(1), 2: mail(2)}
    server.mute_on = {1}

    with polling(spool, account(server.port)):
        spool.wait_for(1, 2)

    assert b"could not be fetched" in spool.rows()[0].arrival.raw


def test_a_literal_bigger_than_it_claimed_is_not_read_into_memory(
    server: FakeImap, spool: Spool, no_patience: None
) -> None:
    """T40: RFC822.SIZE says 300 bytes, the literal has 3 MB."""
    server.mails = {1: mail(1, "x" * 3_000_000), 2: mail(2)}
    server.sizes = {1: 300}

    with polling(spool, account(server.port, max_size=100_000)):
        spool.wait_for(1, 2)

    assert len(spool.rows()[0].arrival.raw) < 1000


def test_a_stub_is_a_readable_mail_and_always_the_same() -> None:
    """The headers of the missing body would make the note unreadable."""
    head = mail(1).partition(b"\r\n\r\n")[0] + (
        b"\r\nContent-Type: multipart/mixed;\r\n boundary=b\r\nContent-Transfer-Encoding: base64\r\n"
        b"MIME-Version: 1.0\r\nX-Last: yes\r\n\r\n"
    )

    stub = imap_stub.too_big(head, 40_000_000, 25_000_000)

    assert stub == imap_stub.too_big(head, 40_000_000, 25_000_000)
    assert stub.count(b"Content-Type") == 1
    assert b"multipart" not in stub
    assert b"X-Last: yes\r\n" in stub
    assert b"it has 40,000,000 bytes and the desk takes 25,000,000" in stub.partition(b"\r\n\r\n")[2]


# Patience


def test_pauses_grow_with_a_little_chance_and_a_healthy_connection_resets_them() -> None:
    pause = Pause(chance=lambda: 1.0)

    lengths = [pause.after_trouble(0, refused=False) for _ in range(9)]

    assert lengths == [1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 76.8, 90, 90]
    assert pause.after_trouble(3600, refused=False) == 1.2


def test_a_refused_login_waits_longer_and_alarms_after_a_quarter_of_an_hour() -> None:
    """R62."""
    now = [0.0]
    pause = Pause(chance=lambda: 0.0, monotonic=lambda: now[0])

    lengths = [pause.after_trouble(0, refused=True) for _ in range(6)]

    assert lengths == [30, 60, 120, 240, 300, 300]
    assert not pause.is_alarming
    now[0] = 901.0
    assert pause.is_alarming


def test_a_wrong_password_is_logged_and_tried_again(
    server: FakeImap, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.wire.imap_pause.REFUSED_FIRST_SECONDS", 0.05)
    server.mails, server.password = {1: mail(1)}, "changed"
    with capture_logs() as logs, polling(spool, account(server.port)):
        wait_until(lambda: len(logs) >= 2, "two refusals")
        server.password = PASSWORD

        spool.wait_for(1)

    assert {line["kind"] for line in logs[:2]} == {"LoginRefused"}


def test_a_full_disk_stops_nothing_for_good(server: FakeImap, tmp_path: Path, no_patience: None) -> None:
    """The mail stays on the server and comes when there is room again; it is not the mail's fault."""
    full = [False]

    def before_commit() -> None:
        if full[0]:
            raise OSError(28, "No space left on device")

    server.mails = {1: mail(1)}
    with spool_in(tmp_path, before_commit=before_commit) as spool:
        full[0] = True
        with capture_logs() as logs, polling(spool, account(server.port, after="delete")):
            wait_until(
                lambda: len([line for line in logs if line.get("kind") == "SpoolFull"]) > 8, "refusals"
            )
            assert not [line for line in server.heard if "STORE" in line]
            full[0] = False
            spool.wait_for(1)

        assert spool.rows()[0].arrival.raw == mail(1)


# Secrets


def test_no_secret_is_shown_or_logged(
    server: FakeImap, spool: Spool, caplog: pytest.LogCaptureFixture, no_patience: None
) -> None:
    """T24, also with IMAPClient's own log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    of = account(server.port)
    server.mails = {1: mail(1)}
    with capture_logs() as logs, polling(spool, of):
        spool.wait_for(1)

    assert PASSWORD not in repr(of) + repr(logs) + caplog.text
    assert "client-secret-5" not in repr(oauth("https://login.example"))


@pytest.mark.parametrize("after", ["burn", "move:", "move", ""])
def test_an_account_refuses_an_unknown_after(after: str) -> None:
    with pytest.raises(ValueError, match="after = "):
        ImapAccount("desk", "127.0.0.1", 143, "none", "help", after=after)


def test_a_password_is_not_sent_where_the_server_forbids_it(server: FakeImap) -> None:
    server.capability += " LOGINDISABLED"

    with pytest.raises(LoginRefused, match="set tls"):
        check_login(account(server.port))

    assert not any(PASSWORD in line for line in server.heard)


# Access tokens


def oauth(url: str) -> OAuth2:
    return OAuth2(url, "desk-client", lambda: "client-secret-5", lambda: "refresh-7", "mail")


class TokenServer(HTTPServer):
    """Gives `token-1`, `token-2`, …; `heard` are the forms it got, `answers` may be set to (code, object)."""

    heard: list[dict[str, list[str]]]
    answer: tuple[int, Any] | None = None


class _Ask(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.heard.append(form)
        given = {"access_token": f"token-{len(self.server.heard)}", "expires_in": 1000}
        code, answer = self.server.answer or (200, given)
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def token_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenServer]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = TokenServer(("127.0.0.1", 0), _Ask)
    server.heard = []
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_is_fetched_used_for_80_percent_of_its_life_and_then_renewed(
    token_server: TokenServer,
) -> None:
    now = [0.0]
    tokens = TokenSource(oauth(f"https://localhost:{token_server.server_port}/token"), lambda: now[0])

    first = tokens()
    now[0] = 799.0
    second = tokens()
    now[0] = 801.0
    third = tokens()

    assert (first, second, third) == ("token-1", "token-1", "token-2")
    assert token_server.heard[0] == {
        "grant_type": ["refresh_token"],
        "client_id": ["desk-client"],
        "client_secret": ["client-secret-5"],
        "refresh_token": ["refresh-7"],
        "scope": ["mail"],
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error": "invalid_grant"}), TokenRefused),
        ((503, {}), TokenUnreachable),
        ((200, {"token_type": "x"}), TokenRefused),
        ((200, ["what"]), TokenUnreachable),
        ((302, {}), TokenUnreachable),
    ],
)
def test_what_is_no_token_is_told_without_secrets(
    token_server: TokenServer, answer: tuple[int, Any], error: type[Exception]
) -> None:
    token_server.answer = answer
    tokens = TokenSource(oauth(f"https://localhost:{token_server.server_port}/token"))

    with pytest.raises(error) as raised:
        tokens()

    assert "client-secret-5" not in str(raised.value)
    assert "refresh-7" not in str(raised.value)


def test_a_token_url_without_tls_is_refused() -> None:
    with pytest.raises(TokenRefused, match="not https"):
        TokenSource(oauth("http://localhost/token"))()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_expired_token_is_replaced_and_mail_comes(
    server: FakeImap,
    token_server: TokenServer,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
    mechanism: str,
) -> None:
    """R62: after the refusal the server waits for one more line; the next login uses a fresh token."""
    monkeypatch.setattr("helpdesk.wire.imap_pause.REFUSED_FIRST_SECONDS", 0.05)
    server.capability += f" AUTH={mechanism}"
    server.tokens, server.mails = {"token-2"}, {1: mail(1)}
    of = account(
        server.port, password=None, oauth2=oauth(f"https://localhost:{token_server.server_port}/token")
    )

    with polling(spool, of):
        spool.wait_for(1)

    assert f"ANSWER {b'' if mechanism == 'XOAUTH2' else bytes([1])!r}" in server.heard
    assert not any(base64.b64encode(b"token-2").decode()[:8] in line for line in server.heard)


def test_a_callable_may_bring_the_token(server: FakeImap) -> None:
    server.capability += " AUTH=XOAUTH2"
    server.tokens = {"brought"}

    found = check_login(account(server.port, password=None, oauth2=lambda: "brought", poll=timedelta(1)))

    assert "INBOX (0 mails)" in found
