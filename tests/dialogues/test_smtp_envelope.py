"""Dialogues up to DATA: greetings, senders, recipients, and what is refused there (R3, R6, R7, R9-R14, R17-R19)."""

import re
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.flow.receive import recipient_rule
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.testing.smtp_client import Client, converse, hosted
from helpdesk.wire.smtp_server import ListenerSettings

KNOWS = recipient_rule(
    Policy("Desk", "help@desk.example", WorkCalendar(ZoneInfo("UTC")), list_address="team@lists.desk.example")
)
HELLO = "-> EHLO customer.example\n<- 250\n"
MAIL = HELLO + "-> MAIL FROM:<anne@customer.example>\n<- 250 2.1.0\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with hosted(tmp_path_factory.mktemp("desk"), KNOWS) as host:
        yield host


@pytest.fixture(scope="module")
def lmtp(tmp_path_factory):
    with hosted(tmp_path_factory.mktemp("lmtp"), KNOWS, ListenerSettings(protocol="lmtp")) as host:
        yield host


def answer(desk, before: str, line: bytes) -> str:
    """The reply to one raw line after a script."""
    with Client.connect(desk.port) as client:
        client.hear()
        for said in re.findall(r"-> (.*)", before):
            client.say(said.encode() + b"\r\n")
            client.hear()
        client.say(line + b"\r\n")
        return client.hear()


def test_the_greeting_announces_only_what_is_done(desk):
    """R11-R13, R17: no CHUNKING, no DSN, no AUTH; SIZE, 8BITMIME, SMTPUTF8, PIPELINING are kept promises."""
    replies = converse(desk.port, "-> EHLO customer.example\n<- 250")

    assert {line[4:].split()[0] for line in replies[1][1:]} == {
        "PIPELINING",
        "SIZE",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
    }


def test_every_reply_carries_an_enhanced_code_where_rfc_2034_wants_one(desk):
    """R14: regex over the replies of a dialogue that visits most of them."""
    replies = converse(
        desk.port,
        """
        -> NOOP
        <- 250
        -> MAIL FROM:<a@b.example>
        <- 503
        -> HELP
        <- 214
        -> VRFY anne
        <- 252
        -> EXPN team
        <- 502
        -> WHAT
        <- 500
        -> STARTTLS
        <- 502
        -> AUTH PLAIN
        <- 502
        -> HELO
        <- 501
        -> DATA
        <- 503
        -> RSET
        <- 250
        -> QUIT
        <- 221
        """,
    )

    assert all(re.match(r"([245])\d\d \1\.\d+\.\d+ ", line[0]) for line in replies[1:])


@pytest.mark.parametrize(
    "recipient",
    [
        "postmaster",
        "Postmaster",
        "Postmaster@Desk.example",
        '"postmaster"',
        "help@desk.example",
        "HELP@DESK.EXAMPLE",
        "help+t.abc-123_x@desk.example",
        '"help"@desk.example',
        "team@lists.desk.example",
    ],
)
def test_mail_for_the_desk_is_taken(desk, recipient):
    """R6 and the desk's own addresses."""
    assert answer(desk, MAIL, f"RCPT TO:<{recipient}>".encode()) == "250 2.1.5 Recipient ok"


@pytest.mark.parametrize(
    "recipient",
    [
        "victim@other.example",
        "victim%other.example@desk.example",
        "victim%other.example",
        "other.example!victim",
        "other.example!victim@desk.example",
        '"victim@other.example"@desk.example',
        '"victim@other.example"',
        '"victim%other.example"@desk.example',
        "@desk.example:victim@other.example",
        "@desk.example,@other.example:victim@third.example",
        "@other.example:help@desk.example",
        "victim@other.example@desk.example",
        "victim@[127.0.0.1]",
        "help@[127.0.0.1]",
        "help@[IPv6:::1]",
        "help@desk.example.other.example",
        "help@sub.desk.example",
        "help-x@desk.example",
        "help@desk.example>victim@other.example",
        "helpdesk@desk.example",
        "help",
        "",
        "@",
        "help@",
        "postmaster@other.example",
        '"help',
        "help @desk.example",
    ],
)
def test_the_desk_is_no_relay(desk, recipient):
    """R18: percent hack, bang path, quotes, source routes, literals: all refused for good."""
    reply = answer(desk, MAIL, f"RCPT TO:<{recipient}>".encode())

    assert re.match(r"550 5\.1\.[13] |501 5\.5\.4 ", reply)
    assert not reply.startswith("501") or recipient in {"help@desk.example>victim@other.example", '"help'}


def test_an_unknown_recipient_is_550_5_1_1(desk):
    assert answer(desk, MAIL, b"RCPT TO:<nobody@desk.example>").startswith("550 5.1.1 ")


@pytest.mark.parametrize("address", ["<he\u013ap@desk.example>", "<h\u0435lp@desk.example>"])
def test_a_lookalike_of_the_desk_is_somebody_else(desk, address):
    """T33: a Latin and a Cyrillic letter."""
    before = HELLO + "-> MAIL FROM:<anne@customer.example> SMTPUTF8\n"

    assert answer(desk, before, f"RCPT TO:{address}".encode()).startswith("550 5.1.1 ")


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        (b"<>", "250"),  # R9
        (b"<a@b.example>", "250"),
        (b" <a@b.example>", "250"),
        (b"a@b.example", "250"),
        (b"<@relay.example:a@b.example>", "250"),
        (b'<"a b"@b.example>', "250"),
        (b'<"a>b"@b.example>', "250"),
        (b"<a@[127.0.0.1]>", "250"),
        (b"<a..b@docomo.example>", "250"),
        (b"<=?utf-8?q?x?=@b.example>", "250"),
        (b"<" + b"a" * 64 + b"@b.example>", "250"),
        (b"<" + b"a" * 256 + b"@b.example>", "250"),
        (b"<" + b"a" * 257 + b"@b.example>", "553 5.1.7"),
        (b"<a@" + b"b." * 127 + b"b>", "250"),
        (b"<a@" + b"b." * 127 + b"bc>", "553 5.1.7"),
        ("<\u00fc@b.example> SMTPUTF8".encode(), "250"),
        ("<\u00fc@b.example>".encode(), "553 5.6.7"),
        ("<\u202eu@b.example> SMTPUTF8".encode(), "553"),
        (b"<\xff@b.example>", "553"),
        (b"<\xc3\xbc@", "553"),
        (b'<"', "553"),
        (b"<@[ ", "553"),
        (b"<a@b", "553"),
        (b"<a>", "553"),
        (b"<a@b.example>>", "501"),
        (b"<a b@b.example>", "553"),
        (b"", "501"),
        (b"<a@b.example>\x00", "500"),
        (b"<a@b.example> SIZE=abc", "501"),
        (b"<a@b.example> SIZE=-1", "501"),
        (b"<a@b.example> SIZE=\xd9\xa3", "501"),
        (b"<a@b.example> SIZE=" + b"9" * 21, "501"),
        (b"<a@b.example> SIZE=1 SIZE=1", "501"),
        (b"<a@b.example> BODY=BINARYMIME", "501"),
        (b"<a@b.example> SMTPUTF8=1", "501"),
        (b"<a@b.example> RET=HDRS", "555"),
        (b"<a@b.example> AUTH=<>", "555"),
        (b"<a@b.example> BODY=8BITMIME SIZE=1000", "250"),
        (b"<a@b.example> SIZE=26214400", "250"),
        (b"<a@b.example> SIZE=26214401", "552 5.3.4"),  # R10
    ],
)
def test_a_sender_is_taken_or_refused_by_name(desk, argument, code):
    """F5i, R7, R10, R11: whatever follows MAIL FROM, the answer is one of ours."""
    assert answer(desk, HELLO, b"MAIL FROM:" + argument).startswith(code)


@pytest.mark.parametrize(
    "option", ["NOTIFY=NEVER", "NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;a@b.example", "X=1"]
)
def test_recipient_parameters_are_not_supported(desk, option):
    """R17: DSN is not announced."""
    assert answer(desk, MAIL, f"RCPT TO:<help@desk.example> {option}".encode()).startswith("555 5.5.4 ")


def test_bytes_that_are_no_utf8_are_no_recipient(desk):
    assert answer(desk, MAIL, b"RCPT TO:<\xff@desk.example>").startswith("553 5.1.3 ")


def test_parameters_need_ehlo(desk):
    assert answer(desk, "-> HELO customer.example\n", b"MAIL FROM:<a@b.example> SIZE=1").startswith("555 ")


def test_a_hundred_recipients_are_taken_and_the_next_waits(desk):
    """R7."""
    script = MAIL + "-> RCPT TO:<help@desk.example>\n<- 250\n" * 100

    converse(desk.port, script + "-> RCPT TO:<help@desk.example>\n<- 452 4.5.3", feed="whole")


def test_the_order_of_commands_is_kept(desk):
    converse(
        desk.port,
        """
        -> RCPT TO:<help@desk.example>
        <- 503 5.5.1
        -> EHLO customer.example
        <- 250
        -> RCPT TO:<help@desk.example>
        <- 503 5.5.1
        -> MAIL FROM:<>
        <- 250
        -> MAIL FROM:<a@b.example>
        <- 503 5.5.1
        -> DATA
        <- 503 5.5.1
        -> RCPT TO:<help@desk.example>
        <- 250
        -> DATA now
        <- 501 5.5.4
        -> RSET
        <- 250
        -> DATA
        <- 503
        -> QUIT
        <- 221 2.0.0
        <-
        """,
    )


@pytest.mark.parametrize("feed", ["turns", "whole", "bytes"])
def test_bdat_is_refused_and_the_dialogue_goes_on(desk, feed):
    """R13."""
    converse(
        desk.port, MAIL + "-> BDAT 5 LAST\n<- 502 5.5.1\n-> RCPT TO:<help@desk.example>\n<- 250 2.1.5", feed
    )


def test_verify_and_expand_tell_nothing(desk):
    """R19: one text for known and unknown."""
    known = [answer(desk, "", verb + b" help@desk.example") for verb in (b"VRFY", b"EXPN")]
    unknown = [answer(desk, "", verb + b" nobody@desk.example") for verb in (b"VRFY", b"EXPN")]

    assert known == unknown
    assert [reply[:3] for reply in known] == ["252", "502"]


@pytest.mark.parametrize("line", [b"NOOP\n", b"NOOP\rNOOP\r\n", b"NO\0OP\r\n", b"NOOP \x1b[2J\r\n"])
def test_commands_end_with_crlf_and_hold_no_controls(desk, line):
    """R1: a bare LF or CR is not a line end."""
    with Client.connect(desk.port) as client:
        client.hear()
        client.say(line)

        assert client.hear().startswith("500 5.5.2 ")


def test_an_overlong_command_is_refused_and_the_next_one_heard(desk):
    """R7."""
    with Client.connect(desk.port) as client:
        client.hear()
        client.say(b"NOOP " + b"x" * 4089 + b"\r\nNOOP " + b"x" * 4090 + b"\r\n")
        client.say(b"NOOP " + b"x" * 300_000 + b"\r\nNOOP\r\n")

        assert [client.hear()[:9] for _ in range(4)] == ["250 2.0.0", "500 5.5.2", "500 5.5.2", "250 2.0.0"]


def test_twenty_errors_end_the_session(desk):
    """T19."""
    with Client.connect(desk.port) as client:
        client.hear()
        client.say(b"WHAT\r\n" * 30)

        assert [reply[:3] for reply in client.hear_all()] == ["500"] * 20 + ["421"]


def test_a_web_browser_is_sent_away(desk):
    with Client.connect(desk.port) as client:
        client.hear()
        client.say(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@b.example>\r\n")

        assert [reply[:9] for reply in client.hear_all()] == ["421 4.7.0"]


def test_lmtp_is_greeted_by_lhlo_only(lmtp):
    """R16, RFC 2033 section 4.1."""
    converse(lmtp.port, "-> EHLO x\n<- 500 5.5.1\n-> HELO x\n<- 500 5.5.1\n-> LHLO x\n<- 250")


def test_smtp_does_not_know_lhlo(desk):
    assert answer(desk, "", b"LHLO x").startswith("500 5.5.1 ")


def test_sessions_are_capped_per_network_and_in_all(tmp_path):
    """T19."""
    settings = ListenerSettings(max_sessions=5, max_sessions_per_ip=3)
    with hosted(tmp_path, KNOWS, settings) as desk:
        sources = ["127.0.0.1"] * 4 + ["127.0.0.2"] * 3
        clients = [Client.connect(desk.port, source) for source in sources]
        greetings = [client.hear()[:3] for client in clients]
        for client in clients:
            client.close()

        assert greetings == ["220", "220", "220", "421", "220", "220", "421"]
        assert _greeted_within(desk.port, 5.0)


def _greeted_within(port: int, seconds: float) -> bool:
    """The places of sessions that ended are free again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with Client.connect(port) as client:
            if client.hear().startswith("220"):
                return True
    return False


def test_an_idle_client_is_told_and_cut(tmp_path):
    """R8."""
    with (
        hosted(tmp_path, KNOWS, ListenerSettings(idle_timeout=timedelta(seconds=0.2))) as desk,
        Client.connect(desk.port) as client,
    ):
        client.hear()
        client.say(b"NOO")

        assert client.hear_all() == ["421 4.4.2 Idle for too long, closing"]
