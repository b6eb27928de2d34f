"""parse is total, its words are clean, human text is never `empty`, bare quotation never `text` (R30, T15, T16)."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.model.mail import Emptiness, InboundMail
from helpdesk.parse.message import part_bytes, read, read_headers_only
from helpdesk.parse.show import as_json

SEED = (
    b"From: Anne <anne@customer.example>\r\nTo: help@desk.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n"
    b"Date: Mon, 9 Mar 2026 10:15:00 +0700\r\nMessage-ID: <1@customer.example>\r\nList-Id: <milis.lists.example>\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9</p><blockquote>x</blockquote>\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\n"
    b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n--b\r\n"
    b'Content-Type: application/x; name="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n'
)


def _words(mail: InboundMail) -> str:
    shown = [
        mail.subject,
        mail.text,
        mail.new_text,
        mail.signature or "",
        mail.message_id or "",
        *mail.references,
    ]
    for person in (mail.sender, *mail.to, *mail.cc, *mail.reply_to):
        shown += [person.name, person.address] if person else []
    shown += [attachment.name or "" for attachment in mail.attachments]
    return "\n".join(shown)


def _is_clean(text: str) -> bool:
    return all(unicodedata.category(c) not in ("Cs", "Cc") or c in "\n\t" for c in text)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    raw = bytearray(SEED)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 30))] = draw(
            st.binary(max_size=20) | st.sampled_from([b"\r\n", b'"', b"=?", b"--b"])
        )
    return bytes(raw)


@given(st.binary(max_size=2_000) | mutated())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_mail_with_clean_words(raw: bytes) -> None:
    mail = read(raw)

    assert _is_clean(_words(mail))
    assert _is_clean(_words(read_headers_only(raw)))
    assert as_json("x", mail)["file"] == "x"
    for attachment in mail.attachments:
        part_bytes(raw, attachment)


@given(
    st.text(max_size=300),
    st.sampled_from(["Subject", "From", "To", "Content-Type", "Message-ID", "Date", "List-Id"]),
)
@settings(max_examples=300, deadline=None)
def test_any_field_gives_clean_words(value: str, name: str) -> None:
    raw = f"{name}: {value}\r\n\r\nx".encode("utf-8", "surrogatepass")

    assert _is_clean(_words(read(raw)))


WORD = st.text(st.characters(categories=["Ll", "Lu", "Lo"], max_codepoint=0x2FFF), min_size=2, max_size=10)
SENTENCE = st.lists(WORD, min_size=2, max_size=9).map(lambda words: " ".join(words) + ".")
HUMAN = st.lists(SENTENCE, min_size=1, max_size=6).map("\n".join)
BELOW = st.sampled_from(
    [
        "",
        "\n\n-- \nBart\nThe desk",
        "\n\nSent from my iPhone",
        "\n\nOn Tue, Nov 17, 2026 at 9:00 AM Anne <anne@customer.example> wrote:\n> old\n> words",
        "\n\n____________________\nFrom: Anne <a@b.example>\nSent: 17 November 2026\nTo: x\nSubject: y\n\nold",
        "\n\n-----Original Message-----\nFrom: Anne\nSent: x\nTo: y\nSubject: z\n\nold words",
    ]
)


def _mail(text: str) -> InboundMail:
    head = "From: bart@staff.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return read((head + text.replace("\n", "\r\n")).encode())


@given(HUMAN, BELOW)
@settings(max_examples=300, deadline=None)
def test_human_words_are_never_empty(words: str, below: str) -> None:
    mail = _mail(words + below)

    assert mail.empty is not Emptiness.EMPTY
    assert mail.new_text.split() or mail.empty is Emptiness.UNSURE


@given(HUMAN, BELOW)
@settings(max_examples=300, deadline=None)
def test_a_bare_quotation_is_never_text(words: str, below: str) -> None:
    quoted = "\n".join(f"> {line}" for line in words.split("\n"))
    above = "On Tue, Nov 17, 2026 at 9:00 AM Anne <anne@customer.example> wrote:\n"

    assert _mail(above + quoted + below).empty is not Emptiness.TEXT
    assert _mail(quoted + below).empty is Emptiness.EMPTY


@given(HUMAN)
@settings(max_examples=100, deadline=None)
def test_quoting_a_command_never_gives_one(words: str) -> None:
    """T5"""
    quoted = "\n".join(f"> #close {line}" for line in words.split("\n"))

    assert _mail(quoted).command_lines == ()
    assert _mail(words + "\n" + quoted).command_lines == ()
