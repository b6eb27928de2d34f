"""The part a person would read (R25-R29)."""

from __future__ import annotations

import base64

import pytest

from helpdesk.parse.message import read

HEAD = b"From: Anne <anne@customer.example>\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"


def multipart(kind: str, *parts: bytes, boundary: str = "b") -> bytes:
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + body
        + b"--"
        + mark
        + b"--\r\n"
    )


def text(words: str, kind: str = "text/plain", more: str = "") -> bytes:
    return f"Content-Type: {kind}; charset=utf-8\r\n{more}\r\n{words}\r\n".encode()


def names(raw: bytes) -> list[str | None]:
    return [a.name for a in read(raw).attachments]


PNG = (
    b"Content-Type: image/png; name=a.png\r\nContent-ID: <i@x>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
)
PDF = (
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n"
)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (multipart("alternative", text("plain"), text("<p>rich</p>", "text/html")), "plain"),
        (multipart("alternative", text("<p>rich</p>", "text/html"), text("plain")), "plain"),
        (multipart("alternative", text(" "), text("<p>rich</p>", "text/html")), "rich"),
        (multipart("mixed", text(""), text("<p>rich</p>", "text/html")), "rich"),
        (multipart("mixed", text("both"), text("<p>both</p>", "text/html")), "both"),
        (multipart("mixed", text("above"), PDF, text("below")), "above\n\nbelow"),
        (multipart("related", text("<p>rich</p>", "text/html"), PNG), "rich"),
        (
            multipart(
                "mixed",
                multipart(
                    "alternative",
                    text("plain"),
                    multipart("related", text("<p>rich</p>", "text/html"), PNG, boundary="r"),
                    boundary="a",
                ),
                PDF,
            ),
            "plain",
        ),
        (
            multipart("signed", text("signed"), b"Content-Type: application/pgp-signature\r\n\r\nx\r\n"),
            "signed",
        ),
        (
            text("one line \r\ntwo", more="X: y\r\n").replace(b"utf-8", b"utf-8; format=flowed"),
            "one line two",
        ),
        (text("one \r\ntwo").replace(b"utf-8", b"utf-8; format=flowed; delsp=yes"), "onetwo"),
        (text("# marked", "text/markdown"), "# marked"),
        (b"Content-Type: text/plain; name=note.txt\r\n\r\nonly this\r\n", "only this"),
        (b"Content-Type: text/html charset=utf-8\r\n\r\n<p>no semicolon</p>", "no semicolon"),
        (b"Content-Type: text/plain>\r\n\r\nodd type\r\n", "odd type"),
    ],
)
def test_what_a_person_reads(raw: bytes, words: str) -> None:
    assert read(HEAD + raw).text == words


def test_inline_images_are_told_from_files() -> None:
    mail = read(HEAD + multipart("related", text("<p>x</p>", "text/html"), PNG, PDF))

    assert [(a.name, a.inline, a.size) for a in mail.attachments] == [("a.png", True, 4), ("a.pdf", False, 4)]


def test_a_multipart_that_does_not_say_so() -> None:
    body = multipart("mixed", text("words"), PDF).partition(b"\r\n\r\n")[2]

    mail = read(b"Subject: x\r\n\r\nThis is a multi-part message in MIME format.\r\n" + body)

    assert mail.text == "words"
    assert [a.name for a in mail.attachments] == ["a.pdf"]


def test_a_boundary_other_than_the_declared_one() -> None:
    raw = multipart("mixed", text("words"), PDF).replace(b'boundary="b"', b'boundary="c"')

    assert read(HEAD + raw).text == "words"
    assert names(HEAD + raw) == ["a.pdf"]


def test_a_boundary_that_ends_in_blanks() -> None:
    raw = multipart("mixed", text("words\r\n--b \r\nmore"), boundary="b  ")

    assert read(HEAD + raw).text == "words\n--b \nmore"


def test_a_multipart_under_base64() -> None:
    head, _, body = multipart("mixed", text("words"), PDF).partition(b"\r\n\r\n")
    raw = head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"\r\n" + body)

    assert read(HEAD + raw).text == "words"


def test_a_footer_a_list_put_below_base64() -> None:
    body = base64.encodebytes("Grüße\n".encode()) + b"_______\r\nList mailing list\r\nlist@lists.example\r\n"
    raw = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body

    assert read(HEAD + raw).text.startswith("Grüße\n")
    assert read(HEAD + raw).text.endswith("list@lists.example")


def test_text_that_is_called_base64_and_is_none() -> None:
    raw = b"Content-Transfer-Encoding: base64\r\n\r\nDear desk, where is my parcel?\r\n"

    assert read(HEAD + raw).text == "Dear desk, where is my parcel?"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (b"Content-Type: image/png; name=a.png", "a.png"),
        (b'Content-Type: application/octet-stream; file="A.EXE"', "A.EXE"),
        (
            b"Content-Type: image/png\r\nContent-Disposition: attachment; filename*=utf-8''%E2%82%AC.png",
            "€.png",
        ),
        (b"Content-Disposition: attachment; filename*0=long; filename*1=er.pdf", "longer.pdf"),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?=C3=BC.pdf?="', "ü.pdf"),
        (b"Content-Disposition: attachment; filename==?utf-8?b?w7wucGRm?=", "ü.pdf"),
        (b'Content-Disposition: attachment; filename="C:\\Documents\\my file.doc"', "my file.doc"),
        (b'Content-Disposition: attachment; filename="/tmp/whoa"', "whoa"),
        (b'Content-Disposition: attachment; filename="../../x"', ".._.._x"),
        (b'Content-Disposition: attachment; filename="a;b \\"c\\".pdf"', "a;b _c_.pdf"),
        ("Content-Disposition: attachment; filename=résumé.pdf".encode("latin-1"), "résumé.pdf"),
    ],
)
def test_names_of_files(fields: bytes, name: str) -> None:
    raw = HEAD + multipart("mixed", text("x"), fields + b"\r\n\r\ndata\r\n")

    assert names(raw) == [name]


def test_a_clear_signed_text_is_read_without_its_armour() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nDear desk,\r\n- -- \r\nAnne\r\n"
        "-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAEB\r\n-----END PGP SIGNATURE-----\r\nlist footer"
    )

    mail = read(HEAD + text(signed))

    assert mail.text == "Dear desk,\n-- \nAnne\nlist footer"
    assert mail.new_text == "Dear desk,"


def test_armour_that_never_ends_stays() -> None:
    words = "-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nDear desk"

    assert read(HEAD + text(words)).text == words.replace("\r\n", "\n")
