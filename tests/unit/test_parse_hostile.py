"""Mails made to hurt: each under 2 s of processor time and all under 512 MB (F3, F4, T13-T17)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from helpdesk.parse.message import part_bytes, read
from helpdesk.parse.show import as_json

HEAD = b"From: a@b.example\r\nSubject: x\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
ENOUGH = 2.0
MEGABYTE = 10**6


def typed(kind: str, body: bytes, coding: str = "8bit") -> bytes:
    return HEAD + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n".encode() + body


def mail_in_mail_under_base64(depth: int) -> bytes:
    raw = b"Content-Type: text/plain\r\n\r\nhello\r\n"
    for _ in range(depth):
        raw = typed("message/rfc822", base64.encodebytes(raw), "base64")
    return raw


SIGNED = bytes.fromhex("308006092a864886f70d010702a080308006092a864886f70d010701a0802480")
TNEF_PROPERTIES = (
    b"\x02\x05\x90\x06\x00\xe8\x03\x00\x00\x1e\x10\x07\x37\xff\xff\xff\x7f" + b"\0" * 992 + b"aa"
)

HOSTILE: dict[str, Callable[[], bytes]] = {
    "3 MB of delimiters": lambda: MIXED + b"--b\r\n" * 600_000,
    "3 MB of almost delimiters": lambda: MIXED + b"--bx\r\n" * 500_000,
    "3 MB of blanks in delimiters": lambda: MIXED + b"--x y\r\n" * 400_000,
    "long delimiters nobody declared": lambda: MIXED + (b"--" + b"x" * 180 + b"\r\n") * 16_000,
    "mails in mails, each with parts": lambda: (
        MIXED
        + (
            b"--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
            + b"--c\r\n\r\nx\r\n" * 100
        )
        * 300
    ),
    "30 mails in each other under base64": lambda: mail_in_mail_under_base64(30),
    "a multipart that does not say so": lambda: (
        b"Subject: x\r\n\r\n" + b"--b\r\ncontent-type: text/plain\r\n\r\nx\r\n" * 50_000
    ),
    "200 KB of fields": lambda: b"".join(b"X-%d: %s\r\n" % (n, b"y" * 100) for n in range(2000)) + b"\r\nx",
    "lines that are no fields": lambda: b"Subject: x\r\n" + b"junk\r\nTo: a\r\n" * 40_000 + b"\r\nx",
    "encoded words without end": lambda: b"Subject: " + b"=?utf-8?q?=41?=20" * 900 + b"\r\n\r\n",
    "names without addresses": lambda: b"To: " + b"a, " * 20_000 + b"b <c@d.example>\r\n\r\nx",
    "brackets": lambda: b"To: " + b"<" * 64_000 + b"\r\nReferences: " + b"<" * 64_000 + b"\r\n\r\nx",
    "5,000 segments of a name": lambda: (
        b"Content-Type: x/y;" + b"".join(b" name*%d*=utf-8''a;\r\n" % n for n in range(5000)) + b"\r\n\r\nx"
    ),
    "dates": lambda: b"Date: " + b"1 jan " * 10_000 + b"\r\n\r\nx",
    "raw bytes in the subject": lambda: b"Subject: " + b"\xc4\xe3 a\xe9" * 3000 + b"\r\n\r\nx",
    "a megabyte of every byte": lambda: HEAD + b"\r\n" + bytes(range(128, 256)) * 8000,
    "UTF-8 that is none": lambda: typed("text/plain; charset=utf-8", ("é".encode() + b"\xff" * 3) * 100_000),
    "half UTF-8": lambda: typed("text/plain; charset=utf-8", ("é".encode() + b"\xff") * 300_000),
    "escapes": lambda: typed("text/plain; charset=iso-2022-jp", b"\x1b$B-!\x1b(B" * 100_000),
    "base64 in pieces": lambda: typed("text/plain", b"AAAA=BB " * 300_000, "base64"),
    "base64 of words": lambda: typed("text/plain", b"abc " * 700_000, "base64"),
    "quoted-printable": lambda: typed("text/plain", b"=3D=\r\n" * 400_000, "quoted-printable"),
    "uuencode without end": lambda: typed("text/plain", b"begin 644 a\n#86)C\n" * 100_000),
    "100,000 uuencoded files": lambda: typed("text/plain", b"begin 644 a\n#86)C\nend\n" * 100_000),
    "blanks after begin": lambda: typed("text/plain", b"begin 644 " + b" " * 2_000_000),
    "blanks after a delimiter": lambda: (
        HEAD + b"Content-Type: multipart/mixed\r\n\r\n--x" + b" " * 3_000_000 + b"x"
    ),
    "blanks before a delimiter": lambda: (
        b"Subject: x\r\n\r\nThis is a multi-part" + b" " * 3_000_000 + b"--x"
    ),
    "meta without end": lambda: typed("text/html", b"<meta " * 200_000),
    "tnef lengths that lie": lambda: typed(
        "application/ms-tnef", b"\x78\x9f\x3e\x22\1\0" + TNEF_PROPERTIES * 2000
    ),
    "calendar": lambda: typed("text/calendar", b"BEGIN:VEVENT\r\n" + b"SUMMARY:x\r\n y" * 100_000),
    "a signature in a million pieces": lambda: typed(
        "application/pkcs7-mime", SIGNED + b"\x04\x00" * MEGABYTE
    ),
    "armour": lambda: typed("text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\r\n" * 60_000),
    "one line of 3 MB": lambda: HEAD + b"\r\n" + b"x" * (3 * MEGABYTE),
    "a million lines": lambda: HEAD + b"\r\n" + b"x\n" * MEGABYTE,
    "3 MB of blanks": lambda: HEAD + b"\r\n" + b" " * (3 * MEGABYTE),
    "3 MB of carriage returns": lambda: HEAD + b"\r" * (3 * MEGABYTE),
    "marks on marks": lambda: HEAD + b"\r\na" + "\u0301\u0323".encode() * 500_000,
    "soft line ends": lambda: typed("text/plain; format=flowed", b"x \r\n" * 700_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_hostile_mail_is_slow(kind: str) -> None:
    raw = HOSTILE[kind]()
    began = time.process_time()

    mail = read(raw)

    assert time.process_time() - began < ENOUGH
    assert not [repair for repair in mail.repairs if "could not be read" in repair]
    json.dumps(as_json("x", mail)).encode("ascii")


@pytest.mark.parametrize("kind", ["mails in mails, each with parts", "100,000 uuencoded files"])
def test_an_inner_part_is_found_again_in_time(kind: str) -> None:
    raw = HOSTILE[kind]()
    found = read(raw).attachments
    began = time.process_time()

    part_bytes(raw, found[-1])

    assert time.process_time() - began < ENOUGH


def test_no_hostile_mail_needs_much_memory() -> None:
    """All of them, one after the other, in a process that may have 512 MB."""
    program = (
        "import resource, sys; sys.path[:0] = sys.argv[1:]\n"
        "from helpdesk.parse.message import read\n"
        "from test_parse_hostile import HOSTILE\n"
        "resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\n"
        "bad = [k for k, make in HOSTILE.items() if any('MemoryError' in r for r in read(make()).repairs)]\n"
        "print(bad)\n"
    )
    folder = __file__.rpartition("/")[0]

    done = subprocess.run(
        [sys.executable, "-c", program, folder], check=False, capture_output=True, text=True, timeout=100
    )

    assert done.stdout.strip() == "[]", done.stderr[-2000:]


@pytest.mark.parametrize("place", ["subject", "name", "file", "id"])
@pytest.mark.parametrize(
    "control", ["\r\nBcc: x@y.example", "\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e"]
)
def test_no_control_character_comes_out_of_an_encoded_word(place: str, control: str) -> None:
    """F1, T16, T17: decoded once, and nothing in it ends a line."""
    word = "=?utf-8?b?" + base64.b64encode(f"a{control}b".encode()).decode() + "?="
    raw = (
        f"Subject: {word}\r\nFrom: {word} <a@b.example>\r\nMessage-ID: {word}@x\r\n"
        f'Content-Disposition: attachment; filename="{word}"\r\n\r\nx'
    )

    mail = read(raw.encode())
    assert mail.sender
    shown = {
        "subject": mail.subject,
        "name": mail.sender.name,
        "file": mail.attachments[0].name or "",
        "id": mail.message_id or "",
    }[place]

    assert not any(c in shown for c in "\r\n\x00\x1b\x7f\x85\u2028\u202e")
