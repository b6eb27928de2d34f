"""Whole mails: structure, text, attachments, limits (R20-R31, T13, T14)."""

from __future__ import annotations

import time

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.message import part_bytes, read, read_headers_only

HEAD = (
    b"From: Anne Smith <anne@customer.example>\r\nTo: Help <help@desk.example>\r\nSubject: Parcel\r\n"
    b"Date: Mon, 9 Mar 2026 10:15:00 +0700\r\nMessage-ID: <1@customer.example>\r\n"
)
MIXED = (
    HEAD + b'Content-Type: multipart/mixed; boundary="b1"\r\n\r\npreamble\r\n--b1\r\n'
    b'Content-Type: multipart/alternative; boundary="b2"\r\n\r\n--b2\r\nContent-Type: text/plain\r\n\r\n'
    b"Where is it?\r\n--b2\r\nContent-Type: text/html\r\n\r\n<p>Where <b>is</b> it?</p>\r\n--b2--\r\n--b1\r\n"
    b'Content-Type: application/pdf; name="bill.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
    b"Content-Disposition: attachment; filename*=utf-8''r%C3%A9cu.pdf\r\n\r\nUERG\r\n--b1--\r\nepilogue\r\n"
)


def test_a_plain_mail_is_read() -> None:
    mail = read(HEAD + b"\r\nWhere is my parcel?\r\n")

    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address) == ("Anne Smith", "anne@customer.example")
    assert not mail.sender_doubtful
    assert mail.to[0].address == "help@desk.example"
    assert (mail.subject, mail.message_id) == ("Parcel", "1@customer.example")
    assert mail.date is not None
    assert mail.date.isoformat() == "2026-03-09T03:15:00+00:00"
    assert (mail.text, mail.new_text, mail.empty) == ("Where is my parcel?",) * 2 + (Emptiness.TEXT,)
    assert mail.repairs == ()


def test_plain_text_is_preferred_and_the_file_is_an_attachment() -> None:
    mail = read(MIXED)

    assert mail.text == "Where is it?"
    (attachment,) = mail.attachments
    assert (attachment.name, attachment.type, attachment.size) == ("récu.pdf", "application/pdf", 3)
    assert part_bytes(MIXED, attachment) == b"PDF"


@pytest.mark.parametrize("ends", [b"\n", b"\r"])
def test_line_ends_do_not_matter(ends: bytes) -> None:
    mail = read(MIXED.replace(b"\r\n", ends))

    assert (mail.text, mail.attachments[0].size) == ("Where is it?", 3)


def test_html_only_when_the_plain_part_says_nothing() -> None:
    raw = MIXED.replace(b"Where is it?\r\n--b2", b"Your mail program does not support HTML\r\n--b2")

    assert read(raw).text == "Where is it?"


def test_flowed_text_is_joined_before_quotes_are_cut() -> None:
    """R27"""
    body = b"This line \r\ngoes on.\r\n> quoted and \r\n> flowed\r\n-- \r\nAnne\r\n"

    mail = read(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + body)

    assert mail.new_text == "This line goes on."
    assert "> quoted and flowed" in mail.text
    assert mail.signature == "--\nAnne"


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "é".encode(), "é"),
        ("cp-850", "é".encode("cp850"), "é"),
        ("iso-8859-8-i", "שלום".encode("iso8859-8"), "שלום"),
        ("x-sjis", "テスト".encode("cp932"), "テスト"),
        ("ks_c_5601-1987", "한국".encode("cp949"), "한국"),
        ("gb2312", "中文".encode("gb18030"), "中文"),
        ("us-ascii", "naïve".encode(), "naïve"),
        ("iso-8859-1", b"\x93x\x94", "“x”"),
        ("nonsense", "é".encode("latin-1"), "é"),
        ("rot13", b"abc", "abc"),
        ("idna", b"xn--a", "xn--a"),
        ("unicode_escape", b"\\ud800", "\\ud800"),
        ("utf-16-le", b"\x00\xd8a\x00", "\ufffda"),
    ],
)
def test_charsets(charset: str, data: bytes, text: str) -> None:
    """R22: what we do not know is read as something storable; strange codecs are never run."""
    mail = read(HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + data)

    assert mail.text == text


def test_two_senders_prove_nobody() -> None:
    """R20"""
    twice = read(b"From: bart@staff.example\r\n" + HEAD + b"\r\nx")
    both = read(HEAD.replace(b"Anne Smith <anne@", b"bart@staff.example, <anne@") + b"\r\nx")
    none = read(b"Subject: x\r\n\r\nx")

    assert [m.sender_doubtful for m in (twice, both, none)] == [True, True, True]


def test_a_mail_without_header_or_body_is_a_mail() -> None:
    for raw in (b"", b"\r\n", b"\n\n\n", b"hello", b"Subject: x", bytes(range(256)) * 20):
        assert read(raw) is not None


def test_header_lines_without_a_colon_do_not_hide_the_rest() -> None:
    mail = read(b"From nobody Mon Mar 9\r\nnonsense here\r\n" + HEAD + b"\r\ntext")

    assert (mail.subject, mail.text) == ("Parcel", "text")
    assert mail.repairs


def test_a_body_without_an_empty_line_before_it() -> None:
    mail = read(b"Subject: x\r\nFrom: anne@customer.example\r\nHello there\r\nHow are you\r\n")

    assert mail.text == "Hello there\nHow are you"


def test_a_message_inside_is_an_attachment_not_text() -> None:
    inner = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + HEAD
    )
    mail = read(
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + inner + b"\r\ninner\r\n--b--\r\n"
    )

    assert mail.text == "see below"
    assert [a.type for a in mail.attachments] == ["message/rfc822"]


def test_language_is_what_the_mail_declares() -> None:
    assert read(HEAD + b"Content-Language: id-ID, en\r\n\r\nx").language == "id-id"
    assert read(HEAD + b"\r\nx").language is None


def test_only_the_header_of_a_poisonous_mail() -> None:
    mail = read_headers_only(HEAD + b"List-Id: <milis.lists.example>\r\n\r\n" + b"x" * 1_000_000)

    assert (mail.subject, mail.text, mail.empty) == ("Parcel", "", Emptiness.UNSURE)
    assert mail.list is not None
    assert mail.repairs == ("only the header was read",)


def test_a_name_is_never_a_path() -> None:
    """T17"""
    for name in (
        b"../../etc/passwd",
        b"..\\\\evil.exe",
        b"a/b",
        b"x\x00y",
        b"\xe2\x80\xaegpj.exe",
        b"a" * 4000,
    ):
        raw = HEAD + b'Content-Type: application/x; name="' + name + b'"\r\n\r\nx'
        shown = read(raw).attachments[0].name

        assert shown
        assert not set("/\\\x00\u202e") & set(shown)
        assert len(shown) <= 300


def _nested(depth: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )


HUGE = {
    "100,000 parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n\r\n" * 100_000,
    "400,000 other boundaries": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--y\r\n" * 400_000,
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\n" + b"--x\r\n" * 400_000,
    "nested 1,000 deep": _nested(1000) + b"\r\nx" + b"--zz\r\n" * 20_000,
    "rfc822 300 deep": b"Content-Type: message/rfc822\r\n\r\n" * 300,
    "100,000 headers": b"".join(b"X-%d: a\r\n" % n for n in range(100_000)) + b"\r\n",
    "200,000 continuation lines": b"X: a\r\n" + b" b\r\n" * 200_000 + b"\r\n",
    "10 MB header": b"X: " + b"a" * 10**7 + b"\r\n\r\nbody",
    "To with 64 KB of ,": b"To: " + b"," * 65_536 + b"\r\n\r\n",
    "To with 64 KB of (": b"To: " + b"(" * 65_536 + b"\r\n\r\n",
    "Content-Type with 64 KB of ;": b"Content-Type: text/plain" + b";" * 65_536 + b"\r\n\r\n",
    "Subject of broken words": b"Subject: " + b"=?a?q?" * 11_000 + b"\r\n\r\n",
    "binary": bytes(range(256)) * 4_000,
}


@pytest.mark.parametrize("kind", HUGE)
def test_no_mail_is_slow(kind: str) -> None:
    """T13, T14: the inputs that cost the standard library seconds to minutes."""
    began = time.process_time()
    read(HUGE[kind])

    assert time.process_time() - began < 2.0


def test_more_parts_than_are_read_are_said() -> None:
    mail = read(HUGE["100,000 parts"])

    assert len(mail.attachments) <= 100
    assert any("more parts" in repair for repair in mail.repairs)
