"""Bounces (R40-R44)."""

from __future__ import annotations

from helpdesk.model.mail import Automatic
from helpdesk.parse.message import read

DSN = (
    "From: Mail System <MAILER-DAEMON@mx.example>\r\nSubject: Undelivered\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    "--b\r\n\r\nIt did not work.\r\n--b\r\nContent-Type: message/{kind}\r\n\r\n"
    "Reporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <ours@desk.example>\r\nSubject: x\r\n\r\ntext\r\n--b--\r\n"
)


def _dsn(kind="delivery-status", recipient="rfc822; Anne@Customer.example", action="failed", status="5.1.1"):
    return read(DSN.format(kind=kind, recipient=recipient, action=action, status=status).encode())


def test_a_failed_delivery_names_whom_and_what() -> None:
    mail = _dsn()

    assert mail.automatic is Automatic.BOUNCE
    assert mail.bounce is not None
    assert mail.bounce.permanent
    assert mail.bounce.original_message_id == "ours@desk.example"
    (recipient,) = mail.bounce.recipients
    assert (recipient.address, recipient.status, recipient.action) == (
        "Anne@customer.example",
        "5.1.1",
        "failed",
    )


def test_a_delay_is_not_the_end() -> None:
    """R40"""
    bounce = _dsn(action="delayed", status="4.4.1").bounce

    assert bounce is not None
    assert not bounce.permanent


def test_international_reports_are_read() -> None:
    """R41: flufl.bounce does not know them."""
    bounce = _dsn(
        kind="global-delivery-status", recipient="utf-8; jos\\x{{E9}}@customer.example".format()
    ).bounce

    assert bounce is not None
    assert bounce.recipients[0].address == "josé@customer.example"


def test_a_human_who_quotes_a_bounce_is_no_bounce() -> None:
    """R44"""
    raw = (
        "From: Anne <anne@customer.example>\r\nSubject: help\r\n\r\nHi, I got this:\r\n"
        "This message was created automatically by mail delivery software.\r\n"
        "A message that you sent could not be delivered to one or more of its\r\n"
        "recipients. The following address(es) failed:\r\n\r\n  boss@corp.example\r\n"
    )
    mail = read(raw.encode())

    assert (mail.bounce, mail.automatic) == (None, None)


def test_the_same_words_from_a_mail_system_are_one() -> None:
    raw = (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\r\nSubject: Mail delivery failed\r\n\r\n"
        "This message was created automatically by mail delivery software.\r\n\r\n"
        "A message that you sent could not be delivered to one or more of its\r\n"
        "recipients. This is a permanent error. The following address(es) failed:\r\n\r\n"
        "  anne@customer.example\r\n    unknown user\r\n"
    )
    bounce = read(raw.encode()).bounce

    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anne@customer.example"]


def test_odd_reports_cost_nothing_but_their_content() -> None:
    for recipient in ("garbage", "rfc822; \ufffd@", "", "rfc822;", "utf-8; \\x{110000}@x"):
        assert _dsn(recipient=recipient).automatic is Automatic.BOUNCE
    assert read(b"From: \r\nReturn-Path: <>\r\n\r\nx").bounce is None
