"""R51: Authentication-Results are read strictly; anything odd says nothing. R52, R55."""

import time

import pytest

from helpdesk.model.authentication import Finding
from helpdesk.parse.headers import read_headers
from helpdesk.parse.message import read
from helpdesk.parse.testimony import read_field

OPENDMARC = b"mx.desk.example; dmarc=pass (p=none dis=none) header.from=staff.example"
RSPAMD = (
    b"mx.desk.example;\tdkim=pass header.d=staff.example header.s=s1 header.b=Abc/1+2;"
    b"\tdmarc=pass (policy=none) header.from=staff.example;"
    b"\tspf=pass (mx.desk.example: domain of bart@staff.example designates 192.0.2.1 as permitted sender)"
    b" smtp.mailfrom=bart@staff.example"
)
GOOGLE = (
    b"mx.google.com; dkim=pass header.i=@staff.example header.s=g header.b=QqQ; arc=pass (i=1 spf=pass dkim=pass);"
    b" spf=pass (google.com: ok) smtp.mailfrom=bart@staff.example; dmarc=pass (p=NONE) header.from=staff.example"
)
M365 = (  # no authserv-id
    b"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=staff.example; dkim=pass header.d=staff.example;dmarc=pass "
    b"action=none header.from=staff.example;compauth=pass reason=100"
)
EXIM = b"mx.desk.example; iprev=pass (c) smtp.remote-ip=192.0.2.1; auth=pass (PLAIN) smtp.auth=bart@staff.example"
OPENDKIM = b'mx.desk.example/; dkim=pass (2048-bit key; unprotected) header.d=staff.example header.b="a;b"'


def findings(raw):
    read_one = read_field(raw)
    return [] if read_one is None else [(f.method, f.result) for f in read_one.findings]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (OPENDMARC, [("dmarc", "pass")]),
        (RSPAMD, [("dkim", "pass"), ("dmarc", "pass"), ("spf", "pass")]),
        (GOOGLE, [("dkim", "pass"), ("arc", "pass"), ("spf", "pass"), ("dmarc", "pass")]),
        (EXIM, [("iprev", "pass"), ("auth", "pass")]),
        (OPENDKIM.replace(b"/;", b";"), [("dkim", "pass")]),
        (b'mx.desk.example 1; dkim=fail reason="bad; sig" header.d=x.example', [("dkim", "fail")]),
        (b"mx.desk.example; dkim/1 = pass header.d = x.example;", [("dkim", "pass")]),
        (b"mx.desk.example; none", []),
        (b"mx.desk.example (the (inner) border); spf=none smtp.mailfrom=<>", [("spf", "none")]),
    ],
)
def test_what_servers_write_is_read(raw, expected):
    field = read_field(raw)

    assert field is not None
    assert field.server in ("mx.desk.example", "mx.google.com")
    assert findings(raw) == expected


def test_comments_say_nothing():
    assert findings(
        b"mx.desk.example; spf=fail (dmarc=pass; dmarc=pass header.from=staff.example) smtp.mailfrom=x"
    ) == [("spf", "fail")]


def test_properties_are_kept():
    assert read_field(OPENDMARC).findings == (Finding("dmarc", "pass", (("header.from", "staff.example"),)),)
    assert read_field(OPENDMARC).findings[0].get("header.d") == ""


@pytest.mark.parametrize(
    "raw",
    [
        M365,
        b"", b";", b"; dmarc=pass", b"mx.desk.example 2; dmarc=pass", b"mx desk example; dmarc=pass",
        b"mx.desk.example; dmarc", b"mx.desk.example; =pass", b"mx.desk.example; dmarc=",
        b"mx.desk.example; dmarc=pass!",
        b"mx.desk.example; dmarc=pass header.from", b"mx.desk.example; dmarc=pass header.from=",
        b"mx.desk.example; ; dmarc=pass header.from=staff.example", b"mx.desk.example; dmarc=pass x y z",
        b"mx.desk.example; dmarc=pass (never closed header.from=staff.example", b"mx.desk.example; dmarc=pass )",
        b'mx.desk.example; dmarc=pass reason="never closed', b'mx.desk.example; dmarc=pass reason="a\\"; b=c"',
        b"mx.desk.example; dmarc=pass header.from=st\xc3\xa4ff.example", b"(((((" * 1000,
        b'"mx.desk.example"; dmarc=pass',
        b"\xff\xfe", b"mx.desk.example; dmarc=pass header.from=" + b"a" * 10_000,
    ],
)  # fmt: skip
def test_anything_odd_says_nothing(raw):
    assert read_field(raw) is None


@pytest.mark.parametrize(
    "piece", [b"(", b"()", b";", b'"', b"a=b ", b"\\", b"; a=b", b" ", b"(\\", b"dkim=pass "]
)
def test_a_hostile_field_takes_no_time(piece):
    raw = b"Authentication-Results: x; " + piece * (60_000 // len(piece)) + b"\r\n"
    began = time.perf_counter()

    read(raw * 3 + b"From: a@x.example\r\n\r\nHello")

    assert time.perf_counter() - began < 2


def hops(raw):
    return [(one.server, one.hops) for one in read(raw).testimonies]


def test_the_servers_above_a_field_are_told():
    raw = (
        b"Received: from mx (1.2.3.4)\r\n\tby desk.example with LMTP; today\r\n"
        b"Received: from by (by evil.example [192.0.2.1]) by MX.desk.example. (Postfix) with ESMTP id 1; x by y\r\n"
        b"Authentication-Results: mx.desk.example; none\r\n"
        b"Received: nonsense\r\n"
        b"Authentication-Results: old.example; none\r\n"
        b"From: bart@staff.example\r\n\r\nHello"
    )

    assert hops(raw) == [
        ("mx.desk.example", ("desk.example", "mx.desk.example")),
        ("old.example", ("desk.example", "mx.desk.example", "")),
    ]


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"X: y\r\nno field\r\n",
        b"Received: by a.example\r\n>From somebody\r\n",
        b"X: y\r\nFrom anne today\r\n",
    ],
)
def test_below_a_line_that_is_no_field_nothing_is_believed(before):
    """There the header may have ended for the server that takes forged fields out."""
    raw = (
        before
        + b"Authentication-Results: mx.desk.example; none\r\nFrom: a@b.example\r\nTo: c@d.example\r\n\r\nHello"
    )

    assert bool(hops(raw)) is (before == b"")


@pytest.mark.parametrize(
    "name", [b"Authentication-Results ", b"ARC-Authentication-Results", b"X-Authentication-Results"]
)
def test_a_name_that_is_not_the_very_one_says_nothing(name):
    """R55: ARC's copies too; with a blank before the colon no server takes it out."""
    assert hops(name + b": mx.desk.example; none\r\nFrom: a@b.example\r\n\r\nHello") == []


def test_there_is_an_end_to_fields():
    many = b"Authentication-Results: mx.desk.example; none\r\n" * 500
    under_many = b"Received: by a.example\r\n" * 500 + many

    assert len(hops(many + b"\r\nHello")) == 20
    assert hops(under_many + b"\r\nHello") == []


def test_an_open_ended_signature_is_noted():
    """R52."""
    signed = (
        b"DKIM-Signature: v=1; d=Staff.example; l=20; b=abc\r\nDKIM-Signature: d=x.example; h=l; b=l=1\r\n"
    )

    assert read(signed + b"From: a@b.example\r\n\r\nHello").partly_signed == ("staff.example",)


def test_the_trace_holds_only_what_servers_add():
    headers, _ = read_headers(b"Subject: x\r\nReceived: by a.example\r\n\r\n")

    assert headers.trace == [("received", b"by a.example")]
