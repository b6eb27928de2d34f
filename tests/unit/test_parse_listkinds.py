"""The traces that list programs leave, and the address of the list in them (R47)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import ListInfo
from helpdesk.parse.message import read

MILIS = "milis@lists.example"
KINDS = {
    "mailman 2": (
        "Sender: milis-bounces@lists.example\nPrecedence: list\n"
        "X-BeenThere: milis@lists.example\nX-Mailman-Version: 2.1.5\n"
        "List-Id: Milis <milis.lists.example>\nList-Post: <mailto:milis@lists.example>\n"
    ),
    "mailman 2.0": (
        "Sender: milis-admin@lists.example\nErrors-To: milis-admin@lists.example\n"
        "X-Mailman-Version: 2.0\nPrecedence: bulk\n"
    ),
    "mailman verp": (
        "Return-Path: <milis-bounces+bart=staff.example@lists.example>\nPrecedence: list\n"
        "List-Id: <milis.lists.example>\n"
    ),
    "sympa": (
        "X-Loop: milis@lists.example\nX-Sequence: 12\nErrors-to: milis-owner@lists.example\n"
        "Precedence: list\nSender: milis-request@lists.example\nX-no-archive: yes\n"
        "List-Id: <milis.lists.example>\nList-Post: <mailto:milis@lists.example>\n"
    ),
    "google groups": (
        "Mailing-list: list milis@lists.example; contact milis+owners@lists.example\n"
        "List-ID: <milis.lists.example>\nX-Google-Group-Id: 1\nPrecedence: list\n"
    ),
    "ezmlm": (
        "Mailing-List: contact milis-help@lists.example; run by ezmlm\n"
        "Delivered-To: mailing list milis@lists.example\n"
    ),
    "ezmlm bare": "Mailing-List: contact milis-help@lists.example; run by ezmlm\n",
    "majordomo": "Sender: owner-milis@lists.example\nPrecedence: bulk\n",
    "listserv": (
        "Received: from LISTS.EXAMPLE by LISTS.EXAMPLE (LISTSERV-TCP/IP release 1.8d) with spool "
        "id 1\nSender: Milis talk <milis@lists.example>\n"
        "Reply-To: Milis talk <milis@lists.example>\n"
    ),
    "lyris": (
        "List-Unsubscribe: <mailto:leave-milis-12345T@lists.example>\n"
        "Message-Id: <LYRIS-1-2-2026.03.09--b#c@lists.example>\n"
    ),
    "lyris verp": (
        "Sender: bounce-milis-846@lists.example\nList-Software: Lyris Server version 3.0\nPrecedence: bulk\n"
    ),
    "letterrip": "Sender: <milis@lists.example>\nPrecedence: Bulk\nList-Software: LetterRip Pro 3.0.7\n",
    "liststar": (
        "X-Listserver: ListSTAR v2.2\nX-List-Unsubscribe: <mailto:milis@lists.example?subject=unsubscribe>\n"
    ),
    "fml": (
        "X-ML-Name: Milis\nX-Mail-Count: 00089\nX-MLServer: fml [fml 4.0]\n"
        "Reply-To: milis@lists.example\nPrecedence: bulk\n"
    ),
    "communigate": "X-ListServer: CommuniGate List 1.4\nSender: milis@lists.example (Milis)\n",
    "smartlist": (
        "X-Mailing-List: <milis@lists.example> archive/latest/1\n"
        "X-Loop: milis@lists.example\nPrecedence: list\n"
        "Resent-Sender: milis-request@lists.example\n"
    ),
    "yahoogroups": (
        "Mailing-List: list milis@lists.example; contact milis-owner@lists.example\n"
        "Delivered-To: mailing list milis@lists.example\nPrecedence: bulk\n"
    ),
    "listbox": "Sender: owner-milis@lists.example\nList-Id: <milis.lists.example>\nPrecedence: list\n",
    "mlmmj": (
        "Return-Path: <milis+bounces-12-bart=staff.example@lists.example>\n"
        "X-Mailinglist: milis\nPrecedence: list\n"
    ),
    "listproc": "X-Listprocessor-Version: 8.2\nSender: owner-milis@lists.example\n",
    "ecartis": (
        "Sender: milis-bounce@lists.example\nErrors-To: milis-bounce@lists.example\n"
        "Precedence: bulk\nX-list: milis\n"
    ),
    "owner header": (
        "List-Owner: <mailto:owner-milis@lists.example>\nList-Archive: <https://lists.example/milis>\n"
    ),
}


def _list(head: str, sender: str = "Anne Smith <anne@customer.example>") -> ListInfo | None:
    return read(f"From: {sender}\nTo: bart@staff.example\nSubject: x\n{head}\nHello".encode()).list


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_list_tells_its_address(kind: str) -> None:
    info = _list(KINDS[kind])

    assert info is not None
    assert info.address == MILIS
    assert not info.munged


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Sender: bart@staff.example\n",
        "Sender: owner-milis@lists.example\n",
        "Return-Path: <news-bounces@shop.example>\n",
        "List-Unsubscribe: <https://shop.example/u?1>\n",
        "List-Unsubscribe: <mailto:u.8f3a@shop.example>\nPrecedence: bulk\n",
        "X-Loop: bart@staff.example\n",
        "Precedence: bulk\n",
    ],
)
def test_one_hint_makes_no_list(head: str) -> None:
    assert _list(head) is None


MUNGED = {
    "mailman 3": (
        "Anne Smith via Milis <milis@lists.example>",
        "Reply-To: Anne Smith <anne@customer.example>\n",
    ),
    "cc": (
        "Anne Smith via Milis <milis@lists.example>",
        "Reply-To: milis@lists.example\nCc: Anne Smith <anne@customer.example>\n",
    ),
    "google": ("'Anne Smith' via Milis <milis@lists.example>", "X-Original-Sender: anne@customer.example\n"),
    "groups.io": ("Anne Smith via lists.example <anne=customer.example@lists.example>", ""),
    "ietf": ("Anne Smith <anne=40customer.example@dmarc.lists.example>", ""),
    "sympa": (
        "Anne Smith (via milis Mailing List) <milis@lists.example>",
        "X-Original-From: Anne Smith <anne@customer.example>\n",
    ),
    "yahoogroups": ("Anne Smith anne@customer.example [milis] <milis@lists.example>", ""),
    "german": ("Anne Smith über Milis <milis@lists.example>", "Reply-To: anne@customer.example\n"),
    "indonesian": ("Anne Smith melalui Milis <milis@lists.example>", "Reply-To: anne@customer.example\n"),
}


@pytest.mark.parametrize("kind", MUNGED)
def test_the_writer_behind_each_kind_of_munging(kind: str) -> None:
    """R48"""
    sender, head = MUNGED[kind]

    info = _list(
        f"{head}List-Id: <milis.lists.example>\nList-Post: <mailto:milis@lists.example>\n",
        f'"{sender.split(" <")[0]}" <{sender.split(" <")[1]}',
    )

    assert info is not None
    assert info.munged
    assert info.original_from is not None
    assert (info.original_from.name, info.original_from.address) == ("Anne Smith", "anne@customer.example")


def test_a_shared_mailbox_that_speaks_for_somebody() -> None:
    """R48: a forwarding rule of a mail service, no list header at all."""
    info = _list("Reply-To: anne@customer.example\n", "Anne Smith via Support <support@customer.example>")

    assert info is not None
    assert info.munged
    assert info.original_from is not None
    assert info.original_from.address == "anne@customer.example"


def test_two_strangers_in_reply_to_prove_nobody() -> None:
    """R48"""
    info = _list(
        "Reply-To: a@x.example, b@x.example\nList-Id: <milis.lists.example>\n",
        "Anne via Milis <milis@lists.example>",
    )

    assert info is not None
    assert info.original_from is None
