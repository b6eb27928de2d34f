"""R51, T3, T4: the border's word for who wrote it; signed addresses that others have seen; questions in measure."""

from dataclasses import replace

import pytest

from helpdesk.flow.explain import foresee
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.people import Person
from helpdesk.model.policy import Trust
from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS

OTHER = "zoe@elsewhere.example"
MX = "mx.desk.example"
BORDER = Trust(authserv_ids=(MX,), border=(MX,), strips_forged=True)


@pytest.fixture
def asked(open_desk):
    """A desk behind a border that vouches for senders; ticket 1 is bart's."""
    desk = open_desk(trust=BORDER)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def stamped(mail, verdict):
    """The mail as our own listener stores it: its stamp, the border's, the border's verdict, and the mail."""
    stamps = (
        "Received: from mx (127.0.0.1)\n\tby desk.example with LMTP; today\n"
        f"Received: from stranger.example\n\tby {MX} (Postfix) with ESMTP; today\n"
        f"Authentication-Results: {MX}; {verdict}\n"
    )
    return stamps.encode() + mail.as_bytes()


def through_border(desk, mail, verdict, peer="127.0.0.1"):
    row = desk.arrive(
        Arrival(
            raw=stamped(mail, verdict),
            road=Road.LMTP,
            received_at=desk.clock(),
            sender=OTHER,
            recipients=(ADDRESS,),
            peer=peer,
        )
    )
    desk.run()
    return row


def test_a_mail_that_the_border_vouches_for_needs_no_token(asked):
    mail = asked.bart.new([ADDRESS], "Re: Where is my order? [#1]", "It is on its way.")

    through_border(asked, mail, "dmarc=pass header.from=staff.example")

    assert asked.anne.last("answer").text.startswith("It is on its way.")
    assert asked.letters("confirm_sender") == []


def test_below_the_borders_received_its_word_is_asked_for_unless_forged_fields_are_stripped(open_desk):
    """A stranger can write there in the border's name; `explain` says why it was not heeded."""
    desk = open_desk(trust=replace(BORDER, strips_forged=False))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    mail = desk.bart.new([ADDRESS], "Re: Where is my order? [#1]", "#close")

    kept = b"Return-Path: <zoe@elsewhere.example>\n" + stamped(mail, "dmarc=pass header.from=staff.example")
    foreseen = "\n".join(foresee(desk.shop, kept).reasons)
    row = through_border(desk, mail, "dmarc=pass header.from=staff.example")

    assert desk.outcome(row).outcome == "staff_not_proven"
    assert desk.ticket().status is Status.OPEN
    assert f"not heard: dmarc=pass by {MX} for staff.example" in foreseen
    assert "[trust] strips_forged" in foreseen


def test_a_mail_that_the_border_calls_forged_is_held_even_with_the_right_token(asked):
    to = asked.bart.last_personal("assignment").answer_to()
    mail = asked.bart.new(to, "Re: Where is my order? [#1]", "#close")

    row = through_border(asked, mail, "dmarc=fail header.from=staff.example")

    assert asked.outcome(row).outcome == "staff_not_proven"
    assert asked.ticket().status is Status.OPEN
    assert f"dmarc=fail by {MX} for staff.example" in asked.bart.last("confirm_sender").text


def test_and_done_when_bart_confirms(asked):
    to = asked.bart.last_personal("assignment").answer_to()
    mail = asked.bart.new(to, "Re: Where is my order? [#1]", "#close")
    through_border(asked, mail, "dmarc=fail header.from=staff.example")

    asked.bart.replies("", "confirm_sender")

    assert asked.ticket().status is Status.SOLVED


@pytest.mark.parametrize(
    "verdict", ["dmarc=pass header.from=elsewhere.example", "spf=pass smtp.mailfrom=" + OTHER]
)
def test_a_verdict_about_another_domain_proves_nothing(asked, verdict):
    mail = asked.bart.new([ADDRESS], "Re: Where is my order? [#1]", "#close")

    row = through_border(asked, mail, verdict)

    assert asked.outcome(row).outcome == "staff_not_proven"


def test_who_comes_past_the_border_forges_its_verdict_in_vain(asked):
    mail = asked.bart.new([ADDRESS], "Re: Where is my order? [#1]", "#close")

    row = through_border(asked, mail, "dmarc=pass header.from=staff.example", peer="203.0.113.9")

    assert asked.outcome(row).outcome == "staff_not_proven"


def test_a_forged_verdict_of_somebody_elses_server_is_ignored(asked):
    """R51: `mx.google.com; dmarc=pass`, written by the sender."""
    mail = asked.bart.new([ADDRESS], "Re: Where is my order? [#1]", "#close")
    mail["Authentication-Results"] = "mx.google.com; dmarc=pass header.from=staff.example"

    row = through_border(asked, mail, "none")

    assert asked.outcome(row).outcome == "staff_not_proven"


def test_the_same_mail_once_more_does_nothing(asked):
    """T38: a signed command is replayed after the ticket was opened again."""
    mail = asked.bart.new([ADDRESS], "Re: Where is my order? [#1]", "#close")
    through_border(asked, mail, "dmarc=pass header.from=staff.example")
    asked.passes(hours=1)
    asked.anne.replies("No, it is not!", "closed")

    row = through_border(asked, mail, "dmarc=pass header.from=staff.example")

    assert asked.outcome(row).outcome == "duplicate"
    assert asked.ticket().status is Status.OPEN


def test_bart_may_answer_the_same_letter_twice(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")

    desk.bart.sends(desk.bart.reply(letter, "It is on its way."))
    desk.bart.sends(desk.bart.reply(letter, "It should be with you tomorrow."))

    assert desk.anne.count("answer") == 2


def test_an_address_that_the_customer_has_seen_proves_nobody(desk):
    """T4: bart answers anne directly, with his signed address in Cc; whoever is anne then writes as bart."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")
    desk.bart.sends(
        desk.bart.reply(letter, "It is on its way.", ["anne@customer.example"], letter.answer_to())
    )
    seen = [x for x in desk.anne.mailbox if not x.name][-1]
    assert desk.ticket().status is Status.PENDING

    row = desk.post(desk.bart.reply(seen, "#close", letter.answer_to()), "anne@customer.example")

    assert desk.outcome(row).outcome == "staff_not_proven"
    assert desk.ticket().status is Status.PENDING


def test_the_next_letter_has_an_address_of_its_own(desk):
    """On the same day, too: nobody is asked whether it was them because they wrote to the customer before."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")
    desk.bart.sends(
        desk.bart.reply(letter, "It is on its way.", ["anne@customer.example"], letter.answer_to())
    )
    desk.anne.replies("When will it be here?")

    desk.bart.sends(desk.bart.reply(desk.bart.last_personal("customer_reply"), "#close\n\nTomorrow."))

    assert desk.ticket().status is Status.SOLVED


def test_the_ids_of_letters_prove_nobody(desk):
    """T4: bart writes to anne alone, the desk never sees it, and the ids of his letters stand in it."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")

    row = desk.post(desk.bart.reply(letter, "#close", [ADDRESS]), "anne@customer.example")

    assert desk.outcome(row).outcome == "staff_not_proven"


def forge(desk, text):
    return desk.post(desk.bart.new([ADDRESS], "Re: [#1]", text), OTHER)


def test_a_flood_of_forged_mails_is_one_question(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    rows = [forge(desk, f"Buy {n} pills") for n in range(6)]

    assert {desk.outcome(row).outcome for row in rows} == {"staff_not_proven"}
    assert desk.bart.count("confirm_sender") == 1
    assert desk.anne.count("answer") == 0


def test_what_waits_is_asked_about_later_and_listed(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    for n in range(3):
        forge(desk, f"Mail {n}")

    desk.passes(minutes=16)
    desk.looks()

    question = desk.bart.last("confirm_sender").text
    assert desk.bart.count("confirm_sender") == 2
    assert "Mail 1" in question
    assert question.count("#1, 2026-") == 1


def test_who_confirms_is_asked_about_the_next_at_once(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    forge(desk, "It is on its way.")
    forge(desk, "It should be there tomorrow.")

    desk.bart.replies("", "confirm_sender")
    desk.bart.replies("", "confirm_sender")

    assert desk.anne.count("answer") == 2
    assert desk.bart.count("confirm_sender") == 2


def test_no_more_than_ten_unanswered_questions_a_day(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    for n in range(14):
        forge(desk, f"Mail {n}")
        desk.passes(minutes=16)
        desk.looks()

    assert desk.bart.count("confirm_sender") == 10


def test_a_former_operator_is_refused_and_pic_are_told(desk):
    """T37: bart has left; the letters in his mailbox are still signed for him."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    gone = tuple(one for one in desk.policy.operators if one.name != "Bart")
    desk.change_rules(operators=gone)

    row = desk.bart.sends(desk.bart.reply(desk.bart.last_personal("assignment"), "#close\n\nGo away."))

    assert desk.outcome(row).outcome == "ignored:former_staff"
    assert "bart@staff.example" in desk.dora.last("parked").text
    assert desk.ticket().status is Status.OPEN
    assert desk.anne.names() == ["acknowledgement", "assigned"]


def test_who_was_never_staff_is_no_former_operator(desk):
    """A leaked address in a stranger's hands is a stranger's voice."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    zoe = desk.stranger(OTHER)

    zoe.sends(zoe.new(desk.bart.last_personal("assignment").answer_to(), "Hello", "#close"))

    assert desk.ticket().status is Status.OPEN
    assert desk.letters("parked") == []


def test_an_alias_is_vouched_for_by_its_own_domain(open_desk):
    desk = open_desk(trust=BORDER, operators=(Person("Bart", "bart@staff.example", ("b.s@home.example",)),))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    home = desk.stranger("b.s@home.example", "Bart at home")

    through_border(desk, home.new([ADDRESS], "Re: [#1]", "#close"), "dmarc=pass header.from=home.example")

    assert desk.ticket().status is Status.SOLVED


def test_explain_names_the_proof_that_convinced(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")

    own = foresee(desk.shop, desk.bart.reply(letter, "#close").as_bytes()).reasons
    forged = foresee(desk.shop, desk.bart.new([ADDRESS], "Re: [#1]", "#close").as_bytes()).reasons

    assert "believed to be Bart: the reply address was issued to Bart" in own
    assert "authentication results: no" in own
    assert "not proven: nothing proves Bart" in forged


def test_a_customer_whom_the_border_vouches_for_is_known(asked):
    """Their words may be repeated to them, their acknowledgements are counted apart (F13)."""
    mail = asked.anne.new([ADDRESS], "Another question", "Do you have chairs?")

    row = through_border(asked, mail, "dmarc=pass header.from=customer.example")

    assert asked.outcome(row).outcome == "customer_wrote"
    assert asked.anne.count("acknowledgement") == 2
