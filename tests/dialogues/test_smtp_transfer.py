"""Dialogues with DATA: what is stored is what was sent, once, or refused (R1, R4, R5, R7, R9-R12, R16)."""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from helpdesk.flow.receive import recipient_rule
from helpdesk.model.mail import Road
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.testing.smtp_client import Client, converse, hosted
from helpdesk.wire.smtp_server import ListenerSettings

KNOWS = recipient_rule(Policy("Desk", "help@desk.example", WorkCalendar(ZoneInfo("UTC"))))
ENVELOPE = """
-> EHLO customer.example
<- 250
-> MAIL FROM:<anne@customer.example>
<- 250 2.1.0
-> RCPT TO:<help@desk.example>
<- 250 2.1.5
"""
DATA = ENVELOPE + "-> DATA\n<- 354\n"
LETTER = """
-> From: Anne <anne@customer.example>
-> Subject: Parcel
->
-> Where is it?
-> ..
-> ..two dots
-> .
<- 250 2.0.0
"""
BODY = b"From: Anne <anne@customer.example>\r\nSubject: Parcel\r\n\r\nWhere is it?\r\n.\r\n.two dots\r\n"
FEEDS = pytest.mark.parametrize("feed", ["turns", "whole", "bytes"])


@pytest.fixture
def desk(tmp_path):
    with hosted(tmp_path, KNOWS, ListenerSettings(hostname="mx.desk.example")) as host:
        yield host


@pytest.fixture
def small_desk(tmp_path):
    with hosted(tmp_path, KNOWS, ListenerSettings(max_size=2000)) as host:
        yield host


def letter(desk, content: bytes) -> str:
    """Send one message, as bytes between the 354 and the end mark; return the last reply."""
    with Client.connect(desk.port) as client:
        client.say(
            b"EHLO c.example\r\nMAIL FROM:<anne@customer.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n"
            + content
            + b"\r\n.\r\nQUIT\r\n"
        )
        return client.hear_all()[-2]


def without_trace(raw: bytes) -> bytes:
    """The message below our Return-Path and Received."""
    match = re.match(rb"Return-Path: <[^\r]*>\r\nReceived: (?:[^\r]*\r\n\t)*[^\r]*\r\n", raw)
    assert match is not None
    return raw[match.end() :]


@FEEDS
def test_a_letter_is_stored_as_it_was_sent(desk, feed):
    converse(desk.port, DATA + LETTER + "-> QUIT\n<- 221", feed)

    (mail,) = desk.mails()
    assert without_trace(mail.arrival.raw) == BODY
    assert (mail.arrival.sender, mail.arrival.recipients) == ("anne@customer.example", ("help@desk.example",))
    assert (mail.arrival.road, mail.arrival.peer) == (Road.SMTP, "127.0.0.1")
    assert abs(mail.arrival.received_at - datetime.now(UTC)) < timedelta(minutes=1)


@FEEDS
def test_what_follows_a_letter_is_the_next_command(desk, feed):
    """R12: a tail in the same packet is neither lost nor part of the letter."""
    again = re.sub(r"-> EHLO.*\n<- 250", "", DATA, count=1)

    converse(desk.port, DATA + LETTER + again + LETTER + "-> NOOP\n<- 250\n-> QUIT\n<- 221\n<-", feed)

    assert [without_trace(mail.arrival.raw) for mail in desk.mails()] == [BODY, BODY]


@pytest.mark.parametrize("pieces", ["whole", "bytes"])
@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\n.\r",
        b"\r.\n",
        b"\r\r\n.\r\r\n",
        b"\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n..\r\n",
        b"\r\n. \r\n",
    ],
)
def test_only_crlf_dot_crlf_ends_a_letter(desk, end, pieces):
    """R1: the end-of-data variants of SMTP smuggling, each followed by a second mail."""
    smuggled = (
        b"MAIL FROM:<pic@desk.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\nSubject: forged\r\n\r\nx"
    )
    with Client.connect(desk.port) as client:
        client.say(b"EHLO c.example\r\nMAIL FROM:<anne@customer.example>\r\nRCPT TO:<help@desk.example>\r\n")
        client.say(b"DATA\r\n")
        send = client.say if pieces == "whole" else client.say_bytewise
        send(b"Subject: a\r\n\r\nx" + end + smuggled + b"\r\n.\r\nQUIT\r\n")
        heard = client.hear_all()

    (mail,) = desk.mails()
    assert mail.arrival.sender == "anne@customer.example"
    assert [reply[:3] for reply in heard[-3:]] == ["354", "250", "221"]
    assert mail.arrival.raw.count(b"\n") == mail.arrival.raw.count(b"\r\n") == mail.arrival.raw.count(b"\r")


def test_an_empty_letter_is_a_letter(desk):
    converse(desk.port, DATA + "-> .\n<- 250 2.0.0")

    assert without_trace(desk.mails()[0].arrival.raw) == b""


def test_the_trace_stands_on_top_and_forged_ones_are_gone(desk):
    """R4: our Return-Path and Received; incoming Return-Path and X-Helpdesk fields go, folded ones whole."""
    letter(
        desk,
        b"Return-Path: <pic@desk.example>\r\nFrom: anne@customer.example\r\nX-Helpdesk-Ticket: 7,\r\n 8\r\n\t9\r\n"
        b"RETURN-path : <x>\r\nx-helpdesk-letter: close\r\nSubject: a\r\n b\r\n\r\nX-Helpdesk-Ticket: in the text",
    )

    raw = desk.mails()[0].arrival.raw
    assert re.match(
        rb"Return-Path: <anne@customer.example>\r\nReceived: from c.example \(127.0.0.1\)\r\n"
        rb"\tby mx.desk.example with ESMTP;\r\n\t\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r\nFrom: anne",
        raw,
    )
    assert raw.endswith(
        b"From: anne@customer.example\r\nSubject: a\r\n b\r\n\r\nX-Helpdesk-Ticket: in the text\r\n"
    )


def test_a_letter_cannot_continue_our_own_received_field(desk):
    """R4, R51: a first line that begins with a blank would be folded into it."""
    letter(desk, b"\t for <pic@desk.example>\r\nSubject: a\r\n\r\nx")

    assert b"+0000\r\nfor <pic@desk.example>\r\nSubject: a\r\n" in desk.mails()[0].arrival.raw


def test_a_greeting_cannot_write_into_the_trace(desk):
    converse(desk.port, DATA.replace("EHLO customer.example", "EHLO x) by pic.example (; \\xff", 1) + LETTER)

    assert b"\r\nReceived: from x??by?pic.example??;?? (127.0.0.1)\r\n" in desk.mails()[0].arrival.raw


@pytest.mark.parametrize(("hops", "code"), [(50, "250 2.0.0"), (51, "554 5.4.6")])
def test_a_letter_that_goes_round_is_refused(desk, hops, code):
    """R5."""
    assert letter(
        desk, b"Received: from a\r\n by b\r\n" * hops + b"Subject: a\r\n\r\nReceived: x"
    ).startswith(code)
    assert len(desk.mails()) == (hops == 50)


def test_the_null_sender_is_empty(desk):
    """R9, F5g."""
    converse(desk.port, DATA.replace("anne@customer.example", "", 1) + LETTER)

    arrival = desk.mails()[0].arrival
    assert arrival.sender == ""
    assert arrival.raw.startswith(b"Return-Path: <>\r\n")


def test_a_repeated_recipient_is_stored_once(desk):
    again = "-> RCPT TO:<HELP+t1@desk.example>\n<- 250\n-> RCPT TO:<help@desk.example>\n<- 250\n-> DATA"

    converse(desk.port, DATA.replace("-> DATA", again) + LETTER)

    assert desk.mails()[0].arrival.recipients == ("help@desk.example", "HELP+t1@desk.example")


def test_a_utf8_sender_makes_the_round_trip(desk):
    """R11: stored as NFC; Return-Path keeps the bytes of the wire; Received says how it came (RFC 6531)."""
    converse(
        desk.port,
        DATA.replace("<anne@customer.example>", "<a\\xcc\\x8anne@b\u00fccher.example> SMTPUTF8") + LETTER,
    )

    arrival = desk.mails()[0].arrival
    assert arrival.sender == "\u00e5nne@b\u00fccher.example"
    assert arrival.raw.startswith(b"Return-Path: <a\xcc\x8anne@b\xc3\xbccher.example>\r\n")
    assert b" with UTF8SMTP;" in arrival.raw


def test_eight_bit_text_arrives_untouched(desk):
    """R11: 8BITMIME."""
    content = b"Subject: a\r\n\r\n" + bytes(byte for byte in range(256) if byte not in b"\r\n")

    letter(desk, content)

    assert without_trace(desk.mails()[0].arrival.raw) == content + b"\r\n"


@pytest.mark.parametrize(("length", "code"), [(1001, "250"), (65536, "250"), (65537, "554 5.6.0")])
def test_a_line_of_64_kb_is_taken_and_no_longer_one(desk, length, code):
    """R7, F5d: the library refuses 1002 bytes, which real senders exceed."""
    assert letter(desk, b"Subject: a\r\n\r\n" + b"x" * length).startswith(code)


@pytest.mark.parametrize(("size", "code"), [(2000, "250 2.0.0"), (2001, "552 5.3.4")])
def test_the_size_limit_is_exact_and_dots_do_not_count(small_desk, size, code):
    """R10, RFC 1870 section 3: bytes of the message, without transparency and end mark."""
    head = b"Subject: a\r\n\r\n"
    rest = size - len(head) - 2 - 600
    stuffed = b"..\r\n" * 200 + b"x" * rest

    assert letter(small_desk, head + stuffed).startswith(code)


@FEEDS
def test_after_a_letter_that_is_too_big_the_session_goes_on(small_desk, feed):
    """R10: counted, though SIZE was not given."""
    big = "-> " + "x" * 900 + "\n"
    small = re.sub(r"-> EHLO.*\n<- 250", "", DATA, count=1) + LETTER

    converse(small_desk.port, DATA + big * 3 + "-> .\n<- 552 5.3.4\n" + small, feed)

    assert len(small_desk.mails()) == 1


def test_a_client_that_leaves_in_the_middle_leaves_nothing(desk):
    """Half a letter is no letter, though the socket was closed in good order."""
    with Client.connect(desk.port) as client:
        client.say(
            b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\nSubject: a\r\n.\r"
        )
        client.sock.shutdown(1)
        heard = client.hear_all()

    assert heard[-1].startswith("354")
    assert desk.mails() == []


@pytest.mark.parametrize("code", ["250 2.0.0", "552 5.3.4", "554 5.4.6"])
@FEEDS
def test_lmtp_answers_once_for_each_recipient(tmp_path, code, feed):
    """R16, F5h: three accepted recipients, one repeated, one refused between them."""
    content = {
        "250 2.0.0": "-> Subject: a\n",
        "552 5.3.4": ("-> " + "x" * 900 + "\n") * 6,
        "554 5.4.6": "-> Received: a\n" * 51,
    }[code]
    script = (
        DATA.replace("EHLO", "LHLO").replace(
            "-> DATA",
            "-> RCPT TO:<nobody@desk.example>\n<- 550 5.1.1\n-> RCPT TO:<help+t1@desk.example>\n<- 250\n"
            "-> RCPT TO:<help@desk.example>\n<- 250\n-> DATA",
        )
        + content
        + "-> .\n"
        + f"<- {code}\n" * 3
        + "-> NOOP\n<- 250 2.0.0 Ok\n-> QUIT\n<- 221"
    )
    with hosted(tmp_path, KNOWS, ListenerSettings(protocol="lmtp", max_size=4000)) as desk:
        converse(desk.port, script, feed)

        assert [mail.arrival.road for mail in desk.mails()] == ([Road.LMTP] if code[0] == "2" else [])


def test_lmtp_without_a_recipient_takes_no_data(tmp_path):
    """RFC 2033 section 4.2."""
    with hosted(tmp_path, KNOWS, ListenerSettings(protocol="lmtp")) as desk:
        converse(
            desk.port,
            "-> LHLO c\n<- 250\n-> MAIL FROM:<>\n<- 250\n"
            "-> RCPT TO:<nobody@desk.example>\n<- 550\n-> DATA\n<- 503 5.5.1",
            "whole",
        )


@pytest.mark.parametrize(("client", "protocol"), [(smtplib.SMTP, "smtp"), (smtplib.LMTP, "lmtp")])
def test_an_ordinary_mail_client_gets_through(tmp_path, client, protocol):
    """The standard library's clients use what the greeting announces: SIZE, 8BITMIME, SMTPUTF8."""
    message = EmailMessage()
    message["From"], message["To"] = "anne@customer.example", "help@desk.example"
    message["Subject"] = "Größe"
    message.set_content("Wo ist es?\n.\n")
    with hosted(tmp_path, KNOWS, ListenerSettings(protocol=protocol)) as desk:
        with client("127.0.0.1", desk.port, local_hostname="customer.example") as session:
            session.send_message(message, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
            session.noop()

        assert without_trace(desk.mails()[0].arrival.raw).endswith(b"Wo ist es?\r\n.\r\n")
