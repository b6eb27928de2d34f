"""R52, T34: which DKIM signatures the desk looks at, and what they must tie down."""

import time
from datetime import UTC, datetime

import pytest

from helpdesk.decide.signatures import worth_asking
from helpdesk.parse.signatures import LARGEST, read_signed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NAMES = "from:date:message-id:to:cc:subject:in-reply-to:references"
GOOD = f"v=1; a=rsa-sha256; d=staff.example; s=s1; h={NAMES}; bh=x; b=y"
HEAD = (
    "From: bart@staff.example\nTo: help@desk.example\nSubject: Hello\n"
    "Date: Mon, 23 Nov 2026 07:00:00 +0000\nMessage-ID: <1@staff.example>\n"
)


def worth(field, head=HEAD, domain="staff.example"):
    signed = read_signed(f"DKIM-Signature: {field}\n{head}\nHello".encode())
    return worth_asking(signed, domain, NOW)


def test_a_signature_that_ties_all_down_is_worth_the_question():
    assert [one.signer for one in worth(GOOD)] == ["staff.example"]


@pytest.mark.parametrize(
    "field",
    [
        GOOD.replace("from:", ""),
        GOOD.replace("to:", "", 1),
        GOOD.replace("date:", ""),
        GOOD.replace("message-id:", ""),
        GOOD.replace("subject:", ""),
        f"{GOOD}; l=10",
        f"{GOOD}; l = 99999",
        f"{GOOD}; x={int(NOW.timestamp())}",
        f"{GOOD}; x=never",
        f"{GOOD}; x={'9' * 13}",
        GOOD.replace("sha256", "sha1"),
        GOOD.replace("a=rsa-sha256", "a=ed25519-sha256"),
        GOOD.replace("a=rsa-sha256; ", ""),
        GOOD.replace("d=staff", "d=fstaff"),
        GOOD.replace("d=staff", "d=sub.staff"),
        GOOD.replace("d=staff.example", "d=example"),
        GOOD.replace("d=staff", "d=st\u0430ff"),
        f"{GOOD}; d=staff.example",
        f"{GOOD}; no tag",
        "",
    ],
)
def test_one_that_leaves_something_open_is_not(field):
    assert worth(field) == ()


@pytest.mark.parametrize("gone", ["Date", "Message-ID"])
def test_a_mail_that_would_not_be_known_again_proves_nothing(gone):
    """T38: it could be sent any number of times."""
    assert worth(GOOD, "".join(line for line in HEAD.splitlines(True) if not line.startswith(gone))) == ()


@pytest.mark.parametrize("added", ["To: you@other.example\n", "Cc: anne@customer.example\n", "Subject: Hi\n"])
def test_a_field_that_was_added_later_is_not_covered(added):
    """T38: whoever hands a signed mail on must not address it to the desk."""
    field = GOOD.replace("cc:", "")

    assert worth(field, added + HEAD) == ()


@pytest.mark.parametrize(
    ("domain", "speaks"), [("staff.example", True), ("mail.staff.example", True), ("lists.example", False)]
)
def test_a_domain_speaks_for_itself_and_what_is_below_it(domain, speaks):
    assert bool(worth(GOOD, domain=domain)) is speaks


def test_one_that_has_not_expired_counts():
    assert worth(f"{GOOD}; x={int(NOW.timestamp()) + 1};")


def test_only_the_first_three_are_looked_at():
    bad = GOOD.replace("staff", "other")
    fields = [bad, bad, GOOD, GOOD]

    assert [one.at for one in worth("\nDKIM-Signature: ".join(fields))] == [2]


@pytest.mark.parametrize(
    "raw",
    [
        b"DKIM-Signature: a=b\nno field\nFrom: bart@staff.example\n\nHello",
        b"DKIM-Signature: a=b\nFrom: bart@staff.example\0\n\nHello",
        b"DKIM-Signature: a=b\nX: " + b"y" * 20_000 + b"\n\nHello",
        b"DKIM-Signature: a=b\n\n" + b"y" * LARGEST,
        b"DKIM-Signature: a=b\n\n" + b" " * 10_000,
    ],
)
def test_a_mail_that_a_verifier_may_read_otherwise_or_for_ever_is_not_looked_at(raw):
    assert read_signed(raw) is None


@pytest.mark.parametrize("field", ["d=" + "x" * 5000, "d=x; b=" + "\n " * 100 + "y"])
def test_nor_is_a_field_that_is_too_long_or_too_wide(field):
    assert read_signed(f"DKIM-Signature: {field}\n\n".encode()).signatures == ()


@pytest.mark.parametrize("piece", [b" ", b";", b"a=", b"\n ", b"\t\n", b"d=x ;", b"h=:"])
def test_reading_takes_linear_time(piece):
    """T15."""
    raw = b"DKIM-Signature: " + piece * (200_000 // len(piece)) + b"\n\n"
    began = time.process_time()
    read_signed(raw)

    assert time.process_time() - began < 0.5
