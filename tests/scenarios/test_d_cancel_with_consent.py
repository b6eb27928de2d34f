"""D: a cancellation needs the customer's own consent, on record, before it is carried out."""

import pytest

from helpdesk.model.affairs import ConsentState
from helpdesk.model.ticket import EntryKind, Status
from helpdesk.store import consents
from helpdesk.testing.desk import LIST, PIC


@pytest.fixture
def asked(desk):
    desk.anne.asks("Cancel my order", "I do not want the lamp any more.")
    desk.bart.answers("#cancel the lamp of order 4711")
    return desk


@pytest.fixture
def agreed(asked):
    asked.anne.replies("Yes, please cancel it.", "consent")
    return asked


def consent(desk):
    with desk.shop.desk.read() as connection:
        return consents.latest(connection, 1)


def test_the_customer_is_asked_by_mail_before_anything_is_cancelled(asked):
    text = asked.anne.last("consent").text

    assert "the lamp of order 4711" in text
    assert "Without your yes nothing is cancelled" in text
    assert consent(asked).state is ConsentState.ASKED
    assert asked.ticket().status is Status.PENDING
    assert [letter.to[0] for letter in asked.letters("consent")] == ["anne@customer.example", LIST, PIC]


def test_words_below_go_into_the_letter(desk):
    desk.anne.asks("Cancel my order", "I do not want the lamp any more.")

    desk.bart.answers("#cancel\n\nYou would get 20 euros back.")

    assert "You would get 20 euros back." in desk.anne.last("consent").text


def test_the_customers_yes_is_recorded_with_their_words_and_mail(asked):
    row = asked.anne.replies("Yes, please cancel it.", "consent")

    given = consent(asked)
    assert (given.state, given.answer, given.spool_id) == (ConsentState.GIVEN, "Yes, please cancel it.", row)
    assert given.answered_at == asked.clock()


def test_operator_list_and_pic_are_told_that_it_may_be_carried_out(agreed):
    readers = [letter.to[0] for letter in agreed.letters("consent_answer")]

    assert readers == ["bart@staff.example", LIST, PIC]
    text = agreed.bart.last_personal("consent_answer").text
    assert "it may be carried out" in text
    assert "> Yes, please cancel it." in text
    assert "#cancel done" in text
    assert agreed.ticket().status is Status.OPEN


def test_carried_out_with_consent_the_ticket_is_closed_and_the_customer_told(agreed):
    agreed.bart.answers("#cancel done\n\nThe money is on its way.")

    text = agreed.anne.last("closed").text
    assert "as you have agreed, the cancellation" in text
    assert "The money is on its way." in text
    assert consent(agreed).state is ConsentState.USED
    assert agreed.ticket().status is Status.SOLVED
    assert "cancelled" in agreed.history()


def test_without_consent_it_is_refused(asked):
    letters = len(asked.sent)

    asked.bart.answers("#cancel done")

    assert "the customer has not agreed yet" in asked.bart.last("command_error").text
    assert asked.ticket().status is Status.PENDING
    assert len(asked.sent) == letters + 1


def test_without_having_asked_it_is_refused(desk):
    desk.anne.asks("Cancel my order", "I do not want the lamp any more.")

    desk.bart.answers("#cancel done")

    assert "never asked" in desk.bart.last("command_error").text
    assert desk.ticket().status is Status.OPEN


def test_one_consent_is_good_for_one_cancellation(agreed):
    agreed.bart.answers("#cancel done")
    agreed.anne.replies("And the second lamp?", "closed")

    agreed.bart.answers("#cancel done")

    assert "carried out already" in agreed.bart.last("command_error").text


def test_a_refusal_is_recorded_and_nothing_may_be_cancelled(asked):
    asked.anne.replies("No, do not cancel it.", "consent")
    asked.bart.answers("#cancel done")

    assert consent(asked).state is ConsentState.REFUSED
    assert "Nothing may be cancelled" in asked.bart.last_personal("consent_answer").text
    assert "has refused" in asked.bart.last("command_error").text


def test_anything_unclear_goes_to_the_operator_with_a_hint(asked):
    asked.anne.replies("Yes, but only if I get my money back.", "consent")

    text = asked.bart.last_personal("customer_reply").text
    assert "their consent is still open" in text
    assert consent(asked).state is ConsentState.ASKED


def test_somebody_elses_yes_is_no_consent(asked):
    """A participant is no customer, and a number in a subject proves nothing."""
    ben = asked.stranger("ben@customer.example", "Ben")
    ben.sends(ben.reply(asked.anne.last("consent"), "Yes, please cancel it."))

    assert consent(asked).state is ConsentState.ASKED


def test_a_forged_yes_that_knows_only_the_number_is_no_consent(asked):
    mallory = asked.stranger("anne@customer.example", "Anne")
    mail = mallory.new([asked.address], "Re: Cancel my order [#1]", "Yes, please cancel it.")

    asked.post(mail, "mallory@elsewhere.example")

    assert consent(asked).state is ConsentState.ASKED
    assert "their consent is still open" in asked.bart.last_personal("customer_reply").text


def test_an_out_of_office_reply_is_no_consent(asked):
    asked.anne.replies("Yes", "consent", Auto_Submitted="auto-replied")

    assert consent(asked).state is ConsentState.ASKED


def test_silence_is_asked_about_and_then_nothing_was_cancelled(asked):
    asked.passes(hours=24)
    again = asked.anne.last("consent").text
    asked.passes(hours=24)

    assert "still waiting for your word" in again
    assert asked.anne.count("nudge") == 0
    assert asked.ticket().status is Status.SOLVED
    assert consent(asked).state is ConsentState.ASKED


def test_a_late_yes_still_counts_and_reopens(asked):
    asked.passes(hours=48)

    asked.anne.replies("ok", "closed_no_feedback")

    assert consent(asked).state is ConsentState.GIVEN
    assert asked.ticket().status is Status.OPEN
    assert asked.bart.last_personal("consent_answer")


def test_asking_again_reminds_of_the_same_consent(asked):
    asked.bart.answers("#cancel")

    with asked.shop.desk.read() as connection:
        assert len(consents.of_tickets(connection, [1])[1]) == 1
    assert asked.anne.count("consent") == 2


def test_asking_again_after_the_yes_points_to_done(agreed):
    agreed.bart.answers("#cancel")

    assert "#cancel done" in agreed.bart.last("command_error").text


@pytest.mark.parametrize(
    ("language", "yes"),
    [("id", "Ya, saya setuju. Tolong batalkan."), ("el", "Ναι, συμφωνώ"), ("tl", "Oo, kanselahin ninyo po")],
)
def test_in_the_customers_own_words(desk, language, yes):
    desk.anne.asks("Order 4711", "...", Content_Language=language)
    desk.bart.answers("#cancel")

    desk.anne.replies(yes, "consent")

    assert consent(desk).state is ConsentState.GIVEN
    assert [e.text for e in desk.entries() if e.kind is EntryKind.CUSTOMER][-1] == yes
