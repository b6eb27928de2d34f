"""Whatever strangers write, a letter has exactly the fields and the recipient that were meant (T8, F1)."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import getaddresses
from itertools import cycle
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.model.decision import Draft, File
from helpdesk.model.letters import LETTERS
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.model.signing import Audience, Signer
from helpdesk.render import cleaning, subject
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.render.compose import compose
from helpdesk.render.header_words import BadAddressError, ascii_address
from helpdesk.render.selfcheck import split_names
from helpdesk.render.words import Words

POLICY = Policy('Bücher & Söhne, "the" desk', "help@desk.example", WorkCalendar(ZoneInfo("Asia/Jakarta")))
SIGNER = Signer(b"s" * 32, "help@desk.example")
NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
LIBRARY = Library(shipped_folder(), POLICY)

FIELDS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID"]
AUTOMATIC = ["Auto-Submitted", "X-Auto-Response-Suppress"]
LAST = ["X-Helpdesk-Ticket", "X-Helpdesk-Letter", "MIME-Version", "Content-Type"]

PIECES = st.sampled_from(
    [
        "\r\nBcc: evil@x.example\r\n",
        "\n\n",
        "\r",
        "\x00",
        "\x0b",
        "\x0c",
        "\x85",
        "\u2028",
        "\ud800",
        "\udfff",
        "\u202e",
        "\u200b",
        "\ufeff",
        "=?utf-8?q?Hi_=C3=BC=3D=3FUTF-8=3FQ=3F=3D0A=3F=3DBcc=3A_evil=40x.example?=",
        "=?UTF-8?Q?=0A?=Bcc: evil@x.example",
        "=?utf-8?b?DQpCY2M6IGV2aWxAeC5leGFtcGxl?=",
        "?=",
        "=?",
        "<",
        ">",
        ",",
        ";",
        ":",
        '"',
        "\\",
        "(",
        ")",
        "@",
        "evil@x.example",
        "{{ 7*7 }}",
        "{% raw %}",
        "[#99]",
        "Re: ",
        "ü",
        "日本",
        "😀",
        " ",
        "\t",
        ".",
        "From ",
        "--=_a",
        "--",
        "x" * 90,
    ]
)
HOSTILE = st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=8).map("".join)
ADDRESSES = st.sampled_from(
    [
        "anne@customer.example",
        '"anne, x"@customer.example',
        "a+b=c@customer.example",
        "anne@bücher.example",
        "{x}@customer.example",
    ]
)


def make_draft(letter, name, address, values, human):
    audience = {"customer": Audience.CUSTOMER, "staff": Audience.OPERATOR, "pic": Audience.PIC}.get(
        LETTERS[letter].reader, Audience.CUSTOMER
    )
    person = "" if audience is Audience.CUSTOMER else address
    return Draft(letter, Address(name, address), audience, 12, 12, values, person, human=human)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    letter=st.sampled_from(sorted(LETTERS)),
    language=st.sampled_from(["en", "id"]),
    name=HOSTILE,
    address=ADDRESSES,
    human=st.booleans(),
    words=st.lists(HOSTILE, min_size=1, max_size=4),
)
def test_every_reader_sees_exactly_the_intended_fields_and_recipient(
    letter, language, name, address, human, words
):
    """T8: policy.default, compat32 and a naive CRLF splitter, over all letters; a report has forty variables, which
    take turns with a few hostile words."""
    values = dict(zip(LETTERS[letter].variables, cycle(words), strict=False))
    draft = make_draft(letter, name, address, values, human)

    rendered = LIBRARY.render(letter, language, {"number": 12, **values})

    composed = compose(draft, rendered, POLICY.name, SIGNER, NOW, "0f" * 16)

    encoding = [] if rendered.html else ["Content-Transfer-Encoding"]  # each part has its own
    meant = [*FIELDS, *([] if human else AUTOMATIC), *LAST, *encoding]
    for reader in (policy.default, policy.compat32):
        assert message_from_bytes(composed.raw, policy=reader).keys() == meant
    assert split_names(composed.raw.partition(b"\r\n\r\n")[0] + b"\r\n") == meant
    to = message_from_bytes(composed.raw, policy=policy.default)["To"]
    assert [a.addr_spec for a in to.addresses] == [ascii_address(draft.to)]
    assert not to.groups[0].display_name
    assert composed.recipients == (ascii_address(draft.to),)


@settings(max_examples=300, deadline=None)
@given(words=HOSTILE)
def test_the_subject_that_is_read_is_the_one_that_was_returned(words):
    values = {"number": 12, "subject": words}
    composed = compose(
        make_draft("nudge", "Anne", "anne@customer.example", values, False),
        LIBRARY.render("nudge", "en", values),
        POLICY.name,
        SIGNER,
        NOW,
        "0f" * 16,
    )

    read = message_from_bytes(composed.raw, policy=policy.default)["Subject"]
    assert str(read) == composed.subject
    assert (
        composed.subject.count("[#") - composed.subject.count("[#12]") == 0 or "[#99]" not in composed.subject
    )
    assert composed.subject.endswith("[#12]")


@settings(max_examples=300, deadline=None)
@given(words=HOSTILE)
def test_taking_prefixes_off_and_tagging_settle_at_once(words):
    """A subject that goes back and forth stays what it was, or mail programs would start a new thread."""
    once = subject.tagged("Re: " + subject.base(words), 12)

    assert subject.tagged("Re: " + subject.base(once), 12) == once


@settings(max_examples=300, deadline=None)
@given(body=HOSTILE)
def test_the_body_that_is_read_is_the_one_that_was_written(body):
    values = {"number": 12, "subject": "x", "text": body, "operator_name": "Bart"}
    words = LIBRARY.render("answer", "en", values)
    composed = compose(
        make_draft("answer", "Anne", "anne@customer.example", values, True),
        words,
        POLICY.name,
        SIGNER,
        NOW,
        "0f" * 16,
    )

    read = message_from_bytes(composed.raw).get_payload(decode=True).decode()
    assert read.replace("\r\n", "\n") == cleaning.block(words.body) + "\n"


@settings(max_examples=500, deadline=None)
@given(local=HOSTILE, domain=HOSTILE)
def test_an_address_is_refused_or_is_one_address(local, domain):
    try:
        written = ascii_address(Address("", f"{local}@{domain}"))
    except BadAddressError:
        return

    assert [address for _, address in getaddresses([f"Anne <{written}>"])] == [written]
    assert written.isascii()
    assert written.isprintable()


@settings(max_examples=200, deadline=None)
@given(name=HOSTILE, media_type=HOSTILE, content=st.binary(max_size=200))
def test_a_hostile_file_name_stays_a_file_name(name, media_type, content):
    """T17: a part has exactly its three fields, and its bytes arrive."""
    draft = make_draft("answer", "Anne", "anne@customer.example", {}, True)
    composed = compose(
        draft, Words("x", "y"), POLICY.name, SIGNER, NOW, "0f" * 16, [File(name, media_type, content)]
    )

    for reader in (policy.default, policy.compat32):
        text, file = message_from_bytes(composed.raw, policy=reader).get_payload()
        assert text.keys() == ["Content-Type", "Content-Transfer-Encoding"]
        assert file.keys() == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
        assert file.get_payload(decode=True) == content
        assert file.get_filename()
        assert not set(file.get_filename()) & set("/\\\r\n\x00\u202e")
