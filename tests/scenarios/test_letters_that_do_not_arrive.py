"""A bounced or refused answer gives the ball back to the desk; a bounce nobody can vouch for does nothing."""

from email.message import EmailMessage

import pytest

from helpdesk.model.outcome import Refused
from helpdesk.model.ticket import Status

ANNE = "anne@customer.example"


def bounce(letter, *, action="failed", status="5.1.1", recipient=ANNE, message_id=""):
    """A delivery status notification as Postfix writes it (RFC 3464)."""
    report = EmailMessage()
    report["From"] = "MAILER-DAEMON@mx.customer.example (Mail Delivery System)"
    report["To"] = "help@desk.example"
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Message-ID"] = f"<bounce.{action}@mx.customer.example>"
    report["Auto-Submitted"] = "auto-replied"
    original = message_id or letter["Message-ID"]
    body = (
        "--B\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\n\r\n--B--\r\n"
    )
    head = report.as_bytes().replace(b"\n\n", b"\n").replace(b"\n", b"\r\n")
    kind = b'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n'
    return head + b"MIME-Version: 1.0\r\n" + kind + b"\r\n" + body.encode()


@pytest.fixture
def answered(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    return desk


def test_a_bounced_answer_gives_the_ball_back_and_tells_the_operator(answered):
    answered.post(bounce(answered.anne.last("answer")), "")

    letter = answered.bart.last("undelivered")
    assert answered.ticket().status is Status.OPEN
    assert ANNE in letter.text
    assert "5.1.1" in letter.text
    assert "next_response" in {str(d.kind) for d in answered.ticket().deadlines}


def test_a_bounced_answer_never_ends_in_auto_close(answered):
    answered.post(bounce(answered.anne.last("answer")), "")

    answered.passes(days=10)

    assert answered.ticket().status is Status.OPEN


def test_a_bounce_sends_nothing_to_anybody_outside(answered):
    """R46: nothing is ever sent in answer to the null sender."""
    before = len(answered.anne.mailbox)

    answered.post(bounce(answered.anne.last("answer")), "")

    assert len(answered.anne.mailbox) == before
    assert answered.newest().number == 1


@pytest.mark.parametrize(
    "message_id",
    ["<someone@else.example>", "<1-c.0123456789abcdef0123456789abcdef.aaaaaaaaaaaaaaaa@desk.example>"],
)
def test_a_bounce_that_names_no_letter_of_ours_is_ignored(answered, message_id):
    """R43: else a stranger could mute a customer."""
    row = answered.post(bounce(None, message_id=message_id), "")

    assert answered.outcome(row).outcome == "ignored:bounce"
    assert answered.ticket().status is Status.PENDING


def test_a_delayed_delivery_is_only_noted(answered):
    """R40."""
    answered.post(bounce(answered.anne.last("answer"), action="delayed", status="4.4.1"), "")

    assert answered.ticket().status is Status.PENDING
    assert answered.bart.count("undelivered") == 0


def test_an_answer_refused_at_the_door_gives_the_ball_back(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.fails[ANNE] = Refused("550 5.1.1 no such user")

    desk.bart.answers("It is on its way.")

    letter = desk.bart.last("undelivered")
    assert desk.ticket().status is Status.OPEN
    assert "no such user" in letter.text
    assert "> It is on its way." in letter.text


def test_a_new_answer_after_the_bounce_goes_out(answered):
    answered.post(bounce(answered.anne.last("answer")), "")

    answered.bart.answers("Once more: it is on its way.")

    assert answered.anne.last("answer").text.startswith("Once more")
    assert answered.ticket().status is Status.PENDING


def test_a_letter_to_an_operator_that_is_refused_is_told_to_pic(desk):
    desk.fails["bart@staff.example"] = Refused("550 5.1.1 left the company")

    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert "left the company" in desk.dora.last("undelivered").text


def test_undeliverable_notices_do_not_breed(desk):
    """Nobody can be reached: operator, PIC and list all refuse."""
    for address in ("bart@staff.example", "cate@staff.example", "pic@desk.example", desk.list.address):
        desk.fails[address] = Refused("550 5.7.1 no")

    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert desk.history().count("undelivered") <= 8


def test_a_receipt_is_never_a_ticket(desk):
    """R45: message disposition notifications."""
    raw = (
        b"From: Anne <anne@customer.example>\r\nTo: help@desk.example\r\nSubject: Read: hello\r\n"
        b"Message-ID: <mdn@customer.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/plain\r\n\r\nIt was read.\r\n"
        b"--B\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n\r\n"
        b"--B--\r\n"
    )

    row = desk.post(raw, "")

    assert desk.outcome(row).outcome == "ignored:receipt"
    assert desk.sent == []
