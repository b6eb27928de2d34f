"""Mailing lists and the writer behind a munged From (R47, R48); forwarded mails."""

from __future__ import annotations

import pytest

from helpdesk.parse.message import read

ANNE, BART = "Anne Smith <anne@customer.example>", "bart@staff.example"
MUNGED = {
    "mailman 2.1": "From: Anne Smith via Milis <milis@lists.example>\r\n"
    "Reply-To: Anne Smith <anne@customer.example>\r\n"
    "List-Id: Milis <milis.lists.example>\r\nList-Post: <mailto:milis@lists.example>\r\n",
    "mailman 3": "From: Anne Smith via Milis <milis@lists.example>\r\nCC: Anne Smith <anne@customer.example>\r\n"
    "Reply-To: milis@lists.example\r\nList-Id: <milis.lists.example>\r\nList-Post: <mailto:milis@lists.example>\r\n",
    "google groups": "From: 'Anne Smith' via Milis <milis@lists.example>\r\n"
    "X-Original-Sender: anne@customer.example\r\n"
    "X-Original-From: Anne Smith <anne@customer.example>\r\nReply-To: Anne Smith <anne@customer.example>\r\n"
    "Mailing-list: list milis@lists.example; contact milis+owners@lists.example\r\nList-Id: <milis.lists.example>\r\n",
    "groups.io": 'From: "Anne Smith via lists.example" <milis@lists.example>\r\nReply-To: anne@customer.example\r\n'
    "List-Id: <milis.lists.example>\r\n",
}


@pytest.mark.parametrize("kind", MUNGED)
def test_the_writer_behind_a_munged_from(kind: str) -> None:
    """R48"""
    info = read((MUNGED[kind] + "\r\nHello").encode()).list

    assert info is not None
    assert (info.id, info.munged) == ("milis.lists.example", True)
    assert info.original_from is not None
    assert (info.original_from.name, info.original_from.address) == ("Anne Smith", "anne@customer.example")


def test_a_plain_list_mail_keeps_its_sender() -> None:
    raw = b"From: anne@customer.example\r\nList-Id: Milis <milis.lists.example>\r\n"
    mail = read(raw + b"List-Post: <mailto:milis@Lists.example>\r\n\r\nHello")

    assert mail.list is not None
    assert (mail.list.address, mail.list.munged, mail.list.original_from) == (
        "milis@lists.example",
        False,
        None,
    )


def test_no_list_no_verdict() -> None:
    assert read(b"From: Anne via Bus <anne@customer.example>\r\n\r\nHello").list is None
    assert read(b"From: anne@customer.example\r\n\r\nHello").list is None


@pytest.mark.parametrize(
    "above",
    [
        "---------- Forwarded message ---------\nFrom: {anne}\nDate: Mon, Mar 9, 2026\nSubject: Parcel\nTo: {bart}\n\n",
        "Begin forwarded message:\n\nFrom: {anne}\nSubject: Parcel\nDate: 9 March 2026\nTo: {bart}\n\n",
        "From: {anne}\nSent: 9 March 2026\nTo: {bart}\nSubject: Parcel\n\n",
        "Von: Anne Smith [mailto:anne@customer.example]\nGesendet: 9. März 2026\nAn: {bart}\nBetreff: Parcel\n\n",
    ],
)
def test_a_forwarded_mail_names_its_writer(above: str) -> None:
    head = (
        "From: bart@staff.example\r\nSubject: Fwd: Parcel\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )

    forwarded = read(f"{head}FYI\n\n{above.format(anne=ANNE, bart=BART)}Where is it?".encode()).forwarded

    assert forwarded is not None
    assert forwarded.sender is not None
    assert (forwarded.sender.name, forwarded.sender.address) == ("Anne Smith", "anne@customer.example")
    assert (forwarded.subject, forwarded.text) == ("Parcel", "Where is it?")


def test_a_reply_is_no_forward() -> None:
    raw = b"Subject: Re: x\r\n\r\nyes\n\nFrom: anne@customer.example\nSent: 9 March 2026\nTo: y\nSubject: x\n\nold"

    assert read(raw).forwarded is None
