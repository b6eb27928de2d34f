"""The listener's own life: starting, TLS, stopping (R15, STYLE 27)."""

import asyncio
import socket
import ssl
import threading
import time

import pytest
import trustme
from smtp_fixtures import KNOWS, LETTER, OPENING, Trouble, eventually, send_letter

from helpdesk.store.session import Database
from helpdesk.testing.smtp_client import Client, converse, hosted
from helpdesk.wire.smtp_server import CannotListen, ListenerSettings


@pytest.fixture
def trouble():
    return Trouble()


@pytest.fixture
def spool(tmp_path, trouble):
    return Database(f"sqlite:///{tmp_path / 'spool.db'}", before_commit=trouble)


def test_stopping_sends_the_idle_away_and_lets_a_transfer_end(tmp_path, spool, trouble):
    with (
        hosted(tmp_path, KNOWS, spool=spool) as desk,
        Client.connect(desk.port) as idle,
        Client.connect(desk.port) as busy,
    ):
        trouble.gate.clear()
        busy.say(OPENING + LETTER)
        assert trouble.reached.wait(10)
        stopping = threading.Thread(target=desk.stop, args=(10.0,))
        stopping.start()
        assert [reply[:9] for reply in idle.hear_all()][-1] == "421 4.3.2"
        trouble.gate.set()
        stopping.join(10)

        assert [reply[:9] for reply in busy.hear_all()][-2:] == ["250 2.0.0", "421 4.3.2"]
        assert len(desk.mails()) == 1
        with pytest.raises(ConnectionRefusedError):
            Client.connect(desk.port)


def test_stopping_does_not_wait_for_ever(tmp_path):
    with hosted(tmp_path, KNOWS) as desk, Client.connect(desk.port) as client:
        client.say(OPENING + b"Subject")
        while not client.hear().startswith("354"):
            pass
        began = time.monotonic()
        desk.stop(grace=0.2)

        assert time.monotonic() - began < 3


def test_a_port_in_use_stops_the_start_with_a_remedy(tmp_path):
    """STYLE 27."""
    taken = socket.create_server(("127.0.0.1", 0))
    with hosted(tmp_path, KNOWS) as desk:
        listener = type(desk.listener)(ListenerSettings(port=taken.getsockname()[1]), None, KNOWS)
        with pytest.raises(CannotListen, match=r"cannot listen on 127.0.0.1:\d+: .* choose another"):
            asyncio.run_coroutine_threadsafe(listener.start(), desk.loop).result(10)
    taken.close()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def tls_settings(tmp_path, authority):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("mx.desk.example")
    issued.private_key_pem.write_to_path(key)
    for part in issued.cert_chain_pems:
        part.write_to_path(cert, append=True)
    return ListenerSettings(tls_cert=cert, tls_key=key)


@pytest.fixture
def client_tls(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def in_tls(desk, context, before: bytes = b"EHLO c.example\r\n", with_starttls: bytes = b"") -> Client:
    client = Client.connect(desk.port)
    client.hear()
    client.say(before)
    for _ in before.splitlines():
        client.hear()
    client.say(b"STARTTLS\r\n" + with_starttls)
    assert client.hear() == "220 2.0.0 Ready to start TLS"
    client.start_tls(context, "mx.desk.example")
    return client


def test_a_letter_comes_through_tls(tmp_path, tls_settings, client_tls):
    with hosted(tmp_path, KNOWS, tls_settings) as desk:
        with in_tls(desk, client_tls) as client:
            client.say(OPENING + LETTER + b"QUIT\r\n")
            heard = client.hear_all()

        assert heard[-2].startswith("250 2.0.0 ")
        assert not any("STARTTLS" in line for line in client.replies[-6])
        assert b" with ESMTPS;" in desk.mails()[0].arrival.raw


def test_starttls_forgets_what_was_said_before(tmp_path, tls_settings, client_tls):
    """R15, RFC 3207 section 4.2: greeting and envelope."""
    before = b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<help@desk.example>\r\n"
    with hosted(tmp_path, KNOWS, tls_settings) as desk, in_tls(desk, client_tls, before) as client:
        client.say(b"RCPT TO:<help@desk.example>\r\nMAIL FROM:<a@b.example>\r\nSTARTTLS\r\nQUIT\r\n")

        assert [reply[:3] for reply in client.hear_all()] == ["503", "503", "503", "221"]


def test_nothing_injected_behind_starttls_runs(tmp_path, tls_settings, client_tls):
    """R15, CVE-2024-34083: commands in the packet of STARTTLS."""
    injected = b"EHLO evil\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<help@desk.example>\r\n"
    with (
        hosted(tmp_path, KNOWS, tls_settings) as desk,
        in_tls(desk, client_tls, with_starttls=injected) as client,
    ):
        client.say(b"DATA\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n")

        assert [reply[:3] for reply in client.hear_all()] == ["503", "503", "221"]


def test_where_tls_is_required_nothing_else_goes(tmp_path, tls_settings, client_tls):
    settings = ListenerSettings(
        tls_cert=tls_settings.tls_cert, tls_key=tls_settings.tls_key, require_tls=True
    )
    with hosted(tmp_path, KNOWS, settings) as desk:
        converse(
            desk.port,
            "-> EHLO c\n<- 250\n-> MAIL FROM:<a@b.example>\n<- 530 5.7.0\n-> VRFY a\n<- 530\n-> NOOP\n<- 250",
        )
        with in_tls(desk, client_tls) as client:
            client.say(OPENING + LETTER + b"QUIT\r\n")

            assert client.hear_all()[-2].startswith("250 2.0.0 ")


def test_a_failed_handshake_ends_the_session_and_frees_its_place(tmp_path, tls_settings):
    with hosted(tmp_path, KNOWS, tls_settings) as desk:
        with Client.connect(desk.port) as client:
            client.hear()
            client.say(b"STARTTLS\r\n")
            client.hear()
            client.say(b"this is no handshake\r\n")
            client.hear_all()

        assert eventually(lambda: not len(desk.listener._sessions))
        assert send_letter(desk.port)[-2].startswith("250 2.0.0 ")


def test_a_bad_certificate_stops_the_start_and_names_the_file(tmp_path):
    broken = tmp_path / "cert.pem"
    broken.write_text("none")

    with (
        pytest.raises(CannotListen, match=r"cert\.pem .*receive\.smtp\.tls_cert"),
        hosted(tmp_path, KNOWS, ListenerSettings(tls_cert=broken)),
    ):
        pass


@pytest.mark.parametrize("turns", range(4))
def test_who_connects_in_the_moment_of_the_stop_is_not_left_waiting(tmp_path, turns):
    """asyncio forgets a connection that it accepted in the turn in which its server closes (CPython gh-109564)."""
    with hosted(tmp_path, KNOWS) as desk:

        async def connect_and_stop() -> socket.socket:
            client = socket.create_connection(("127.0.0.1", desk.port), timeout=10)
            for _ in range(turns):
                await asyncio.sleep(0)
            await desk.listener.stop(0.1)
            return client

        with asyncio.run_coroutine_threadsafe(connect_and_stop(), desk.loop).result(30) as client:
            ended = said_last(client)

    assert ended in (b"", b"421")


def said_last(client: socket.socket) -> bytes:
    """The code of the last reply before the end of the connection; nobody may be left without an end."""
    said = b""
    try:
        while more := client.recv(1000):
            said += more
    except ConnectionResetError:
        return b""
    return said.splitlines()[-1][:3] if said else b""
