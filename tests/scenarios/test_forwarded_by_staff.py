"""Forwarding by staff books the original sender; anybody else's forward is their own question."""

from helpdesk.testing.desk import ADDRESS

FORWARD = """Please take this one.

---------- Forwarded message ---------
From: Zoe <zoe@elsewhere.example>
Date: Mon, 2 Mar 2026 at 09:00
Subject: My lamp
To: <bart@staff.example>

Where is my lamp? I have waited for weeks.

Zoe
"""


def forward(writer):
    return writer.new([ADDRESS], "Fwd: My lamp", FORWARD)


def booked(desk):
    """Bart forwards zoe's mail and confirms that it was him."""
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")
    desk.bart.sends(forward(desk.bart))
    desk.bart.replies("", "confirm_sender")
    return zoe


def test_an_operators_forward_becomes_a_ticket_of_the_original_sender(desk):
    zoe = booked(desk)

    ticket = desk.ticket()
    assert (ticket.customer.name, ticket.customer.address) == ("Zoe", "zoe@elsewhere.example")
    assert ticket.subject == "My lamp"
    assert ticket.participants == ("zoe@elsewhere.example",)
    assert zoe.names() == ["acknowledgement", "assigned"]
    assert desk.bart.count("acknowledgement") == 0
    assert [line.by for line in desk.lines() if line.event == "forwarded"] == ["bart@staff.example"]


def test_the_words_above_the_forward_are_a_note_for_the_desk(desk):
    zoe = booked(desk)

    kinds = {entry.kind: entry.text for entry in desk.entries()}
    assert "Where is my lamp?" in kinds["customer"]
    assert kinds["note"] == "Please take this one."
    assert not any(b"Please take" in letter.raw or b"staff.example" in letter.raw for letter in zoe.mailbox)


def test_the_customer_answers_and_the_thread_goes_on(desk):
    zoe = booked(desk)

    desk.bart.answers("It comes tomorrow.")
    zoe.replies("Thank you, at what time?", "answer")

    assert desk.newest().number == 1
    assert "at what time?" in desk.bart.last_personal("customer_reply").text


def test_nothing_is_booked_before_the_operator_has_confirmed(desk):
    """F12: a From line names anybody; the letter goes to the registered address."""
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")

    row = desk.bart.sends(forward(desk.bart))

    assert desk.outcome(row).outcome == "staff_not_proven"
    assert desk.outcome(row).ticket is None
    assert zoe.mailbox == []
    assert desk.bart.names() == ["confirm_sender"]


def test_a_strangers_forward_is_their_own_question(desk):
    zoe = desk.stranger("zoe@elsewhere.example", "Zoe")

    desk.anne.sends(forward(desk.anne))

    assert desk.ticket().customer.address == "anne@customer.example"
    assert desk.anne.count("acknowledgement") == 1
    assert zoe.mailbox == []


def test_the_caps_count_the_original_sender(open_desk):
    desk = open_desk(per_address=1)
    zoe = booked(desk)

    desk.passes(hours=1)
    booked(desk)

    assert desk.newest().number == 2
    assert zoe.count("acknowledgement") == 1
