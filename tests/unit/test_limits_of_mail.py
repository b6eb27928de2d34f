"""[limits] of what is read of one mail: exactly so much passes, one more does not (MAIL_RULES section 7)."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace

import pytest

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.model.mail import InboundMail
from helpdesk.parse.message import attached, part_bytes, read, read_headers_only

HEAD = b"From: Anne <anne@customer.example>\r\nTo: help@desk.example\r\nSubject: Parcel\r\n"
QUOTED = "\n\nOn Mar 9, 2026 8:05 AM, Bart <bart@staff.example> wrote:\n> Help\n"


@dataclass(frozen=True)
class Case:
    """`mail(n)` has n of what is limited; `whole(mail, n)`: all of them were read."""

    mail: Callable[[int], bytes]
    whole: Callable[[InboundMail, int], bool]
    least: int = 5
    also: dict[str, int] = field(default_factory=dict)


def fields_mail(number: int) -> bytes:
    return HEAD + b"X-A: a\r\n" * (number - 4) + b"Message-ID: <m@customer.example>\r\n\r\nx"


def block_mail(size: int) -> bytes:
    head = HEAD + b"Message-ID: <m@customer.example>\r\n"
    filled = size - len(head) - len(b"\r\n")
    return head[: len(HEAD)] + b"X: " + b"x" * (filled - 5) + b"\r\n" + head[len(HEAD) :] + b"\r\nx"


def multipart(parts: list[bytes], boundary: bytes = b"b") -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n"
    return (
        head
        + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--"
        + boundary
        + b"--"
    )


def nested(depth: int) -> bytes:
    part = b"Content-Type: text/plain\r\n\r\ninnermost"
    for level in range(depth):
        part = multipart([part], b"b%d" % level)
    return HEAD + part


def with_files(number: int) -> bytes:
    file = b"Content-Disposition: attachment; filename=a%d.txt\r\n\r\nx"
    return HEAD + multipart([file % n for n in range(number)])


def html(text: str) -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + text.encode()


# where HTML is too much, only its tags are taken away: the list has no bullets then
LAID_OUT = "<ul><li>one</li></ul>"


def is_laid_out(mail: InboundMail, _: int) -> bool:
    return "* one" in mail.text


CASES = {
    "header_block": Case(block_mail, lambda mail, _: not mail.repairs, 300),
    "header_value": Case(
        lambda n: HEAD.replace(b"Parcel", b"s" * (n - 1)) + b"\r\nx",
        lambda mail, n: mail.subject == "s" * (n - 1),
        also={"subject": 20_000},
    ),
    "header_fields": Case(fields_mail, lambda mail, _: mail.message_id is not None, 8),
    "addresses": Case(
        lambda n: HEAD + b"Cc: " + b", ".join(b"u%d@x.example" % k for k in range(n)) + b"\r\n\r\nx",
        lambda mail, n: len(mail.cc) == n,
    ),
    "subject": Case(
        lambda n: HEAD.replace(b"Parcel", b"s" * n) + b"\r\nx", lambda mail, n: mail.subject == "s" * n
    ),
    "mime_depth": Case(nested, lambda mail, _: mail.text == "innermost"),
    "mime_parts": Case(
        lambda n: HEAD + multipart([b"\r\ntext%d" % k for k in range(n)]),
        lambda mail, n: f"text{n - 1}" in mail.text and not mail.attachments,
    ),
    "attachments": Case(with_files, lambda mail, n: len(mail.attachments) == n),
    "html": Case(lambda n: html(LAID_OUT.ljust(n, "x")), is_laid_out, 60),
    "html_tags": Case(lambda n: html(LAID_OUT + "<b></b>" * ((n - 4) // 2) + "<br>" * (n % 2)), is_laid_out),
    "html_depth": Case(lambda n: html("<div>" * (n - 1) + LAID_OUT + "</div>" * (n - 1)), is_laid_out),
    "reply_text": Case(
        lambda n: HEAD + b"\r\n" + ("y" * (n - len(QUOTED) + 1) + QUOTED).encode(),
        lambda mail, n: "Help" not in mail.new_text,
        100,
    ),
    "reply_lines": Case(
        lambda n: HEAD + b"\r\n" + ("y\n" * (n - 3) + QUOTED[1:]).encode(),
        lambda mail, n: "Help" not in mail.new_text,
        8,
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("usual", [True, False], ids=["the default", "a lower one"])
def test_so_much_of_a_mail_is_read_and_no_more(name, usual):
    case = CASES[name]
    most = getattr(NORMAL, name) if usual else case.least
    limits = replace(NORMAL, **case.also, **{name: most})

    assert case.whole(read(case.mail(most), limits=limits), most)
    assert not case.whole(read(case.mail(most + 1), limits=limits), most + 1)


def test_every_limit_of_the_parser_has_its_case():
    assert set(CASES) == {one.name for one in fields(MailLimits)}


def test_what_is_cut_is_told():
    """R21, R25."""
    few = replace(NORMAL, header_block=2048, mime_parts=1, attachments=2)

    assert "header block cut at 2 KB" in read(block_mail(2049), limits=few).repairs
    assert "more parts than are read, the rest is one attachment" in read(with_files(3), limits=few).repairs
    assert "3 attachments, 2 listed" in read(with_files(3), limits=replace(few, mime_parts=9)).repairs


def test_the_limits_hold_for_every_way_of_reading():
    """The head alone (P6), one part, the attachments."""
    few = replace(NORMAL, mime_parts=2, subject=3)

    assert read_headers_only(HEAD + b"\r\n", few).subject.startswith("Par")
    assert len(read_headers_only(HEAD + b"\r\n", few).subject) == 3
    assert part_bytes(with_files(4), 1, few) == b"x"
    assert part_bytes(with_files(4), 3, few) == b""
    names = [(one.name, data) for one, data in attached(with_files(4), {0, 1, 2, 3}) if one.part != 2]
    assert names == [(f"a{n}.txt", b"x") for n in (0, 1, 3)]
    assert attached(with_files(4), {7}) == []
