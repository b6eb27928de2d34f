"""A new question in an old thread: the operator is offered a split, and `#split` does it."""

import pytest

from helpdesk.flow.explain import foresee
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status, WaitingFor
from helpdesk.testing.desk import Desk

NEW = "Do you also sell lamps?"


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """Answered; then she takes the old letter to ask something else."""
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("On its way.")
    desk.passes(hours=1)
    asks_anew(desk)
    desk.passes(hours=1)
    return desk


def asks_anew(desk: Desk, subject: str = "Lamps for the garden", text: str = NEW) -> None:
    message = desk.anne.reply(desk.anne.last("answer"), text)
    del message["Subject"]
    message["Subject"] = subject
    desk.anne.sends(message)


def offer(desk: Desk) -> bool:
    return "#split" in desk.bart.last_personal("customer_reply").text


def kinds(desk: Desk, number: int) -> list[EntryKind]:
    return [entry.kind for entry in desk.entries(number)]


def test_a_new_subject_is_told_to_the_operator_who_may_split(asked: Desk) -> None:
    text = asked.bart.last_personal("customer_reply").text

    assert asked.newest().number == 1
    assert "The subject is new: Lamps for the garden" in text
    assert "#split" in text


@pytest.mark.parametrize(
    "subject",
    [
        "Re: My order [#1]", "AW: WG: my ORDER", "Re: [milis] My order", "My order - urgent!", "Fwd: Order [#1]", "",
        "Re: Something quite different [#1]", "Re[2]: My order",
    ],
)  # fmt: skip
def test_the_old_subject_in_other_clothes_is_not_new(desk: Desk, subject: str) -> None:
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("On its way.")

    asks_anew(desk, subject, "It is not here.")

    assert not offer(desk)


def test_the_subject_of_our_own_letter_is_not_new(desk: Desk) -> None:
    """The acknowledgement never repeats hers (F13), so hers differs when she answers it."""
    desk.anne.asks("My order", "Where is it?")
    letter = desk.anne.last("acknowledgement")
    message = desk.anne.reply(letter, "It is order 12.")
    subject = message["Subject"].replace(" [#1]", "")
    del message["Subject"]
    message["Subject"] = subject

    desk.anne.sends(message)

    assert not offer(desk)


def test_a_split_opens_a_ticket_with_the_customers_latest_mail(asked: Desk) -> None:
    asked.bart.answers("#split")

    new = asked.newest()
    assert (new.number, new.linked_to, new.subject) == (2, 1, "Lamps for the garden")
    assert (new.status, new.operator) == (Status.OPEN, asked.bart.address)
    assert (new.customer, new.language) == (asked.ticket(1).customer, asked.ticket(1).language)
    assert DeadlineKind.FIRST_RESPONSE in {d.kind for d in new.deadlines}
    assert [e.text for e in asked.entries(2) if e.kind is EntryKind.CUSTOMER] == [NEW]
    assert "split" in asked.history(1)
    assert "split" in asked.history(2)


def test_both_sides_are_told_of_the_new_ticket(asked: Desk) -> None:
    asked.bart.answers("#split")

    letter = asked.bart.last_personal("assignment")
    assert letter.ticket == 2
    assert NEW in letter.text
    assert asked.anne.last("acknowledgement").ticket == 2
    assert asked.anne.count("answer") == 1


def test_the_old_ticket_is_the_customers_turn_again(asked: Desk) -> None:
    asked.bart.answers("#split")

    old = asked.ticket(1)
    assert (old.status, old.waiting_for) == (Status.PENDING, WaitingFor.CUSTOMER)
    assert {d.kind for d in old.deadlines} <= {DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE}
    assert NEW not in [entry.text for entry in asked.entries(1)]


def test_the_old_ticket_stays_open_while_other_words_of_hers_wait(desk: Desk) -> None:
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("On its way.")
    desk.anne.replies("It is not here.", "answer")
    asks_anew(desk)

    desk.bart.answers("#split")

    assert desk.ticket(1).status is Status.OPEN
    assert DeadlineKind.NEXT_RESPONSE in {d.kind for d in desk.ticket(1).deadlines}


def test_words_below_the_verb_answer_the_new_ticket(asked: Desk) -> None:
    asked.bart.answers("#split\nYes, green ones.")

    answer = asked.anne.last("answer")
    assert answer.ticket == 2
    assert "Yes, green ones." in answer.text
    assert "#split" not in answer.text
    assert asked.ticket(2).status is Status.PENDING
    assert asked.ticket(2).first_response_at
    assert DeadlineKind.FIRST_RESPONSE not in {d.kind for d in asked.ticket(2).deadlines}
    assert EntryKind.OPERATOR in kinds(asked, 2)
    assert kinds(asked, 1).count(EntryKind.OPERATOR) == 1


def test_her_reply_to_the_new_ticket_stays_there(asked: Desk) -> None:
    asked.bart.answers("#split\nYes, green ones.")

    asked.anne.replies("And blue ones?", "answer")

    assert "And blue ones?" in [entry.text for entry in asked.entries(2)]
    assert asked.ticket(1).status is Status.PENDING


def test_whoever_asked_for_no_automatic_letters_gets_none_for_the_new_ticket(desk: Desk) -> None:
    desk.anne.asks("My order", "Where is it?", Auto_Submitted="auto-generated")
    desk.bart.answers("On its way.")
    asks_anew(desk)

    desk.bart.answers("#split")

    assert desk.ticket(2).status is Status.OPEN
    assert desk.anne.names() == ["answer"]


def test_a_second_split_does_not_take_an_older_mail(asked: Desk) -> None:
    asked.anne.replies("Where is my order now?", "acknowledgement")
    asked.passes(hours=1)
    asks_anew(asked, "Chairs", "And chairs?")
    asked.passes(hours=1)
    asked.bart.answers("#split")
    asked.passes(hours=1)

    asked.bart.sends(asked.bart.reply(asked.bart.last_personal("customer_reply"), "#split"))

    assert asked.newest().number == 2
    assert "nothing since" in asked.bart.last("command_error").text


@pytest.mark.parametrize("status", ["open", "pending"])
def test_the_only_mail_of_a_ticket_cannot_be_split_off(desk: Desk, status: str) -> None:
    desk.anne.asks("My order", "Where is it?")
    if status == "pending":
        desk.bart.answers("On its way.")

    desk.bart.answers("#split")

    assert desk.newest().number == 1
    assert desk.ticket().status == status
    assert "nothing to split off" in desk.bart.last("command_error").text


def test_a_split_takes_no_argument_and_no_second_verb(asked: Desk) -> None:
    asked.bart.answers("#split lamps")
    asked.bart.answers("#split\n#close")

    assert asked.newest().number == 1
    assert asked.bart.count("command_error") == 2


def test_a_colleague_may_split_and_the_ticket_stays_with_who_has_the_old_one(asked: Desk) -> None:
    """The list's copy proves nobody (F12), so she confirms."""
    asked.cate.replies("#split", "customer_reply")
    asked.cate.replies("", "confirm_sender")

    assert asked.newest().number == 2
    assert asked.newest().operator == asked.bart.address


def test_a_question_that_reopened_a_ticket_can_be_split_off(desk: Desk) -> None:
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("On its way.")
    desk.bart.answers("#close")
    desk.passes(hours=1)
    asks_anew(desk)
    desk.passes(hours=1)

    desk.bart.answers("#split")

    assert desk.newest().linked_to == 1
    assert desk.ticket(1).status is Status.PENDING


def test_what_a_split_would_do_can_be_foreseen(asked: Desk) -> None:
    reply = asked.bart.reply(asked.bart.last_personal("customer_reply"), "#split")

    foresight = foresee(asked.shop, reply.as_bytes())

    assert foresight.event == "staff_commanded"
    assert ("acknowledgement", asked.anne.address) in foresight.letters
    assert asked.newest().number == 1
