"""[trust] check_dkim: the desk's own look at signatures, where nothing else proves who wrote it (R52, T3, T38)."""

import pytest

from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS
from helpdesk.testing.signing_domain import Dns, record, sign
from helpdesk.wire.dkim_keys import DkimKeys, DnsTimeout

SUBJECT = "Re: Where is my order? [#1]"
KEY = "s1._domainkey.staff.example."


@pytest.fixture
def dns():
    return Dns()


@pytest.fixture
def asked(desk, dns):
    """A desk that looks at signatures; ticket 1 is bart's."""
    desk.shop.dkim_keys = DkimKeys(dns)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def written(desk, text="It is on its way.", to=ADDRESS):
    return desk.bart.new([to], SUBJECT, text).as_bytes()


def believed(desk, raw):
    desk.post(raw, "bart@staff.example")
    return bool(desk.letters("answer"))


def test_a_mail_that_their_domain_signed_needs_no_token(asked, dns):
    assert believed(asked, sign(written(asked)))

    assert asked.letters("confirm_sender") == []
    assert dns.asked == [KEY]


def test_explain_names_the_proof(asked):
    row = asked.post(sign(written(asked)), "bart@staff.example")

    text = str(asked.outcome(row).reason)
    assert "dkim=pass by this desk for staff.example" in text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"-- \r\nTo leave the list: ...\r\n",
        lambda raw: raw.replace(b"on its way", b"in the bin"),
        lambda raw: raw.replace(b"Subject: Re", b"Subject: AW"),
        lambda raw: raw.replace(b"Message-ID: <", b"Message-ID: <again."),
        lambda raw: b"Cc: anne@customer.example\r\n" + raw,
    ],
    ids=["a list's footer", "other words", "other subject", "another id", "one more reader"],
)
def test_a_mail_that_was_changed_proves_nothing(asked, spoil):
    assert not believed(asked, spoil(sign(written(asked))))

    assert asked.bart.last("confirm_sender")


@pytest.mark.parametrize(
    "options",
    [
        {"domain": "fstaff.example"},
        {"domain": "sub.staff.example"},
        {"domain": "example"},
        {"names": ("from", "subject")},
        {"names": ("from", "to", "cc", "subject", "date", "in-reply-to", "references")},
        {"length": True},
        {"algorithm": "rsa-sha1"},
    ],
    ids=str,
)
def test_a_signature_that_leaves_something_open_is_not_even_asked_about(asked, dns, options):
    assert not believed(asked, sign(written(asked), **options))

    assert dns.asked == []


@pytest.mark.parametrize(
    "key",
    [record(tags="v=DKIM1; t=y:s"), record(768), b"v=DKIM1; p=", b"nonsense", b"v=DKIM1; k=rsa; p=AAAA"],
    ids=["only trying out", "another, weak key", "revoked", "nonsense", "no key"],
)
def test_a_key_that_is_none_proves_nothing(asked, dns, key):
    dns.records[KEY] = key

    assert not believed(asked, sign(written(asked)))


def test_a_weak_key_proves_nothing(asked, dns):
    dns.records[KEY] = record(768)

    assert not believed(asked, sign(written(asked), bits=768))
    assert dns.asked == [KEY]


def test_without_an_answer_of_the_dns_bart_is_asked(asked, dns):
    dns.fails = DnsTimeout()

    assert not believed(asked, sign(written(asked)))
    asked.bart.replies("", "confirm_sender")
    assert asked.letters("answer")


def test_nobody_is_asked_about_mails_that_need_no_witness(asked, dns):
    asked.bart.answers("It is on its way.")
    asked.post(
        sign(asked.anne.new([ADDRESS], "More", "Hello").as_bytes(), "customer.example"),
        "anne@customer.example",
    )

    assert dns.asked == []


def test_nor_about_one_that_bart_wrote_to_somebody_else(asked, dns):
    """T38: they can hand it on as it is."""
    raw = sign(written(asked, to="anne@customer.example"))

    assert not believed(asked, raw)
    assert dns.asked == []


def test_nor_when_the_desk_does_not_look(asked, dns):
    asked.shop.dkim_keys = None

    assert not believed(asked, sign(written(asked)))
    assert dns.asked == []


def test_a_mail_that_comes_again_is_done_once(asked):
    """What a signature does not prove: that it was sent now. The desk knows what it has had."""
    raw = sign(written(asked, "#pending"))
    asked.post(raw, "bart@staff.example")

    again = [raw, b"X-Mailer: another\r\n" + raw]
    rows = [asked.post(one, "stranger@elsewhere.example") for one in again]

    assert [asked.outcome(row).outcome for row in rows] == ["duplicate"] * 2


def test_another_desk_that_it_names_takes_it_too(open_desk):
    """What README says a signature does not prove: the same bytes are as good at any desk that they are written to."""
    first, second = open_desk(), open_desk()
    for desk in (first, second):
        desk.shop.dkim_keys = DkimKeys(Dns())
        desk.anne.asks("Where is my order?", "I ordered a lamp.")
    raw = sign(written(first, "#close"))

    for desk in (first, second):
        desk.post(raw, "bart@staff.example")

    assert [desk.ticket().status for desk in (first, second)] == [Status.SOLVED] * 2
