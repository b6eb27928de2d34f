"""Machines and humans, answer or no answer (R36, R45, MAIL_RULES 2.4)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import Automatic
from helpdesk.parse.message import read

ANNE = "From: Anne <anne@customer.example>\r\n"

# (header lines, may we answer automatically, what `automatic` says, do only list headers forbid it)
TABLE: list[tuple[str, bool, Automatic | None, bool]] = [
    ("", True, None, False),
    ("Auto-Submitted: no\r\n", True, None, False),
    ("Auto-Submitted: No (human)\r\n", True, None, False),
    ("Auto-Submitted: auto-replied\r\n", False, Automatic.AUTO_REPLY, False),
    ("Auto-Submitted: auto-replied; owner-email=x@y\r\n", False, Automatic.AUTO_REPLY, False),
    ("Auto-Submitted: AUTO-REPLIED (vacation)\r\n", False, Automatic.AUTO_REPLY, False),
    ("Auto-Submitted: auto-generated\r\n", False, Automatic.BULK, False),
    ("Auto-Submitted: auto-notified\r\n", False, Automatic.BULK, False),
    ("Auto-Submitted: whatever\r\n", False, Automatic.BULK, False),
    ("Precedence: bulk\r\n", False, Automatic.BULK, False),
    ("Precedence: junk\r\n", False, Automatic.BULK, False),
    ("Precedence: auto_reply\r\n", False, Automatic.AUTO_REPLY, False),
    ("Precedence: normal\r\n", True, None, False),
    ("Precedence: list\r\n", False, None, True),
    ("List-Id: <milis.lists.example>\r\n", False, None, True),
    ("List-Id: Desk <milis.lists.example>\r\nPrecedence: list\r\n", False, None, True),
    ("List-Id: <milis.lists.example>\r\nPrecedence: bulk\r\n", False, None, False),
    ("List-Unsubscribe: <mailto:u@x.example>\r\n", False, None, True),
    ("List-Post: <mailto:p@x.example>\r\n", False, None, True),
    ("List-Help: <mailto:p@x.example>\r\n", False, None, True),
    ("Mailing-List: list p@x.example; contact q@x.example\r\n", False, None, True),
    (
        "List-Id: <milis.lists.example>\r\nAuto-Submitted: auto-replied\r\n",
        False,
        Automatic.AUTO_REPLY,
        False,
    ),
    ("X-Auto-Response-Suppress: All\r\n", False, None, False),
    ("X-Auto-Response-Suppress: OOF, AutoReply\r\n", False, None, False),
    ("X-Auto-Response-Suppress: DR, NDR\r\n", False, None, False),
    ("X-Auto-Response-Suppress: RN, NRN\r\n", True, None, False),
    ("X-Autoreply: yes\r\n", False, Automatic.AUTO_REPLY, False),
    ("X-Autoreply: no\r\n", True, None, False),
    ("X-Autorespond: out\r\n", False, Automatic.AUTO_REPLY, False),
    ("X-Auto-Reply-From: a@b.example\r\n", False, Automatic.AUTO_REPLY, False),
    ("X-FC-MachineGenerated: true\r\n", False, Automatic.BULK, False),
    ("X-FC-MachineGenerated: false\r\n", True, None, False),
    ("X-Loop: desk\r\n", False, None, False),
    ("X-Helpdesk-Ticket: 12\r\n", False, None, False),
    ("Return-Path: <>\r\n", False, None, False),
    ("Return-Path: <anne@customer.example>\r\n", True, None, False),
    ("X-Spam-Flag: YES\r\n", False, None, False),
    ("X-Spam-Status: No, score=-2\r\n", True, None, False),
    ("Subject: Out of Office: Re: Parcel\r\n", False, Automatic.AUTO_REPLY, False),
    ("Subject: Automatic reply: Parcel\r\n", False, Automatic.AUTO_REPLY, False),
    ("Subject: Abwesenheitsnotiz: Paket\r\n", False, Automatic.AUTO_REPLY, False),
    ("Subject: Balasan otomatis: Paket\r\n", False, Automatic.AUTO_REPLY, False),
    ("Subject: The auto reply you sent me\r\n", True, None, False),
    ("Subject: I am out of office supplies\r\n", True, None, False),
]


@pytest.mark.parametrize(("head", "answer", "automatic", "of_list"), TABLE)
def test_which_mails_may_be_answered(
    head: str, answer: bool, automatic: Automatic | None, of_list: bool
) -> None:
    """R36"""
    mail = read((ANNE + head + "\r\nHello").encode())

    assert (not mail.no_answer) is answer
    assert mail.automatic is automatic
    assert (mail.automatic_reason is None) is (automatic is None)
    assert (bool(mail.no_answer) and all(n.of_list for n in mail.no_answer)) is of_list


@pytest.mark.parametrize(
    ("local", "answer"),
    [
        ("mailer-daemon", False), ("MAILER-DAEMON", False), ("postmaster", False), ("owner-milis", False),
        ("milis-request", False), ("milis-bounces", False), ("no-reply", False), ("noreply", False),
        ("donotreply", False), ("do-not-reply", False), ("no_reply", False), ("billing-noreply", False),
        ("daemon", False), ("anne", True), ("reply", True), ("norah", True), ("anne.noreen", True), ("requests", True),
    ],
)  # fmt: skip
def test_robots_by_their_address(local: str, answer: bool) -> None:
    mail = read(f"From: {local}@x.example\r\n\r\nHello".encode())

    assert (not mail.no_answer) is answer


def test_receipts_and_complaints_have_their_kind() -> None:
    """R42, R45"""
    for kind, part, verdict in (
        ("disposition-notification", "message/disposition-notification", Automatic.RECEIPT),
        ("feedback-report", "message/feedback-report", Automatic.FEEDBACK_REPORT),
        ("delivery-status", "message/delivery-status", Automatic.BOUNCE),
    ):
        body = f"--b\r\n\r\nsaid\r\n--b\r\nContent-Type: {part}\r\n\r\nX: y\r\n--b--\r\n"
        mail = read(
            (ANNE + f"Content-Type: multipart/report; report-type={kind}; boundary=b\r\n\r\n{body}").encode()
        )

        assert mail.automatic is verdict
        assert [n.rule for n in mail.no_answer] == ["report"]
