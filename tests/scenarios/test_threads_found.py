"""Replies find their ticket although something on the way broke their ids (R32-R35, T2)."""

import re

import pytest

from helpdesk.model.ticket import EntryKind
from helpdesk.testing.desk import Desk, Player
from helpdesk.testing.letters import Letter

DESK = "help@desk.example"
STRANGE = "<0100018c-abcd-4321@eu-west-1.mailer.example>"


@pytest.fixture
def answered(desk: Desk) -> Desk:
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("On its way.")
    return desk


def reply(player: Player, letter: Letter, **changes: str | None) -> bytes:
    """A reply to the desk's plain address without a tag, so that only these headers can find the ticket."""
    message = player.reply(letter, "It is not here.", [DESK])
    for header, value in {"Subject": "Re: My order", **changes}.items():
        name = header.replace("_", "-")
        del message[name]
        if value is not None:
            message[name] = "x"
    raw = message.as_bytes()
    for header, value in {"Subject": "Re: My order", **changes}.items():
        name = header.replace("_", "-")
        raw = raw.replace(f"{name}: x\n".encode(), f"{name}: {value}\n".encode())
    return raw


def belongs(desk: Desk) -> bool:
    return [e.text for e in desk.entries() if e.kind is EntryKind.CUSTOMER][-1] == "It is not here."


def encoded(text: str) -> str:
    return "=?us-ascii?Q?" + "".join(f"={ord(c):02X}" if c in "<>@ _=?" else c for c in text) + "?="


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda i: f"{i[:30]}\n {i[30:]}", id="folded inside the id"),
        pytest.param(encoded, id="an encoded word"),
        pytest.param(lambda i: f"{encoded(i[:60])}\n {encoded(i[60:])}", id="two encoded words"),
        pytest.param(lambda i: f"< {i[1:-1]} >", id="spaces inside the brackets"),
        pytest.param(lambda i: f"<{i}>", id="brackets twice"),
        pytest.param(lambda i: i.strip("<>"), id="no brackets"),
        pytest.param(lambda i: f"<a@b.example>{i}", id="no space between two"),
        pytest.param(lambda i: f"<cut-off-in-the-midd\n {i}", id="the one before it was cut off"),
    ],
)
def test_broken_references_still_find_the_ticket(answered: Desk, broken) -> None:
    letter = answered.anne.last("answer")

    raw = reply(answered.anne, letter, In_Reply_To=None, References=broken(letter["Message-ID"]))
    answered.post(raw, answered.anne.address)

    assert belongs(answered)


def test_the_last_few_references_are_enough(answered: Desk) -> None:
    """Some programs keep only the end of a long thread."""
    for _ in range(25):
        answered.anne.replies("And now?", "answer")
    letter = answered.anne.last("answer")

    answered.post(
        reply(answered.anne, letter, In_Reply_To=None, References=f"{STRANGE} {letter['Message-ID']}"),
        answered.anne.address,
    )

    assert belongs(answered)


def test_the_signed_address_finds_the_ticket_when_our_id_was_replaced(answered: Desk) -> None:
    """R33: Amazon SES and others give letters an id of their own, and that is what the reply names."""
    letter = answered.anne.last("answer")
    raw = reply(answered.anne, letter, To=letter["Reply-To"], In_Reply_To=STRANGE, References=STRANGE)

    answered.post(raw, answered.anne.address)

    assert belongs(answered)


def test_the_tag_and_a_known_sender_find_it_when_the_address_is_gone_too(answered: Desk) -> None:
    letter = answered.anne.last("answer")
    raw = reply(answered.anne, letter, Subject="Re: My order [#1]", In_Reply_To=STRANGE, References=STRANGE)

    answered.post(raw, answered.anne.address)

    assert belongs(answered)


def test_a_stranger_with_the_same_headers_gets_a_ticket_of_their_own(answered: Desk) -> None:
    """R34, T2: neither the number nor a stranger's id proves anything."""
    zoe = answered.stranger("zoe@elsewhere.example", "Zoe")
    letter = answered.anne.last("answer")
    raw = reply(zoe, letter, Subject="Re: My order [#1]", In_Reply_To=STRANGE, References=STRANGE)

    answered.post(raw, zoe.address)

    assert answered.newest().number == 2
    assert not belongs(answered)


def asks_about(player: Player, ancestor: str, subject: str, text: str) -> None:
    """A mail to the desk that answers a mail which the desk has never seen."""
    message = player.new([DESK], subject, text)
    message["In-Reply-To"] = ancestor
    message["References"] = f"<root@shop.example> {ancestor}"
    player.sends(message)


def test_two_mails_of_one_customer_about_the_same_mail_are_one_ticket(desk: Desk) -> None:
    asks_about(desk.anne, "<invoice@shop.example>", "Re: Invoice 12", "Is this right?")
    asks_about(desk.anne, "<invoice@shop.example>", "AW: Invoice 12", "It is not here.")

    assert desk.newest().number == 1
    assert belongs(desk)


def test_another_subject_is_another_question_although_the_ancestor_is_the_same(desk: Desk) -> None:
    asks_about(desk.anne, "<invoice@shop.example>", "Re: Invoice 12", "Is this right?")
    asks_about(desk.anne, "<invoice@shop.example>", "My holidays", "It is not here.")

    assert desk.newest().number == 2


def test_another_customer_who_answers_the_same_newsletter_asks_for_themselves(desk: Desk) -> None:
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")
    asks_about(desk.anne, "<news@shop.example>", "Re: News of May", "Is this right?")
    asks_about(zoe, "<news@shop.example>", "Re: News of May", "It is not here.")

    assert desk.newest().number == 2
    assert desk.newest().customer.address == zoe.address


def test_a_named_ancestor_draws_no_mail_of_staff(desk: Desk) -> None:
    """T2: a stranger names the id of a mail that an operator will answer; it must not lead him astray."""
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")
    asks_about(zoe, "<private@staff.example>", "Re: Lunch", "Is this right?")
    message = desk.bart.new([DESK], "Re: Lunch", "At noon?")
    message["In-Reply-To"] = "<private@staff.example>"

    desk.bart.sends(message)

    assert [entry.kind for entry in desk.entries() if entry.text == "At noon?"] == []


def test_a_mail_takes_its_id_back_from_who_only_named_it(desk: Desk) -> None:
    """A reply overtakes the mail it answers: the id belongs to the ticket of the mail itself."""
    first = desk.anne.new([DESK], "My order", "Where is it?")
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")
    asks_about(zoe, first["Message-ID"], "Re: Gossip", "Is this right?")
    desk.anne.sends(first)
    again = desk.anne.new([DESK], "Something else", "It is not here.")
    again["In-Reply-To"] = first["Message-ID"]

    desk.anne.sends(again)

    assert [e.text for e in desk.entries(2)][-1] == "It is not here."


def test_our_letters_carry_the_ancestors_of_the_customers_mail(desk: Desk) -> None:
    """R32: References are the parent's and the parent; her program shows all of it as one conversation."""
    asks_about(desk.anne, "<invoice@shop.example>", "Re: Invoice 12", "Is this right?")

    acknowledgement = desk.anne.last("acknowledgement")

    ids = re.findall(r"<([^>]+)>", acknowledgement["References"])
    assert ids[:2] == ["root@shop.example", "invoice@shop.example"]
    assert acknowledgement["In-Reply-To"].strip("<>") == ids[-1]
