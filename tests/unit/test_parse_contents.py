"""What lies in wrappings: winmail.dat, uuencode, opaque S/MIME, calendars, mails in mails (R25, R28, R29)."""

from __future__ import annotations

import base64
import struct

import pytest

from helpdesk.parse.message import part_bytes, read

HEAD = b"From: Anne <anne@customer.example>\r\nSubject: Hi\r\n"


def attribute(number: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", 2, number, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def mapi(tag: int, kind: int, value: bytes) -> bytes:
    padded = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, tag, 1, len(value)) + padded


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def wrapped(kind: bytes, data: bytes, text: bytes = b"see file") -> bytes:
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        + text
        + b"\r\n--b\r\nContent-Type: "
        + kind
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(data)
        + b"\r\n--b--\r\n"
    )


def test_files_in_winmail_dat_have_their_own_names() -> None:
    long_name = struct.pack("<I", 1) + mapi(0x3707, 0x1F, "Rechnung für März.pdf\0".encode("utf-16-le"))
    data = winmail(
        attribute(0x9002, b"\0" * 14),
        attribute(0x8010, b"RECHNU~1.PDF\0"),
        attribute(0x800F, b"%PDF-1.4"),
        attribute(0x9005, long_name),
    )
    raw = wrapped(b"application/ms-tnef; name=winmail.dat", data)

    mail = read(raw)

    assert [(a.name, a.type, a.size) for a in mail.attachments] == [
        ("Rechnung für März.pdf", "application/pdf", 8)
    ]
    assert part_bytes(raw, mail.attachments[0]) == b"%PDF-1.4"
    assert mail.text == "see file"


def test_a_text_only_outlook_wrapped_is_read() -> None:
    data = winmail(
        attribute(0x9007, struct.pack("<II", 1251, 0)), attribute(0x800C, "Где заказ?\0".encode("cp1251"))
    )

    mail = read(wrapped(b"application/ms-tnef", data, text=b""))

    assert mail.text == "Где заказ?"


@pytest.mark.parametrize("cut", [3, 5, 10, 20, 30, 45])
def test_a_broken_winmail_dat_is_an_attachment(cut: int) -> None:
    data = winmail(attribute(0x9002, b"\0" * 14), attribute(0x800F, b"%PDF-1.4"))[:cut]

    mail = read(wrapped(b"application/ms-tnef; name=winmail.dat", data))

    assert len(mail.attachments) == 1
    assert not any("could not" in repair for repair in mail.repairs)


def test_uuencoded_files_leave_the_text() -> None:
    raw = HEAD + b"\r\nmy file:\r\n\r\nbegin 644 cat.txt\r\n#86)C\r\n`\r\nend\r\n\r\nbye\r\n"

    mail = read(raw)

    assert mail.text == "my file:\n\n\nbye"
    assert [(a.name, a.size) for a in mail.attachments] == [("cat.txt", 3)]
    assert part_bytes(raw, mail.attachments[0]) == b"abc"


def test_people_begin_sentences_too() -> None:
    words = b"begin 2026 with us\r\nbegin 644 reasons to wait\r\nthat is all\r\n"

    mail = read(HEAD + b"\r\n" + words)

    assert mail.text == words.decode().replace("\r\n", "\n").strip()
    assert not mail.attachments


def der(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + struct.pack(">H", size)
    return bytes([tag]) + length + value


SIGNED = b"Content-Type: text/plain\r\n\r\nsigned words"
OID = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"


@pytest.mark.parametrize("in_pieces", [False, True])
def test_words_inside_an_opaque_signature_are_read(in_pieces: bool) -> None:
    octets = der(0x24, der(4, SIGNED[:10]) + der(4, SIGNED[10:])) if in_pieces else der(4, SIGNED)
    inner = der(0x30, OID + b"\x01" + der(0xA0, octets))
    signed = der(0x30, der(2, b"\x01") + der(0x31, b"") + inner)
    data = der(0x30, OID + b"\x02" + der(0xA0, signed))
    raw = HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    raw += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)

    mail = read(raw)

    assert mail.text == "signed words"
    assert not mail.attachments


def test_an_invitation_alone_is_shown_in_words() -> None:
    event = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\n"
        b"SUMMARY;LANGUAGE=en:Visit\\, please\r\nDESCRIPTION:Bring the\r\n  broken\\npart\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    mail = read(HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + event)

    assert mail.text == "Visit, please\n2026-11-24 09:00 UTC\n2026-11-24 10:00 UTC\nBring the broken\npart"


def test_files_of_a_mail_in_the_mail_are_listed() -> None:
    inner = (
        b"Subject: old\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        b"--c\r\nContent-Type: text/plain\r\n\r\nold words\r\n"
        b'--c\r\nContent-Type: image/png; name="a.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--c--\r\n"
    )
    raw = wrapped(b"message/rfc822; name=old.eml", inner)

    mail = read(raw)

    assert [a.name for a in mail.attachments] == ["old.eml", "a.png"]
    assert part_bytes(raw, mail.attachments[1]) == b"\x89PNG"
    assert mail.text == "see file"
