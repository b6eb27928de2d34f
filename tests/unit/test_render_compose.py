"""What a finished letter looks like, for each kind of reader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest

from helpdesk.model.decision import Draft, File
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.model.signing import Audience, Signer, Token, days, person_code, serial
from helpdesk.render import selfcheck
from helpdesk.render.compose import ComposeError, compose
from helpdesk.render.words import Words

POLICY = Policy("The desk", "help@desk.example", WorkCalendar(ZoneInfo("Asia/Jakarta")))
SIGNER = Signer(b"s" * 32, "help@desk.example")
NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
HEX = "0f" * 16
OUTLOOK = "AM0PR04MB432198B7C3D2E1F0A9B8C7D6E5F4@AM0PR04MB4321.eurprd04.prod.outlook.com"
WORDS = Words("Re: My parcel", "Hello Anne,\n\nit is on its way.\n")
ANNE = Draft(
    "nudge", Address("Anne", "anne@customer.example"), Audience.CUSTOMER, 12, 12, {"operator_name": "Bart"}
)
BART = Draft(
    "assignment", Address("Bart", "bart@staff.example"), Audience.OPERATOR, 12, 12, {}, "bart@staff.example"
)


def write(draft=ANNE, words=WORDS, attachments=()):
    return compose(draft, words, POLICY.name, SIGNER, NOW, HEX, attachments)


def read(draft=ANNE, words=WORDS, attachments=()):
    return message_from_bytes(write(draft, words, attachments).raw)


def reply_token(draft):
    return SIGNER.read_address(read(draft)["Reply-To"].split("<")[1].rstrip(">"))


def test_an_automatic_letter_to_a_customer():
    letter = read()

    assert dict(letter.items()) == {
        "From": "The desk <help@desk.example>",
        "To": "Anne <anne@customer.example>",
        "Reply-To": f"The desk <{SIGNER.reply_address(Token(12, Audience.CUSTOMER))}>",
        "Subject": "Re: My parcel [#12]",
        "Date": "Thu, 26 Nov 2026 07:30:00 +0000",
        "Message-ID": f"<{SIGNER.message_id(Token(12, Audience.CUSTOMER), HEX)}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Helpdesk-Ticket": "12",
        "X-Helpdesk-Letter": "nudge",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "quoted-printable",
    }


def test_what_is_returned_is_what_was_written():
    composed = write()

    assert composed.sender == ""
    assert composed.recipients == ("anne@customer.example",)
    assert composed.subject == "Re: My parcel [#12]"
    assert SIGNER.read_message_id(composed.message_id) == Token(12, Audience.CUSTOMER)


def test_a_direct_answer_to_a_mail_says_so():
    assert read(replace(ANNE, replied=True))["Auto-Submitted"] == "auto-replied"


def test_a_humans_answer_bears_the_name_and_no_mark_of_a_machine():
    """RFC 3834 5; bounces of it come back to the desk."""
    draft = replace(ANNE, letter="answer", human=True)

    assert read(draft)["From"] == '"Bart (The desk)" <help@desk.example>'
    assert "Auto-Submitted" not in read(draft)
    assert "X-Auto-Response-Suppress" not in read(draft)
    assert write(draft).sender == "help@desk.example"


def test_a_letter_to_the_list_carries_nothing_that_list_managers_refuse():
    draft = replace(ANNE, letter="new_ticket", to=Address("", "milis@lists.example"), audience=Audience.LIST)

    letter = read(draft)

    assert not {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress"} & set(letter.keys())
    assert write(draft).sender == "help@desk.example"
    assert reply_token(draft) == Token(12, Audience.LIST)


@pytest.mark.parametrize("audience", [Audience.OPERATOR, Audience.PIC, Audience.HELD])
def test_a_reply_address_for_staff_is_bound_to_the_person_and_expires(audience):
    """F12, T3"""
    token = reply_token(replace(BART, audience=audience))

    expires_on = days(NOW + timedelta(days=30))
    assert token == Token(12, audience, person_code("bart@staff.example"), expires_on, serial(HEX))


def test_the_address_for_a_held_mail_holds_its_number_and_the_tag_the_tickets():
    draft = replace(BART, letter="confirm_sender", audience=Audience.HELD, number=77, ticket=12)

    assert reply_token(draft).number == 77
    assert read(draft)["Subject"] == "Re: My parcel [#12]"


def test_a_letter_without_a_ticket_has_no_tag_and_no_ticket_header():
    letter = read(replace(BART, letter="digest", number=0, ticket=None))

    assert letter["Subject"] == "Re: My parcel"
    assert "X-Helpdesk-Ticket" not in letter


def test_an_outlook_id_stands_verbatim_in_the_bytes():
    """F2: encoded, Outlook would not find its own letter."""
    raw = write(replace(ANNE, in_reply_to=OUTLOOK, references=("first@customer.example", OUTLOOK))).raw

    assert f"\r\nIn-Reply-To: <{OUTLOOK}>\r\n".encode() in raw
    assert f"\r\nReferences: <first@customer.example>\r\n <{OUTLOOK}>\r\n".encode() in raw


def test_the_parent_is_the_last_of_the_references():
    """R32, RFC 5322 3.6.4"""
    references = read(replace(ANNE, in_reply_to="b@x", references=("a@x", "b@x", "c@x")))["References"]

    assert references.split() == ["<a@x>", "<c@x>", "<b@x>"]


def test_ids_that_were_signed_for_staff_are_not_shown_to_others():
    """T4: a signed id proves a person as a signed address does."""
    barts = SIGNER.message_id(Token(12, Audience.OPERATOR, person_code("bart@staff.example")), "1" * 32)
    customers = SIGNER.message_id(Token(12, Audience.CUSTOMER), "2" * 32)
    chain = {"in_reply_to": barts, "references": (customers, barts)}

    assert read(replace(ANNE, **chain))["References"] == f"<{customers}>"
    assert "In-Reply-To" not in read(replace(ANNE, **chain))
    assert read(replace(BART, **chain))["In-Reply-To"] == f"<{barts}>"


def test_the_words_hold_no_signed_address_of_staff():
    """T4: the operator's program quoted the letter with its reply address."""
    token = Token(12, Audience.OPERATOR, person_code("bart@staff.example"), days(NOW))
    secret = SIGNER.reply_address(token)
    words = Words(f"Re: {secret}", f"yes\n> Reply-To: <{secret}>\n", f"<a href='mailto:{secret}'>x</a>")

    letter = read(words=words)

    shown = [part.get_payload(decode=True).decode() for part in letter.walk() if not part.is_multipart()]
    assert letter["Subject"] == "Re: help@desk.example [#12]"
    assert shown[0].startswith("yes\r\n> Reply-To: <help@desk.example>") or "<help@desk.example>" in shown[0]
    assert secret.split("-")[-1].partition("@")[0] not in "".join(shown)


def test_an_automatic_letter_to_a_stranger_does_not_repeat_an_advert_as_their_name():
    """F13, T7"""
    assert (
        read(replace(ANNE, to=Address("BUY http://x", "anne@customer.example")))["To"]
        == "<anne@customer.example>"
    )


def test_a_text_and_an_html_form_are_alternatives():
    letter = read(words=Words("x", "text\n", "<p>ü</p>"))

    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.get_payload()] == ["text/plain", "text/html"]
    assert letter.get_payload(1).get_payload(decode=True).decode().strip() == "<p>ü</p>"


def test_attachments_arrive_byte_for_byte():
    content = bytes(range(256)) * 40
    letter = read(
        attachments=[
            File("bill.pdf", "application/pdf", content),
            File("x.eml", "message/rfc822", b"From: x\n\ny"),
        ]
    )

    assert letter.get_content_type() == "multipart/mixed"
    text, bill, mail = letter.get_payload()
    assert text.get_payload(decode=True).startswith(b"Hello Anne")
    assert (bill.get_filename(), bill.get_content_type()) == ("bill.pdf", "application/pdf")
    assert bill.get_payload(decode=True) == content
    assert mail.get_content_type() == "application/octet-stream"


def test_a_picture_stands_in_the_html_and_a_file_beside_it():
    html = '<p>Look:</p><img src="cid:chart" alt="bars">'
    files = [File("chart.png", "image/png", b"\x89PNG", "chart"), File("x.csv", "text/csv", b"a,b\r\n")]
    letter = read(words=Words("x", "text\n", html), attachments=files)

    related, table = letter.get_payload()
    words, picture = related.get_payload()
    cid = picture["Content-ID"].strip("<>")
    assert (letter.get_content_type(), related.get_content_type()) == ("multipart/mixed", "multipart/related")
    assert f'src="cid:{cid}"' in words.get_payload(1).get_payload(decode=True).decode()
    assert (picture.get_content_disposition(), picture.get_payload(decode=True)) == ("inline", b"\x89PNG")
    assert (table.get_filename(), table.get_payload(decode=True)) == ("x.csv", b"a,b\r\n")
    assert cid.endswith("@desk.example")


def test_a_picture_without_html_is_attached():
    letter = read(attachments=[File("chart.png", "image/png", b"\x89PNG", "chart")])

    assert [part.get_content_disposition() for part in letter.get_payload()] == [None, "attachment"]


@pytest.mark.parametrize(
    "body",
    [
        "a\n.\nMAIL FROM:<x@y.example>\n",
        "a\r.\r\nb",
        "From me\n",
        "x" * 5000,
        "日本語\n" * 100,
        "trailing  \n",
        "a\x00b",
        "=\n==\n",
    ],
)
def test_a_body_is_crlf_only_and_short_lines(body):
    """R73, T9: nothing in it depends on the carriers."""
    raw = write(words=Words("x", body)).raw
    lines = raw.split(b"\r\n")

    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert (
        max(map(len, lines)) <= 76
        or b"Message-ID" in max(lines, key=len)
        or b"Reply-To" in max(lines, key=len)
    )
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert b"\0" not in raw


def test_a_domain_outside_ascii_is_written_in_its_mail_form():
    """R72"""
    composed = write(replace(ANNE, to=Address("Anne", "anne@bücher.example")))

    assert composed.recipients == ("anne@xn--bcher-kva.example",)


def test_an_address_that_cannot_be_mailed_to_is_explained():
    """R72"""
    with pytest.raises(ComposeError, match="outside ASCII before the @"):
        write(replace(ANNE, to=Address("Jörg", "jörg@customer.example")))


def test_the_same_input_makes_the_same_bytes():
    """P3"""
    assert write().raw == write().raw


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("Subject: x\r\nBcc: y@x.example\r\nTo: <a@b.example>", "header fields that were not meant"),
        ("Subject: x\r\nTo: <a@b.example>, <c@d.example>", "another recipient"),
        ("Subject: x\nBcc: y\r\nTo: <a@b.example>", "bare CR or LF"),
        ("Subject: ü\r\nTo: <a@b.example>", "no ASCII"),
        ("Subject: x\r\n y: z\r\nTo: <a@b.example>\r\n\r\n" + "x" * 999, "a line over 998"),
    ],
)
def test_the_self_check_sees_what_must_not_leave(head, found):
    """F1: the judge is not blind."""
    assert found in selfcheck.differences(f"{head}\r\n\r\nx".encode(), ["Subject", "To"], "a@b.example")
