"""Dialogues with crowds: too many mails, too many clients, clients that only sit there (T19, R8 with a fast clock)."""

import threading
import time
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from smtp_fixtures import KNOWS, LETTER, OPENING, eventually, send_letter

from helpdesk.testing.fast_loop import FastLoop
from helpdesk.testing.smtp_client import Client, hosted
from helpdesk.wire.smtp_caps import MailRate
from helpdesk.wire.smtp_server import ListenerSettings
from helpdesk.wire.smtp_sessions import PATIENCE

STRANGERS = {"own_servers": ()}
TOO_MANY = "450 4.7.1 Too many mails from your address, please try again in a minute"


def replies_to_mails(port: int, number: int, source: str = "127.0.0.1", hello: bytes = b"EHLO") -> list[str]:
    """Begin so many mails in one session; what MAIL was answered to each."""
    with Client.connect(port, source) as client:
        client.hear()
        client.say(hello + b" c.example\r\n")
        client.hear()
        client.say(b"MAIL FROM:<anne@customer.example>\r\nRSET\r\n" * number + b"QUIT\r\n")
        return client.hear_all()[0:-1:2]


def test_sixty_mails_a_minute_pass_and_no_more(tmp_path):
    """T19: the next one is asked to come later, in this session and in a new one; others are not concerned."""
    with hosted(tmp_path, KNOWS, ListenerSettings(**STRANGERS)) as desk:
        replies = replies_to_mails(desk.port, 61)

        assert [reply[:3] for reply in replies] == ["250"] * 60 + ["450"]
        assert replies[-1] == TOO_MANY
        assert replies_to_mails(desk.port, 1) == [TOO_MANY]
        assert replies_to_mails(desk.port, 1, "127.0.0.2")[0].startswith("250")


def test_after_a_minute_a_sender_may_go_on(tmp_path):
    """T19, with a clock that runs a hundred times as fast."""
    settings = ListenerSettings(mails_per_minute=2, **STRANGERS)
    with hosted(tmp_path, KNOWS, settings, loop=FastLoop(100)) as desk:
        assert replies_to_mails(desk.port, 3)[-1] == TOO_MANY

        assert eventually(lambda: replies_to_mails(desk.port, 1) != [TOO_MANY])


@pytest.mark.parametrize(
    ("settings", "hello"),
    [
        (ListenerSettings(mails_per_minute=1), b"EHLO"),
        (ListenerSettings(mails_per_minute=1, own_servers=(ip_network("127.0.0.1"),)), b"EHLO"),
        (ListenerSettings(mails_per_minute=1, protocol="lmtp", **STRANGERS), b"LHLO"),
    ],
    ids=["this computer", "a configured server", "lmtp"],
)
def test_mail_servers_of_the_desks_own_are_not_counted(tmp_path, settings, hello):
    """All mail of a desk behind Postfix comes from one address."""
    with hosted(tmp_path, KNOWS, settings) as desk:
        assert [reply[:3] for reply in replies_to_mails(desk.port, 5, hello=hello)] == ["250"] * 5


def test_the_rate_counts_networks_and_forgets_them():
    """T19: a sliding minute for each; what is over costs no memory."""
    now = 0.0
    rate = MailRate(2, (ip_network("10.0.0.0/8"),), clock=lambda: now)

    assert [rate.admit("a"), rate.admit("a"), rate.admit("a"), rate.admit("b")] == [True, True, False, True]
    now = 59.9
    assert [rate.admit("a"), rate.admit("b")] == [False, True]
    now = 60.0
    assert [rate.admit("a"), rate.admit("b"), rate.admit("b")] == [True, True, False]
    now = 120.0
    assert rate.admit("c")
    assert len(rate) == 1
    peers = ["10.1.2.3", "::ffff:10.1.2.3", "local", "11.1.2.3", "2001:db8::1", "fe80::1%eth0"]
    assert [rate.counts(peer) for peer in peers] == [False, False, False, True, True, True]


def test_a_silent_client_makes_room_for_one_that_comes(tmp_path):
    """T19: the one that has been silent longest, and only when there is no room."""
    settings = ListenerSettings(max_sessions=2)
    with (
        hosted(tmp_path, KNOWS, settings, loop=FastLoop(100)) as desk,
        Client.connect(desk.port, "127.0.0.2") as first,
    ):
        first.hear()
        with Client.connect(desk.port, "127.0.0.3") as second:
            second.say(OPENING)
            while not second.hear().startswith("354"):
                pass
            patiently_sent(desk.port)
            second.say(LETTER + b"QUIT\r\n")

            assert first.hear_all() == ["421 4.3.2 Idle while others wait, closing"]
            assert second.hear_all()[0].startswith("250")


def test_an_address_makes_room_for_itself_only(tmp_path):
    """T19: who has all of its sessions open cannot push others out."""
    settings = ListenerSettings(max_sessions_per_ip=1)
    with (
        hosted(tmp_path, KNOWS, settings, loop=FastLoop(100)) as desk,
        Client.connect(desk.port, "127.0.0.2") as other,
        Client.connect(desk.port) as own,
    ):
        patiently_sent(desk.port)
        other.say(b"QUIT\r\n")

        assert own.hear_all()[-1] == "421 4.3.2 Idle while others wait, closing"
        assert other.hear_all()[-1].startswith("221")


def test_nobody_who_is_at_work_has_to_make_room(tmp_path):
    settings, slowly = ListenerSettings(max_sessions=1), FastLoop(0.01)
    with hosted(tmp_path, KNOWS, settings, loop=slowly) as desk, Client.connect(desk.port) as busy:
        busy.hear()
        busy.say(b"NOOP\r\n")
        busy.hear()
        with Client.connect(desk.port) as late:
            assert late.hear_all() == ["421 4.7.0 Too many connections, please try again later"]
        busy.say(OPENING + LETTER + b"QUIT\r\n")

        assert busy.hear_all()[-2].startswith("250")


def test_a_crowd_of_idle_and_trickling_clients_keeps_nobody_out(tmp_path):
    """T19: 200 that send a byte now and then and 500 that sit there, and new ones for those that had to go.

    While they arrive everybody is granted a moment of silence; from then on a good client is served at once.
    """
    with hosted(tmp_path, KNOWS) as desk:
        patiently_sent(desk.port)
        assert len(desk.mails()) == 1
        before = open_files()
        idle = [Client.connect(desk.port, f"127.0.0.{2 + n % 70}") for n in range(500)]
        trickling = [a_trickling_one(desk.port, n) for n in range(200)]
        arriving = patiently_sent(desk.port)
        seconds = []
        for n in range(20):
            trickling.append(a_trickling_one(desk.port, n))
            for client in trickling:
                trickle(client, b"x")
            seconds.append(patiently_sent(desk.port))
        for client in (*idle, *trickling):
            client.close()

        assert arriving < PATIENCE + 1
        assert max(seconds) < 1
        assert len(desk.mails()) == 22
        assert eventually(lambda: open_files() <= before)


def test_who_trickles_is_silent(tmp_path):
    """T19: every place is taken by one that sends a byte as often as it can; the next mail does not wait for them."""
    with hosted(tmp_path, KNOWS, ListenerSettings(max_sessions=2)) as desk:
        crowd = [a_trickling_one(desk.port, n) for n in range(2)]
        for client in crowd:
            while not client.hear().startswith("354"):
                pass
        stop = threading.Event()
        drops = threading.Thread(target=keep_trickling, args=(crowd, stop))
        drops.start()
        try:
            took = patiently_sent(desk.port)
        finally:
            stop.set()
            drops.join()
            for client in crowd:
                client.close()

        assert took < PATIENCE + 1


def a_trickling_one(port: int, number: int) -> Client:
    """In the middle of its letter, if it was let in."""
    client = Client.connect(port, f"127.0.1.{2 + number % 30}")
    trickle(client, OPENING + b"x")
    return client


def keep_trickling(clients: list[Client], stop: threading.Event) -> None:
    while not stop.wait(0.05):
        for client in clients:
            trickle(client, b"x")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def trickle(client: Client, data: bytes) -> None:
    try:
        client.say(data)
    except ConnectionError:
        pass  # it was sent away


def patiently_sent(port: int) -> float:
    """Deliver one mail as mail servers do, who come again when they are told to; seconds from the first try on."""
    began = time.monotonic()
    for _ in range(100):
        if (replies := send_letter(port))[-1].startswith("221"):
            assert replies[-2].startswith("250"), replies
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(replies)


RATE = 200


def drip(port: int, chunk: bytes, every: float, lasting: float) -> tuple[float, str]:
    """Send a chunk `every` so many of the desk's seconds, for `lasting`; how long it let us, and its last reply."""
    with Client.connect(port) as client:
        client.say(OPENING)
        while not client.hear().startswith("354"):
            pass
        began, sent = time.monotonic(), 0
        client.sock.setblocking(False)
        while (spent := (time.monotonic() - began) * RATE) < lasting:
            due = int(spent / every) - sent
            try:
                client.sock.send(chunk * due)
                sent += due
                client.sock.setblocking(True)
                client.sock.settimeout(max(0.002, every / RATE))
                return (time.monotonic() - began) * RATE, client.hear()
            except TimeoutError:
                continue
            except ConnectionError:
                return (time.monotonic() - began) * RATE, "cut"
        client.sock.settimeout(20)
        client.say(b"\r\n.\r\n")
        return spent, client.hear()


def test_a_slow_client_with_a_kilobyte_a_second_is_heard_out(tmp_path):
    """R8: for 400 seconds, far beyond the idle limit."""
    with hosted(tmp_path, KNOWS, loop=FastLoop(RATE)) as desk:
        lasted, reply = drip(desk.port, b"x" * 98 + b"\r\n", 0.1, 400)

        assert lasted >= 400
        assert reply.startswith("250")
        assert len(desk.mails()[0].arrival.raw) > 300_000


def test_a_client_with_a_byte_every_twenty_seconds_is_cut(tmp_path):
    """R8: it never pauses for as long as the idle limit; 500 bytes a second are wanted after the first minute."""
    with hosted(tmp_path, KNOWS, loop=FastLoop(RATE)) as desk:
        lasted, reply = drip(desk.port, b"x", 20, 400)

        assert reply == "421 4.4.2 Message comes in too slowly, closing"
        assert lasted < 300
        assert desk.mails() == []


@pytest.mark.parametrize(("rate", "ends"), [(2000, "421"), (500, "250")])
def test_the_rate_that_is_wanted_is_configured(tmp_path, rate, ends):
    """[limits] data_rate: a thousand bytes a second are enough, or not."""
    settings = ListenerSettings(min_rate=rate, slow_start=timedelta(seconds=10))
    with hosted(tmp_path, KNOWS, settings, loop=FastLoop(RATE)) as desk:
        _, reply = drip(desk.port, b"x" * 98 + b"\r\n", 0.1, 100)

        assert reply.startswith(ends)


@pytest.mark.parametrize(("longest", "ends"), [(30, "421"), (300, "250")])
def test_the_longest_transfer_is_configured(tmp_path, longest, ends):
    """[limits] data_for."""
    settings = ListenerSettings(transfer_for=timedelta(seconds=longest))
    with hosted(tmp_path, KNOWS, settings, loop=FastLoop(RATE)) as desk:
        _, reply = drip(desk.port, b"x" * 98 + b"\r\n", 0.1, 100)

        assert reply.startswith(ends)
