"""Which ticket a mail belongs to: rules in the order of trust (R33, R34)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.decide.match import Clues, Found, choose, clues
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Address
from helpdesk.model.signing import Audience, Signer, Token
from helpdesk.model.ticket import Status, Ticket
from helpdesk.testing.desk import policy

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SIGNER = Signer(b"s" * 32, "help@desk.example")
ANNE, ZOE, BART = "anne@customer.example", "zoe@elsewhere.example", "bart@staff.example"
ONE = Ticket(
    number=1, subject="s", customer=Address("", ANNE), created_at=NOW, updated_at=NOW, participants=(ANNE,)
)
TWO = replace(ONE, number=2)
FOUND = Found({1: ONE, 2: TWO}, {"known@customer.example": 1})
TOKEN = Token(2, Audience.CUSTOMER)


def chosen(said, sender=ZOE, found=FOUND):
    return choose(said, found, sender, policy(), NOW)


def test_a_signed_address_comes_before_everything_else():
    said = Clues((TOKEN,), (Token(1, Audience.CUSTOMER),), ("known@customer.example",), (), 1)

    assert chosen(said).ticket is TWO


def test_a_signed_message_id_is_enough_for_anybody():
    assert chosen(Clues(id_tokens=(TOKEN,))).ticket is TWO


@pytest.mark.parametrize(("sender", "ticket"), [(ANNE, ONE), (BART, ONE), (ZOE, None)])
def test_a_known_message_id_needs_somebody_who_takes_part(sender, ticket):
    assert chosen(Clues(message_ids=("known@customer.example",)), sender).ticket is ticket


@pytest.mark.parametrize(("sender", "ticket"), [(ANNE, ONE), (BART, ONE), (ZOE, None)])
def test_a_number_needs_somebody_who_takes_part(sender, ticket):
    match = chosen(Clues(subject_number=1), sender)

    assert match.ticket is ticket
    assert match.by_number == (ticket is not None)


def test_every_rule_leaves_a_reason():
    assert [r.partition(":")[2].strip() for r in chosen(Clues()).reasons] == ["no"] * 5


def test_the_confirmation_of_a_held_mail_is_no_ticket():
    assert chosen(Clues((Token(1, Audience.HELD, "aaaaaaaa", 9),))).ticket is None


def test_a_long_closed_ticket_is_linked_instead():
    old = replace(ONE, status=Status.CLOSED, closed_at=NOW - timedelta(days=15))

    match = chosen(Clues(subject_number=1), ANNE, Found({1: old}, {}))

    assert (match.ticket, match.linked_to, match.former) == (None, 1, old)


def test_staff_reach_a_long_closed_ticket():
    old = replace(ONE, status=Status.CLOSED, closed_at=NOW - timedelta(days=15))

    assert chosen(Clues(subject_number=1), BART, Found({1: old}, {})).ticket is old


def test_only_what_we_signed_is_a_clue():
    good = SIGNER.reply_address(TOKEN)
    forged = good.replace("+2-", "+1-")
    mail = InboundMail(to=(Address("", good), Address("", forged)), subject="Re: x [#7]")

    said = clues(mail, (), SIGNER)

    assert said.address_tokens == (TOKEN,)
    assert said.numbers == (2, 7)


def test_ten_thousand_guesses_find_no_ticket():
    """T2."""
    guesses = (
        f"help+{n % 9}-c--{n:016d}@desk.example".replace("0", "a").replace("1", "b") for n in range(10_000)
    )

    assert not [g for g in guesses if SIGNER.read_address(g)]
