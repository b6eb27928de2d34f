"""T3: who may act as bart? 48 rows: the From line, the token in the reply address, the border's verdict.

Each row is one mail with `#close` on top; what it may do is exactly one of three things: it closes ticket 1, it is
held until bart confirms, or it is a customer's voice.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.decide import identity
from helpdesk.decide.match import Match, clues
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.people import Address, Person, Role
from helpdesk.model.policy import Require, Trust
from helpdesk.model.signing import Audience, Signer, Token, days, person_code
from helpdesk.model.ticket import Status, Ticket, WaitingFor
from helpdesk.parse.message import read
from helpdesk.testing.desk import policy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MX = "mx.desk.example"
BART = Person("Bart", "bart@staff.example", ("b.s@home.example",))
POLICY = policy(
    operators=(BART, Person("Cate", "cate@staff.example")), trust=Trust(authserv_ids=(MX,), border=(MX,))
)
SIGNER = Signer(b"s" * 32, POLICY.address)
BARTS = Token(1, Audience.OPERATOR, person_code(BART.address), days(NOW) + 30, "abc")
SEEN_BY_ANNE = replace(BARTS, serial="xyz")
TICKET = Ticket(
    number=1, subject="My lamp", customer=Address("Anne", "anne@customer.example"), created_at=NOW, updated_at=NOW,
    status=Status.OPEN, waiting_for=WaitingFor.OPERATOR, operator=BART.address,
    participants=("anne@customer.example",),
)  # fmt: skip

TOKENS = {
    "none": None,
    "right": BARTS,
    "wrong": "altered",
    "expired": replace(BARTS, expires_on=days(NOW) - 1),
    "of another operator": replace(BARTS, person=person_code("cate@staff.example")),
    "of another ticket": replace(BARTS, number=2),
    "of the customer": Token(1, Audience.CUSTOMER),
    "replayed after others saw it": SEEN_BY_ANNE,
}
VERDICTS = {
    "none": "dmarc=none header.from={}",
    "fail": "dmarc=fail header.from={}",
    "pass": "dmarc=pass header.from={}",
}
FROM = {"bart": "bart@staff.example", "zoe": "zoe@elsewhere.example"}

ACTS, HELD, CUSTOMER = "acts", "held", "a customer's voice"
EXPECTED = {
    ("bart", "none", "none"): HELD,
    ("bart", "none", "fail"): HELD,
    ("bart", "none", "pass"): ACTS,
    ("bart", "right", "none"): ACTS,
    ("bart", "right", "fail"): HELD,
    ("bart", "right", "pass"): ACTS,
    ("bart", "wrong", "none"): HELD,
    ("bart", "wrong", "fail"): HELD,
    ("bart", "wrong", "pass"): ACTS,
    ("bart", "expired", "none"): HELD,
    ("bart", "expired", "fail"): HELD,
    ("bart", "expired", "pass"): ACTS,
    ("bart", "of another operator", "none"): HELD,
    ("bart", "of another operator", "fail"): HELD,
    ("bart", "of another operator", "pass"): ACTS,
    ("bart", "of another ticket", "none"): HELD,
    ("bart", "of another ticket", "fail"): HELD,
    ("bart", "of another ticket", "pass"): ACTS,
    ("bart", "of the customer", "none"): HELD,
    ("bart", "of the customer", "fail"): HELD,
    ("bart", "of the customer", "pass"): ACTS,
    ("bart", "replayed after others saw it", "none"): HELD,
    ("bart", "replayed after others saw it", "fail"): HELD,
    ("bart", "replayed after others saw it", "pass"): ACTS,
    **{("zoe", token, verdict): CUSTOMER for token in TOKENS for verdict in VERDICTS},
}


def address_of(token):
    if token is None:
        return POLICY.address
    if token == "altered":
        address = SIGNER.reply_address(BARTS)
        return address.replace("-", "-a", 1)
    return SIGNER.reply_address(token)


def speaker(sender, to, verdict="dmarc=none", rules=POLICY):
    raw = (
        f"Received: from mx by desk.example with LMTP; today\nAuthentication-Results: {MX}; {verdict}\n"
        f"From: {sender}\nTo: {to}\nSubject: Re: My lamp [#1]\n\n#close\n"
    )
    mail = read(raw.encode())
    said = replace(clues(mail, (to,), SIGNER), burnt=frozenset({SEEN_BY_ANNE}))
    arrival = Arrival(raw=b"", road=Road.LMTP, received_at=NOW, peer="127.0.0.1")
    return identity.who(mail, said, Match(TICKET, ()), arrival, rules, NOW)


def what(speaker):
    if speaker.role is Role.CUSTOMER:
        return CUSTOMER
    return ACTS if speaker.proof else HELD


def test_the_matrix_is_whole():
    assert len(EXPECTED) == 48 == len(FROM) * len(TOKENS) * len(VERDICTS)


@pytest.mark.parametrize(("who", "token", "verdict"), EXPECTED)
def test_row(who, token, verdict):
    said = VERDICTS[verdict].format(FROM[who].partition("@")[2])

    assert what(speaker(FROM[who], address_of(TOKENS[token]), said)) == EXPECTED[who, token, verdict]


def test_every_answer_is_kept():
    proven = speaker(FROM["bart"], address_of(BARTS))

    assert proven.proof == "the reply address was issued to Bart"
    assert proven.tried == (
        "signed reply address: the reply address was issued to Bart",
        "submitted by login: no",
        "authentication results: no",
        "from line: no",
    )


def test_an_expired_address_is_good_to_its_last_day():
    last = replace(BARTS, expires_on=days(NOW))

    assert what(speaker(FROM["bart"], address_of(last))) == ACTS
    assert (
        what(speaker(FROM["bart"], address_of(replace(BARTS, expires_on=days(NOW - timedelta(days=1))))))
        == HELD
    )


def test_an_alias_is_the_same_person():
    assert what(speaker("b.s@home.example", address_of(BARTS))) == ACTS
    assert what(speaker("b.s@home.example", POLICY.address, "dmarc=pass header.from=home.example")) == ACTS
    assert what(speaker("b.s@home.example", POLICY.address, "dmarc=pass header.from=staff.example")) == HELD


@pytest.mark.parametrize(
    ("login", "expected"),
    [("bart@staff.example", ACTS), ("b.s@home.example", ACTS), ("bart", HELD), ("cate@staff.example", HELD)],
)
def test_a_login_to_the_border_is_proof(login, expected):
    assert what(speaker(FROM["bart"], POLICY.address, f"auth=pass smtp.auth={login}")) == expected


@pytest.mark.parametrize("to", ["zoe@elsewhere.example", "undisclosed-recipients:;"])
def test_what_bart_wrote_to_somebody_else_is_no_word_to_the_desk(to):
    """T38: whoever got it can hand it on with its signature."""
    assert what(speaker(FROM["bart"], to, "dmarc=pass header.from=staff.example")) == HELD


def test_where_the_address_is_enough_a_failure_still_counts():
    trusting = replace(POLICY, trust=replace(POLICY.trust, require=Require.ADDRESS))
    failed = "dmarc=fail header.from=staff.example"

    assert what(speaker(FROM["bart"], POLICY.address, rules=trusting)) == ACTS
    assert what(speaker(FROM["bart"], POLICY.address, failed, rules=trusting)) == HELD


LOOK_ALIKES = [
    "b\u0430rt@staff.example",  # Cyrillic a
    "bart@st\u0430ff.example",
    "\u0412art@staff.example",
    "bart@staff.ex\u0430mple",
    "b\u00e0rt@staff.example",
    "bart@staff\uff0eexample",  # fullwidth dot
    "\uff42art@staff.example",
    "bart\u200b@staff.example",  # zero width
    "bart@staff.example\u00ad",
    "ba\u0131rt@staff.example",
    "bart@xn--stff-63d.example",
    "bart@staff.example.",
    "bart@staff.example.evil.example",
    "bart@staff-example",
    "bart+x@staff.example",
    "bart.@staff.example",
    "b.art@staff.example",
]


@pytest.mark.parametrize("sender", LOOK_ALIKES)
@pytest.mark.parametrize("to", [POLICY.address, SIGNER.reply_address(BARTS)], ids=["no token", "right token"])
def test_a_look_alike_is_somebody_else(sender, to):
    """T33: even with the right token in hand and a verdict for its own domain."""
    verdict = f"dmarc=pass header.from={sender.rpartition('@')[2]}"

    assert what(speaker(sender, to, verdict if verdict.isascii() else "none")) != ACTS


DOUBLED = [  # T34: the fourteen of CVE-2023-27043 and forty more; alice is the one whose address they show
    "{0})bob@evil.example", '"{0}" <bob@evil.example>', "{0} <bob@evil.example>", "<{0}> <bob@evil.example>",
    "{0}, bob@evil.example", "=?utf-8?q?{0}=3E?= <bob@evil.example>", "{0}(<bob@evil.example>)",
    '"a" <{0}>, <bob@evil.example>', "{0}\x00@evil.example", "Alice <{0}@evil.example>", "<{0}>bob@evil.example",
    "{0}\r\n <bob@evil.example>", '{0} <"{0}"@evil.example>', "PIC:{0};bob@evil.example",
    "bob@evil.example <{0}>", "bob@evil.example, {0}", "<bob@evil.example> <{0}>", "<bob@evil.example>, <{0}>",
    "bob@evil.example({0})", "{0};bob@evil.example", "{0}:bob@evil.example;", "@evil.example:{0}",
    "<@evil.example:{0}>", "<<{0}>", "<{0}", "{0}>", "<{0}>>", '"{0}', "'{0}' <bob@evil.example>",
    "{0} bob@evil.example", "bob@evil.example {0}", "x{0}", "{0}x", "{0}.evil.example",
    "evil.example@{0}", '"x"@{0}', "mailto:{0}", "<mailto:{0}>", "({0})", "[{0}]",
    "{0}\x01", "\x00{0}", "=?utf-8?q?{0}?=", "=?utf-8?b?YmFydEBzdGFmZi5leGFtcGxl?=", "=?utf-8?q?bart?=@staff.example",
    "{0}\r\nFrom: bob@evil.example", "bob@evil.example\r\nFrom: {0}", "{0}\r\nfrom : bob@evil.example",
    "bart@@staff.example", "bart@staff..example", "bart@.staff.example", "..bart@staff.example", "bart @staff.example",
    "bart@ staff.example", "bart\\@staff.example", "bart@staff.example\\", "bart@[staff.example]",
    "", ",", "<>", "{0},{0}",
]  # fmt: skip


def test_there_are_enough_of_them():
    assert len(set(DOUBLED)) >= 54


@pytest.mark.parametrize("shape", DOUBLED)
def test_an_odd_from_proves_nobody(shape):
    """The right token or a login is at hand; a verdict is about the domain that other readers might see."""
    odd = shape.format("bart@staff.example")
    for verdict in ("none", "auth=pass smtp.auth=bart@staff.example", "dmarc=pass header.from=staff.example"):
        assert what(speaker(odd, address_of(BARTS), verdict)) != ACTS


@pytest.mark.parametrize(
    "plain", ["{0}", "<{0}>", "Bart <{0}>", '"Bart, the one" <{0}>', "Bart <BART@Staff.Example>"]
)
def test_a_plain_from_does(plain):
    assert what(speaker(plain.format("bart@staff.example"), address_of(BARTS))) == ACTS


def revealed(sender, to, token=BARTS):
    raw = f"From: {sender}\nTo: {to}\nSubject: Re: My lamp [#1]\n\nHello\n"
    mail = read(raw.encode())
    return [why for _, why in identity.revealed(mail, clues(mail, (), SIGNER), POLICY)]


def test_an_address_that_others_have_seen_is_burnt():
    """T4."""
    barts = SIGNER.reply_address(BARTS)

    assert revealed("bart@staff.example", barts) == []
    assert (
        revealed(
            "bart@staff.example", f"{barts}, {POLICY.list_address}, pic@desk.example, cate@staff.example"
        )
        == []
    )
    assert revealed("b.s@home.example", barts) == []
    assert revealed("bart@staff.example", f"{barts}, anne@customer.example") == [
        "it was shown to anne@customer.example"
    ]
    assert revealed("anne@customer.example", barts) == ["anne@customer.example wrote to it"]
    assert revealed("cate@staff.example", barts) == ["cate@staff.example wrote to it"]


def test_pics_share_the_address_of_their_mailbox():
    shared = SIGNER.reply_address(
        replace(BARTS, audience=Audience.PIC, person=person_code("pic@desk.example"))
    )

    assert revealed("dora@staff.example", shared) == []
    assert revealed("bart@staff.example", shared) == ["bart@staff.example wrote to it"]


def test_the_address_of_a_customer_is_nobodys_secret():
    assert revealed("zoe@elsewhere.example", SIGNER.reply_address(Token(1, Audience.CUSTOMER))) == []
