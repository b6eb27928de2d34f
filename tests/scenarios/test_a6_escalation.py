"""A6: a question goes to a third party only with complete data; what comes back goes to the operator."""

from datetime import timedelta

import pytest

from helpdesk.model.forms import Escalating, FieldType, Form, FormField, FormMatch, ThirdParty
from helpdesk.model.ticket import Clock, EntryKind, Status, WaitingFor
from helpdesk.testing.desk import Desk

ROOSTER = ThirdParty("rooster", "tickets@rooster.example", form="parcel")
VENDOR = ThirdParty("vendor", "care@vendor.example")
PARCEL = Form(
    "parcel",
    FormMatch(subject="^Parcel form"),
    (
        FormField("order", ("Order number",), FieldType.INTEGER, required=True),
        FormField("phone", ("Telephone",), FieldType.PHONE, required=True),
    ),
)


@pytest.fixture
def desk(open_desk) -> Desk:
    clock = Escalating(timedelta(hours=48), (0.5,), Clock.CALENDAR)
    desk = open_desk(forms=(PARCEL,), third_parties=(ROOSTER, VENDOR), escalation=clock)
    desk.rooster = desk.stranger(ROOSTER.address, "Rooster")
    desk.vendor = desk.stranger(VENDOR.address, "Vendor")
    desk.anne.asks("My parcel", "It is empty.")
    return desk


@pytest.fixture
def complete(desk: Desk) -> Desk:
    desk.bart.answers("#form parcel")
    desk.anne.replies("Order number: 4711\nTelephone: 0215551234", "returned_form")
    return desk


@pytest.fixture
def escalated(complete: Desk) -> Desk:
    complete.bart.answers("#escalate rooster\nCan you see where it went?")
    return complete


def test_an_escalation_is_refused_with_the_list_of_what_is_missing(desk: Desk) -> None:
    desk.bart.answers("#escalate Rooster\nPlease help.")

    letter = desk.bart.last("command_error")
    assert "rooster can do nothing without: Order number, Telephone" in letter.text
    assert ">>> #escalate Rooster" in letter.text
    assert desk.rooster.mailbox == []
    assert desk.ticket().status is Status.OPEN


def test_the_refusal_brings_a_ready_letter_that_the_operator_sends_by_replying(desk: Desk) -> None:
    desk.bart.answers("#escalate rooster")
    assert "> - Telephone" in desk.bart.last("command_error").text

    desk.bart.replies("#canned ask_for_details", "command_error")

    letter = desk.anne.last("answer")
    assert "- Order number\n- Telephone" in letter.text
    assert desk.ticket().status is Status.PENDING


def test_an_escalation_is_no_step_to_take_back(escalated: Desk) -> None:
    escalated.bart.answers("#undo")

    assert "their answer brings the ticket back" in escalated.bart.last("command_error").text
    assert escalated.ticket().waiting_for == "third_party"


def test_complete_data_go_with_the_conversation_to_the_third_party(escalated: Desk) -> None:
    letter = escalated.rooster.last("escalation")

    assert "Order number: 4711" in letter.text
    assert "It is empty." in letter.text
    assert "Can you see where it went?" in letter.text
    assert letter.answer_to()[0].startswith("help+1-t")
    ticket = escalated.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.ON_HOLD, WaitingFor.THIRD_PARTY)
    assert escalated.anne.count("answer") == 0
    assert "The question has gone to rooster" in escalated.bart.last("receipt").text


def test_no_internal_note_and_no_proof_of_staff_reaches_the_third_party(complete: Desk) -> None:
    complete.bart.answers("#note\nThe canary sings: anne is difficult.")
    complete.bart.answers("#escalate rooster")

    letter = complete.rooster.last("escalation")
    assert "canary" not in letter.text
    assert "-o" not in "".join(line for line in letter.text.splitlines() if "help+" in line)
    assert not letter["References"]


def test_their_answer_comes_to_the_operator_and_not_to_the_customer(escalated: Desk) -> None:
    before = len(escalated.anne.mailbox)
    escalated.rooster.replies("It was stolen. We send a new one.", "escalation")

    letter = escalated.bart.last_personal("third_party_reply")
    assert "It was stolen" in letter.text
    assert "copy for your information" in escalated.dora.last("third_party_reply").text
    assert len(escalated.anne.mailbox) == before
    assert escalated.ticket().status is Status.OPEN
    assert EntryKind.THIRD_PARTY in [entry.kind for entry in escalated.entries()]

    escalated.bart.answers("A new one is on its way.")
    assert "on its way" in escalated.anne.last("answer").text


def test_their_number_is_shown_and_used_in_later_letters(escalated: Desk) -> None:
    """Their tracker acknowledges by itself: on record, without effect, but its number is kept."""
    letter = escalated.rooster.last("escalation")
    acknowledged = escalated.rooster.reply(letter, "We have your mail.")
    del acknowledged["Subject"]
    acknowledged["Subject"] = "[Ticket#2026113010001] My parcel [#1]"
    escalated.rooster.sends(acknowledged, Auto_Submitted="auto-replied")
    assert escalated.ticket().status is Status.ON_HOLD
    assert escalated.bart.count("third_party_reply") == 0

    escalated.rooster.replies("It was stolen.", "escalation")
    assert "[Ticket#2026113010001]" in escalated.bart.last_personal("third_party_reply").text

    escalated.bart.answers("#escalate rooster\nBy whom?")
    again = escalated.rooster.last("escalation")
    assert "[Ticket#2026113010001]" in again.subject
    assert "By whom?" in again.text
    assert "It is empty." not in again.text
    assert again["In-Reply-To"]


def test_their_own_address_and_our_number_are_enough_where_they_were_asked(escalated: Desk) -> None:
    mail = escalated.rooster.new([escalated.address], "Re: My parcel [#1] (Case 1234)", "It was stolen.")
    escalated.rooster.sends(mail)

    assert "(Case 1234)" in escalated.bart.last_personal("third_party_reply").text
    assert escalated.newest().number == 1


def test_a_third_party_that_was_not_asked_is_a_stranger(escalated: Desk) -> None:
    mail = escalated.vendor.new([escalated.address], "Re: My parcel [#1]", "Buy our lamps.")
    escalated.vendor.sends(mail)

    assert escalated.newest().number == 2


def test_the_third_party_is_reminded_then_operator_and_pic_are_told(escalated: Desk) -> None:
    escalated.passes(hours=25)
    assert escalated.rooster.names() == ["escalation", "escalation_reminder"]

    escalated.passes(hours=24)
    assert escalated.bart.count("escalation_overdue") == 1
    assert escalated.dora.count("escalation_overdue") == 1
    assert escalated.ticket().status is Status.OPEN
    assert escalated.ticket().operator == escalated.bart.address


def test_one_that_is_overdue_is_told_while_the_ticket_is_open_again(escalated: Desk) -> None:
    """Two were asked; one has answered, so it is the operator's turn, and stays so when the other's time is up."""
    escalated.passes(hours=1)
    escalated.bart.answers("#escalate vendor\nDo you have another one?")
    escalated.passes(hours=45)
    escalated.rooster.replies("It was stolen.", "escalation")
    assert escalated.ticket().status is Status.OPEN
    assert escalated.bart.count("escalation_overdue") == 0

    escalated.passes(hours=4)

    for person in (escalated.bart, escalated.dora):
        assert person.count("escalation_overdue") == 1
        assert "vendor" in person.last("escalation_overdue").text
    assert escalated.ticket().status is Status.OPEN
    assert escalated.history().count("third_party_overdue") == 1


def test_who_has_answered_is_not_reminded(escalated: Desk) -> None:
    escalated.rooster.replies("It was stolen.", "escalation")
    escalated.bart.answers("A new one is on its way.")
    escalated.passes(hours=70)

    assert escalated.rooster.names() == ["escalation"]
    assert escalated.bart.count("escalation_overdue") == 0


def test_a_ticket_may_be_with_several_third_parties(escalated: Desk) -> None:
    escalated.passes(hours=1)
    escalated.bart.answers("#escalate vendor\nDo you have another one?")
    escalated.rooster.replies("It was stolen.", "escalation")
    escalated.passes(hours=25)

    assert escalated.rooster.names() == ["escalation"]
    assert escalated.vendor.names() == ["escalation", "escalation_reminder"]


def test_two_that_are_asked_at_the_same_instant_are_each_told_of_once(escalated: Desk) -> None:
    escalated.bart.answers("#escalate vendor\nDo you have another one?")

    escalated.passes(hours=25)
    assert escalated.rooster.names() == escalated.vendor.names() == ["escalation", "escalation_reminder"]

    escalated.passes(hours=24)
    late = [mail for mail in escalated.bart.mailbox if mail.name == "escalation_overdue"]
    assert len(late) == escalated.dora.count("escalation_overdue") == 2
    assert all(any(name in mail.text for mail in late) for name in ("rooster", "vendor"))
    assert escalated.history().count("third_party_overdue") == 2


def test_an_unknown_third_party_comes_back(complete: Desk) -> None:
    complete.bart.answers("#escalate roster")

    assert "rooster, vendor" in complete.bart.last("command_error").text


def test_no_loop_with_their_autoresponder(escalated: Desk) -> None:
    count = len(escalated.sent)
    for _ in range(5):
        escalated.rooster.replies("We are away.", "escalation", Auto_Submitted="auto-replied")

    assert len(escalated.sent) == count


def test_a_closed_ticket_waits_for_nobody(escalated: Desk) -> None:
    escalated.bart.answers("#close\nA new one is on its way.")
    escalated.passes(hours=60)

    assert escalated.rooster.names() == ["escalation"]
    assert escalated.bart.count("escalation_overdue") == 0


def _sends(desk: Desk, who, to, subject: str, text: str, **files: int) -> None:
    mail = who.new(to, subject, text)
    for name, size in files.items():
        mail.add_attachment(name[0].encode() * size, "application", "pdf", filename=f"{name}.pdf")
    desk.post(mail, who.address)


def _asks_with_files(desk: Desk, **files: int) -> list[str]:
    """Ticket 2 is anne's, with files of hers and one of cate's note; return where cate writes about it."""
    _sends(desk, desk.anne, [desk.address], "Broken", "See for yourself.", **files)
    desk.passes(hours=1)
    to = desk.cate.last_personal("assignment").answer_to()
    _sends(desk, desk.cate, to, "Re: Broken", "#note\n\nKeep this to ourselves.", secret=300)
    return to


def test_the_files_of_the_conversation_go_too_and_what_is_too_large_is_named(desk: Desk) -> None:
    to = _asks_with_files(desk, photo=2000, film=7 * 1024 * 1024)
    _sends(desk, desk.cate, to, "Re: Broken", "#escalate vendor\nCan you mend it?", bill=500)

    letter = desk.vendor.last("escalation")
    assert letter.attachments == {"photo.pdf": b"p" * 2000, "bill.pdf": b"b" * 500}
    assert "Too large to attach; ask us for it if you need it: film.pdf (7168 KB)" in letter.text
    assert "film.pdf (7168 KB)" in desk.cate.last("receipt").text


def test_a_second_letter_to_them_brings_only_what_is_new(desk: Desk) -> None:
    to = _asks_with_files(desk, photo=2000)
    _sends(desk, desk.cate, to, "Re: Broken", "#escalate vendor\nCan you mend it?")
    desk.passes(hours=1)
    _sends(desk, desk.anne, desk.anne.last("assigned").answer_to(), "Re: Broken", "Here.", label=700)
    desk.passes(hours=1)

    _sends(desk, desk.cate, to, "Re: Broken", "#escalate vendor\nThe label is attached.")

    assert list(desk.vendor.last("escalation").attachments) == ["label.pdf"]


def test_what_they_quote_of_our_letter_is_cut_even_without_marks(escalated: Desk) -> None:
    """Trackers lose the quotation marks, and which letter they answer; the operator reads what is new."""
    letter = escalated.rooster.last("escalation")
    text = f"It was stolen. We send a new one.\n\n{letter.text}"
    escalated.rooster.sends(escalated.rooster.new(letter.answer_to(), "Your parcel", text))

    assert escalated.entries()[-1].text.strip() == "It was stolen. We send a new one."
    letter = escalated.bart.last_personal("third_party_reply")
    assert "It was stolen. We send a new one." in letter.text
    assert "Can you see where it went?" not in letter.text


def test_a_third_party_in_copy_never_reads_along(escalated: Desk) -> None:
    """Neither where the customer nor where the operator has them in Cc."""
    letter = escalated.anne.last("returned_form")
    escalated.anne.sends(
        escalated.anne.reply(letter, "Any news? I have asked them myself.", cc=[ROOSTER.address])
    )
    to = escalated.bart.last_personal("customer_reply").answer_to()
    escalated.bart.sends(escalated.bart.new(to, "Re: My parcel", "We will see.", cc=[VENDOR.address]))

    answer = escalated.anne.last("answer")
    assert "We will see." in answer.text
    assert answer.recipients == ("anne@customer.example",)
    assert escalated.ticket().participants == ("anne@customer.example",)


def test_who_became_a_third_party_later_reads_along_no_more(open_desk) -> None:
    desk = open_desk()
    desk.stranger(VENDOR.address, "Vendor")
    desk.anne.sends(desk.anne.new([desk.address], "My lamp", "It is broken.", cc=[VENDOR.address]))
    desk.change_rules(third_parties=(VENDOR,))

    desk.bart.answers("It is on its way.")

    assert desk.anne.last("answer").recipients == ("anne@customer.example",)
