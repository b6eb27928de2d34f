"""Behind a balancer: a real TCP forwarder stands before the listener, and each stranger is a stranger of their own."""

import socket
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network

import pytest
from smtp_fixtures import KNOWS, LETTER, OPENING, eventually
from structlog.testing import capture_logs

from helpdesk.decide.authentication import judge
from helpdesk.model.policy import Trust
from helpdesk.parse.message import read
from helpdesk.testing.desk import policy
from helpdesk.testing.fast_loop import FastLoop
from helpdesk.testing.rubber import V2_SIGNATURE, Rubber
from helpdesk.testing.smtp_client import Client, hosted
from helpdesk.wire.smtp_server import ListenerSettings

BALANCER, BORDER, STRANGER, ANOTHER = "127.0.0.1", "127.0.0.3", "127.0.0.8", "127.0.0.9"
PROXIES = (ip_network(BALANCER),)
LOOPBACK = (ip_network("127.0.0.0/8"),)
SETTINGS = ListenerSettings(proxies=PROXIES, own_servers=(ip_network(BORDER),))
MX = "mx.desk.example"
FORGED = (
    f"Authentication-Results: {MX}; dmarc=pass header.from=staff.example\r\n"
    "From: bart@staff.example\r\nTo: help@desk.example\r\nSubject: [#1]\r\n\r\n#close\r\n.\r\n"
).encode()


@contextmanager
def balanced(folder, says, settings=SETTINGS, loop=None):
    with hosted(folder, KNOWS, settings, loop=loop) as desk:
        balancer = Rubber(desk.port, says)
        balancer.start()
        try:
            yield desk, balancer.port
        finally:
            balancer.stop()


def replies(port, said, source=STRANGER):
    with Client.connect(port, source) as client:
        client.say(said)
        return client.hear_all()


def sends(port, mail=LETTER, source=STRANGER):
    return replies(port, OPENING + mail + b"QUIT\r\n", source)


def believed(arrival, trust):
    return judge(read(arrival.raw), arrival, policy(trust=trust)).vouched


@pytest.mark.parametrize("says", ["v1", "v2"])
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_whom_the_balancer_names_is_the_peer_of_the_mail(tmp_path, says, protocol):
    settings = ListenerSettings(proxies=PROXIES, protocol=protocol)
    hello = b"LHLO" if protocol == "lmtp" else b"EHLO"
    with capture_logs() as logs, balanced(tmp_path, says, settings) as (desk, port):
        heard = replies(port, OPENING.replace(b"EHLO", hello) + LETTER + b"QUIT\r\n")
        mail = desk.mails()[0].arrival

    assert heard[-2].startswith("250")
    assert mail.peer == STRANGER
    assert f"Received: from c.example ({STRANGER})".encode() in mail.raw
    assert {line["peer"] for line in logs if "peer" in line} == {STRANGER}


@pytest.mark.parametrize("says", ["v1", "v2"])
def test_a_stranger_behind_a_balancer_does_not_speak_for_the_border(tmp_path, says):
    """The balancer stands on this computer, which is one of the desk's own servers unless it is told otherwise."""
    trust = Trust(authserv_ids=(MX,), border=(MX,), own_servers=(ip_network(BORDER),), proxies=PROXIES)
    with balanced(tmp_path, says) as (desk, port):
        sends(port, FORGED, STRANGER)
        sends(port, FORGED, BORDER)
        forged, of_the_border = (one.arrival for one in desk.mails())

    assert not believed(forged, trust)
    assert believed(of_the_border, trust)


def test_what_a_proxy_hands_in_without_a_name_proves_nothing(tmp_path):
    """LOCAL and UNKNOWN are for health checks; a mail that comes so is nobody's, though loopback is the desk's own."""
    trust = Trust(authserv_ids=(MX,), border=(MX,), own_servers=LOOPBACK, proxies=PROXIES)
    with hosted(tmp_path, KNOWS, ListenerSettings(proxies=PROXIES)) as desk:
        replies(desk.port, b"PROXY UNKNOWN\r\n" + OPENING + FORGED + b"QUIT\r\n", BALANCER)
        mail = desk.mails()[0].arrival

    assert mail.peer == BALANCER
    assert not believed(mail, trust)
    assert believed(mail, Trust(authserv_ids=(MX,), border=(MX,), own_servers=LOOPBACK))


def test_mails_are_counted_for_each_stranger(tmp_path):
    settings = ListenerSettings(proxies=PROXIES, mails_per_minute=1, own_servers=(ip_network(BORDER),))
    with balanced(tmp_path, "v2", settings) as (_, port):
        first, second = sends(port), sends(port)
        another, border = sends(port, source=ANOTHER), [sends(port, source=BORDER) for _ in range(2)]

    assert first[-2].startswith("250")
    assert any(reply.startswith("450 4.7.1") for reply in second)
    assert another[-2].startswith("250")
    assert [replies[-2][:3] for replies in border] == ["250", "250"]


def test_mails_of_the_proxys_own_are_counted_though_it_is_an_own_server(tmp_path):
    settings = ListenerSettings(proxies=PROXIES, mails_per_minute=1, own_servers=LOOPBACK)
    mail = b"PROXY UNKNOWN\r\n" + OPENING + LETTER + b"QUIT\r\n"
    with hosted(tmp_path, KNOWS, settings) as desk:
        replies(desk.port, mail, BALANCER)
        again = replies(desk.port, mail, BALANCER)

    assert any(reply.startswith("450 4.7.1") for reply in again)


def test_sessions_are_counted_for_each_stranger(tmp_path):
    settings = ListenerSettings(proxies=PROXIES, max_sessions_per_ip=2)
    with balanced(tmp_path, "v1", settings, FastLoop(0.01)) as (_, port):  # nobody is silent for long
        held = [Client.connect(port, STRANGER) for _ in range(2)]
        greetings = [client.hear() for client in held]
        with Client.connect(port, STRANGER) as third, Client.connect(port, ANOTHER) as other:
            heard = third.hear(), other.hear()
        for client in held:
            client.close()

    assert [greeting[:3] for greeting in greetings] == ["220", "220"]
    assert heard[0] == "421 4.7.0 Too many connections, please try again later"
    assert heard[1].startswith("220")


def test_health_checks_and_waiting_connections_do_not_use_up_a_strangers_sessions(tmp_path):
    """Connections that have not said whose they are count among all, not as the balancer's."""
    settings = ListenerSettings(proxies=PROXIES, max_sessions_per_ip=1)
    with hosted(tmp_path, KNOWS, settings) as desk:
        waiting = [Client.connect(desk.port, BALANCER) for _ in range(3)]
        heard = replies(desk.port, b"PROXY TCP4 192.0.2.9 10.0.0.5 1 25\r\nQUIT\r\n", BALANCER)
        for client in waiting:
            client.close()

    assert [reply[:3] for reply in heard] == ["220", "221"]


@pytest.mark.parametrize("check", [b"PROXY UNKNOWN\r\n", V2_SIGNATURE + b"\x20\x00\x00\x00"])
def test_a_health_check_is_greeted(tmp_path, check):
    with hosted(tmp_path, KNOWS, SETTINGS) as desk:
        assert [reply[:3] for reply in replies(desk.port, check + b"QUIT\r\n", BALANCER)] == ["220", "221"]


@pytest.mark.parametrize(
    "said",
    [b"EHLO c.example\r\n", b"PROXY TCP4 x y 1 2\r\n", V2_SIGNATURE + b"\x11\x11\x00\x00"],
    ids=["none", "v1", "v2"],
)
def test_without_a_good_header_a_balancers_connection_is_closed(tmp_path, said):
    with capture_logs() as logs, hosted(tmp_path, KNOWS, SETTINGS) as desk:
        heard = replies(desk.port, said, BALANCER)

    assert heard == ["421 4.3.5 The balancer did not say who you are, closing"]
    assert [line["action"] for line in logs if line.get("peer") == BALANCER] == ["smtp.proxy_header_bad"]


def test_a_balancer_that_says_nothing_is_not_waited_for(tmp_path):
    settings = ListenerSettings(proxies=PROXIES, proxy_header_for=timedelta(milliseconds=100))
    with capture_logs() as logs, balanced(tmp_path, "nothing", settings) as (_, port):
        heard = replies(port, b"")

    assert heard == ["421 4.3.5 The balancer did not say who you are, closing"]
    refused = [line for line in logs if line.get("peer") == BALANCER]
    assert [(line["action"], line["reason"]) for line in refused] == [
        ("smtp.proxy_header_bad", "nothing came in time")
    ]


def test_a_balancer_that_hangs_up_leaves_no_session(tmp_path):
    with hosted(tmp_path, KNOWS, SETTINGS) as desk:
        socket.create_connection(("127.0.0.1", desk.port), source_address=(BALANCER, 0)).close()

        assert eventually(lambda: not len(desk.listener._sessions))


@pytest.mark.parametrize("says", ["v1", "v2"])
def test_nobody_else_may_name_a_client(tmp_path, says):
    """A forwarder that is no proxy of the desk's: the header is a wrong command, and the session ends."""
    settings = ListenerSettings(proxies=(ip_network("192.0.2.5"),))
    with balanced(tmp_path, says, settings) as (desk, port):
        heard = sends(port)
        mails = desk.mails()

    assert heard[0].startswith("220")
    assert heard[-1] == "550 5.7.1 Nobody is taken at their word about another's address, closing"
    assert mails == []
