"""A5: the operator answers by Reply All; the customer gets the new words and nothing else."""

import pytest

from helpdesk.model.ticket import DeadlineKind, EntryKind, Status, WaitingFor
from helpdesk.testing.desk import ADDRESS, LIST, PIC


def ask(desk, text="I ordered a lamp."):
    return desk.anne.asks("Where is my order?", text)


def test_the_answer_reaches_the_customer_in_the_operators_words(desk):
    ask(desk)

    desk.bart.answers("Dear Anne,\n\nit is on its way. When did you order?")

    letter = desk.anne.last("answer")
    assert letter.text.startswith("Dear Anne,\n\nit is on its way. When did you order?")
    assert letter["From"] == '"Bart (iDuHelp!)" <help@desk.example>'
    assert letter.subject == "Re: Where is my order? [#1]"


def test_an_answer_is_a_humans_letter(desk):
    ask(desk)

    desk.bart.answers("It is on its way.")

    letter = desk.anne.last("answer")
    assert "Auto-Submitted" not in letter.mail
    assert letter.sender == "help@desk.example"


def test_after_the_answer_it_is_the_customers_turn(desk):
    ask(desk)

    desk.bart.answers("It is on its way.")

    ticket = desk.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.PENDING, WaitingFor.CUSTOMER)
    assert ticket.first_response_at == desk.clock()
    assert {d.kind for d in ticket.deadlines} == {DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE}


def test_list_and_pic_get_copies(desk):
    ask(desk)

    desk.bart.answers("It is on its way.")

    assert [letter.to[0] for letter in desk.letters("answer")] == ["anne@customer.example", LIST, PIC]
    assert "It is on its way." in desk.dora.last("answer").text


def test_nothing_but_the_operators_new_words_reaches_the_customer(desk):
    """T4: no token, no staff address, no quotation of the internal letter, no signature block."""
    ask(desk)

    desk.bart.answers("It is on its way.\n\n-- \nBart\nbart@staff.example\nphone 4711")

    letter = desk.anne.last("answer")
    own = letter.text.split("\n-- \n")[0].strip()
    assert own == "It is on its way."
    for secret in (b"staff.example", b"milis", b"pic@desk", b"4711", b"-o", b"is yours"):
        assert secret not in letter.raw.replace(b"X-Helpdesk-", b"")


def test_a_token_in_the_operators_text_is_taken_out(desk):
    ask(desk)
    token = desk.bart.last_personal("assignment").answer_to()[0]

    desk.bart.answers(f"Write to {token} or reply.")

    assert token.encode() not in desk.anne.last("answer").raw
    assert "Write to help@desk.example or reply." in desk.anne.last("answer").text


def test_no_letter_shows_a_proof_to_anybody_else(desk):
    """T4 over a whole conversation: the letters of others never hold bart's or dora's token."""
    ask(desk)
    desk.bart.answers("It is on its way.")
    desk.anne.replies("Still not here.", "answer")
    desk.bart.answers("Tomorrow.")
    desk.passes(days=9)
    desk.dora.replies("", "close_notice")

    proofs = {
        x.answer_to()[0]: x.to for x in desk.sent if "-o" in x.answer_to()[0] or "-p" in x.answer_to()[0]
    }
    for proof, reader in proofs.items():
        others = [x for x in desk.sent if x.to != reader]
        assert all(proof.encode() not in x.raw for x in others)


def test_an_answer_to_all_with_the_customer_is_recorded_and_not_sent_twice(desk):
    ask(desk)
    letter = desk.bart.last_personal("assignment")
    mail = desk.bart.reply(letter, "It is on its way.", cc=["anne@customer.example"])

    desk.bart.sends(mail)

    assert desk.anne.count("answer") == 0
    assert desk.ticket().status is Status.PENDING
    assert [e.text for e in desk.entries() if e.kind is EntryKind.OPERATOR] == ["It is on its way."]


def test_copies_are_left_out_where_the_answer_went_by_itself(desk):
    ask(desk)
    letter = desk.bart.last_personal("assignment")

    desk.bart.sends(desk.bart.reply(letter, "It is on its way.", cc=[LIST, PIC]))

    assert [x.to[0] for x in desk.letters("answer")] == ["anne@customer.example"]


@pytest.mark.parametrize("direct_first", [True, False])
def test_an_answer_by_two_roads_is_one_answer(desk, direct_first):
    desk.direct_first, desk.list.footer = direct_first, "Milis mailing list"
    ask(desk)
    letter = desk.bart.last_personal("assignment")

    desk.bart.sends(desk.bart.reply(letter, "It is on its way.", cc=[LIST]))

    assert desk.anne.count("answer") == 1
    assert "Milis mailing list" not in desk.anne.last("answer").text


def test_text_on_a_free_ticket_claims_and_answers(open_desk):
    desk = open_desk(mode="claim", announce="each")
    ask(desk)

    desk.cate.replies("It is on its way.", "new_ticket")

    ticket = desk.ticket()
    assert (ticket.operator, ticket.status) == ("cate@staff.example", Status.PENDING)
    assert desk.anne.last("answer").text.startswith("It is on its way.")


def test_a_claim_with_words_below_answers_with_the_words(open_desk):
    desk = open_desk(mode="claim", announce="each")
    ask(desk)

    desk.cate.replies("#claim\nIt is on its way.", "new_ticket")

    assert desk.ticket().operator == "cate@staff.example"
    assert desk.anne.last("answer").text.startswith("It is on its way.")
    assert "#claim" not in desk.anne.last("answer").text


def test_attachments_are_carried_over(desk):
    ask(desk)
    mail = desk.bart.reply(desk.bart.last_personal("assignment"), "Here is the invoice.")
    mail.add_attachment(b"%PDF-1.4 invoice", maintype="application", subtype="pdf", filename="invoice.pdf")

    desk.bart.sends(mail)

    assert desk.anne.last("answer").attachments == {"invoice.pdf": b"%PDF-1.4 invoice"}


def test_a_colleague_may_answer_for_the_assignee(open_desk):
    """A reply to the operator's own personal copy is needed; cate has none here, so she confirms."""
    desk = open_desk()
    ask(desk)

    desk.cate.replies("It is on its way.", "assignment")
    held = desk.anne.count("answer")
    desk.cate.replies("", "confirm_sender")

    assert held == 0
    assert desk.anne.last("answer")["From"].startswith('"Cate')
    assert desk.ticket().operator == "bart@staff.example"


def test_a_second_answer_starts_the_silence_anew(desk):
    ask(desk)
    desk.bart.answers("It is on its way.")
    first = desk.ticket().deadlines
    desk.passes(hours=20)

    desk.bart.answers("And here is the number: 12.")

    assert desk.ticket().status is Status.PENDING
    assert min(d.due_at for d in desk.ticket().deadlines) > min(d.due_at for d in first)


def test_an_empty_reply_of_the_assignee_is_no_answer(desk):
    ask(desk)

    desk.bart.answers("")

    assert desk.anne.count("answer") == 0
    assert desk.ticket().status is Status.OPEN


def test_an_operators_out_of_office_is_no_answer(desk):
    ask(desk)

    desk.bart.answers("I am on holiday until Monday.", Auto_Submitted="auto-replied", envelope="")

    assert desk.anne.count("answer") == 0
    assert desk.ticket().status is Status.OPEN


def test_an_operators_out_of_office_that_only_has_the_null_sender_is_no_answer(desk):
    """R46: old autoresponders set nothing but MAIL FROM:<>."""
    ask(desk)

    desk.bart.answers("I am on holiday until Monday.", envelope="")

    assert desk.anne.count("answer") == 0
    assert desk.ticket().status is Status.OPEN


def test_staff_who_talk_on_the_list_about_no_ticket_are_left_alone(desk):
    desk.bart.sends(desk.bart.new([LIST], "Lunch?", "At noon as always."))

    assert desk.sent == []


def test_an_operator_may_ask_the_desk_like_anybody(desk):
    ticket = desk.bart.asks("My own printer", "It is out of ink.", to=ADDRESS)

    assert ticket.customer.address == "bart@staff.example"
    assert desk.bart.count("acknowledgement") == 1


def test_an_afterthought_on_a_solved_ticket_reaches_the_customer_and_changes_nothing(desk):
    ask(desk)
    desk.bart.answers("#close")
    status = desk.ticket().status

    desk.bart.answers("PS: the invoice follows by post.")

    assert desk.anne.last("answer").text.startswith("PS: the invoice follows")
    assert desk.ticket().status is status
