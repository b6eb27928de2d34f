"""Headers written by hand: verbatim ids, safe words, honest addresses, harmless file names."""

from email import message_from_string, policy
from email.header import decode_header, make_header

import pytest

from helpdesk.model.people import Address
from helpdesk.render import header_words
from helpdesk.render.header_words import BadAddressError

OUTLOOK = "AM0PR04MB432198B7C3D2E1F0A9B8C7D6E5F4@AM0PR04MB4321.eurprd04.prod.outlook.com"


@pytest.mark.parametrize(
    "words",
    [
        "plain",
        "a " * 200,
        "ü" * 200,
        "Hi ü=?UTF-8?Q?=0A?=Bcc: evil@x.example",
        "=?x",
        "日本語" * 50,
        "x" * 300,
        "a😀" * 60,
    ],
)
def test_words_come_back_as_they_were_and_no_line_is_too_long(words):
    """F1, RFC 2047 2: an encoded-word has at most 75 characters, its line at most 76."""
    field = f"Reply-To: {header_words.text(words)}"

    assert all(len(line) <= 76 for line in field.split("\r\n"))
    value = message_from_string(f"Subject: {header_words.text(words)}\r\n\r\n")["Subject"]
    assert str(make_header(decode_header(value.replace("\r\n", "")))) == words.strip()


def test_an_ascii_subject_stays_readable():
    words = "offline nomor (12), Operator (Bart): My parcel is empty and I would like to know why"

    assert header_words.text(words).replace("\r\n ", " ") == words


def test_an_outlook_id_of_79_characters_stands_verbatim():
    """F2"""
    assert header_words.ids([OUTLOOK]) == f"<{OUTLOOK}>"


def test_of_many_ids_the_first_and_the_last_nineteen_stay():
    """R32"""
    ids = [f"{n}@x.example" for n in range(50)]

    assert header_words.ids(ids) == "\r\n ".join(f"<{i}>" for i in [ids[0], *ids[-19:]])


@pytest.mark.parametrize("broken", ["a\r\nBcc: x@y.example", "a b@x", "<a@b>", "ü@x", "", "x" * 501])
def test_what_is_no_id_is_left_out(broken):
    assert header_words.ids([broken, "a@b.example"]) == "<a@b.example>"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Anne", "Anne <a@b.example>"),
        ("", "<a@b.example>"),
        ("Rina (The desk)", '"Rina (The desk)" <a@b.example>'),
        ("Vries, Anne", '"Vries, Anne" <a@b.example>'),
        ("Ünsal", "=?utf-8?b?w5xuc2Fs?= <a@b.example>"),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n <a@b.example>"),
        ('x" <evil@x.example>', "=?utf-8?b?eCIgPGV2aWxAeC5leGFtcGxlPg==?=\r\n <a@b.example>"),
    ],
)
def test_a_name_is_atoms_quoted_or_encoded(name, written):
    assert header_words.mailbox(name, "a@b.example") == written


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("anne@customer.example", "anne@customer.example"),
        ("Anne+x@Customer.Example", "Anne+x@customer.example"),
        ("anne@bücher.example", "anne@xn--bcher-kva.example"),
        ('"anne de vries"@customer.example', '"anne de vries"@customer.example'),
        ("a..b@customer.example", "a..b@customer.example"),
    ],
)
def test_an_address_is_written_in_ascii(address, written):
    """R72"""
    assert header_words.ascii_address(Address("", address)) == written


@pytest.mark.parametrize(
    "address",
    [
        "jörg@customer.example",
        "anne",
        "@x.example",
        "anne@",
        "a b@x.example",
        "a@b@x.example\r\nBcc: x",
        "a@x..example",
        "a@-x.example",
        "a@straße.example",
        "a" * 65 + "@x.example",
        "a@" + "x." * 130 + "example",
        "a@b>,<c@d.example",
        "anne@x.example ",
    ],
)
def test_what_cannot_be_mailed_to_is_refused_with_an_explanation(address):
    """R72: a local part outside ASCII has no other form; `straße` would name another host."""
    with pytest.raises(BadAddressError, match="a"):
        header_words.ascii_address(Address("", address))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("bill.pdf", "bill.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\bill.pdf", "bill.pdf"),
        ("Rechnung Jönköping – März.pdf", "Rechnung Jönköping – März.pdf"),
        ('a"b\r\nBcc: x@y.pdf', 'a"b Bcc: x@y.pdf'),
        ("gpj.\u202eexe", "gpj. exe"),
        ("...", "attachment"),
        ('""', "attachment"),
        ('<"bill.pdf">', "bill.pdf"),
        ("", "attachment"),
        ("ü" * 300 + ".pdf", "ü" * 90 + "…" + "ü" * 21 + ".pdf"),
    ],
)
def test_a_file_name_is_no_path_and_survives(name, shown):
    """R28, T17, RFC 2231"""
    field = f"Content-Disposition: {header_words.file_name(name)}"

    assert all(len(line) <= 76 for line in field.split("\r\n"))
    for reader in (policy.default, policy.compat32):
        assert message_from_string(f"{field}\r\n\r\n", policy=reader).get_filename() == shown
