"""`#merge N`: two tickets of one customer about one thing become one, and the customer is told nothing."""

import pytest

from helpdesk.model.forms import ThirdParty
from helpdesk.model.ticket import EntryKind, Status


@pytest.fixture
def twice(open_desk):
    desk = open_desk(require="address")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.anne.asks("My lamp again", "Is it lost?")
    return desk


def merge(desk, text="#merge 1", into=2):
    letter = next(
        x for x in reversed(desk.cate.mailbox) if x.name == "assignment" and f"[#{into}]" in x["Subject"]
    )
    desk.cate.sends(desk.cate.reply(letter, text))


def test_the_merged_ticket_ends_quietly(twice):
    letters = len(twice.anne.mailbox)

    merge(twice)

    old = twice.ticket(2)
    assert (old.status, old.linked_to, old.deadlines) == (Status.CLOSED, 1, ())
    assert len(twice.anne.mailbox) == letters
    assert twice.letters("close_notice") == []
    assert twice.history(2)[-1] == "merged"
    assert twice.history(1)[-1] == "merged_in"
    assert "#2 is part of #1 now" in twice.cate.last("receipt").text


def test_the_words_that_wait_are_read_on_the_ticket_that_stays(twice):
    merge(twice)

    note = twice.entries(1)[-1]
    assert note.kind is EntryKind.NOTE
    assert "Is it lost?" in note.text
    assert "Is it lost?" in twice.bart.last_personal("customer_reply").text


def test_later_replies_by_the_old_address_come_to_the_ticket_that_stays(twice):
    old = twice.anne.last("assigned")
    assert "[#2]" in old["Subject"]
    merge(twice)

    twice.anne.sends(twice.anne.reply(old, "Any news?"))

    assert twice.entries(1)[-1].text.startswith("Any news?")
    assert twice.ticket(2).status is Status.CLOSED
    assert all("Any news" not in entry.text for entry in twice.entries(2))


def test_tickets_of_two_customers_are_not_merged(twice):
    emil = twice.stranger("emil@customer.example", "Emil")
    emil.asks("Chairs", "Do you sell chairs?")
    number = twice.newest().number

    merge(twice, f"#merge {number}")

    assert twice.ticket(2).status is Status.OPEN
    assert "another customer's" in twice.cate.last("command_error").text


@pytest.mark.parametrize(
    ("line", "why"),
    [("#merge", "needs the number"), ("#merge 99", "there is no ticket 99"), ("#merge 2", "this very ticket"),
     ("#merge lamp", "no number of a ticket")],
)  # fmt: skip
def test_a_merge_that_cannot_be_is_refused(twice, line, why):
    merge(twice, line)

    assert twice.ticket(2).status is Status.OPEN
    assert why in twice.cate.last("command_error").text


def test_a_merge_can_be_undone(twice):
    merge(twice)
    merge(twice, "#undo")

    again = twice.ticket(2)
    assert (again.status, again.tags, again.linked_to) == (Status.OPEN, (), None)
    assert again.deadlines
    assert twice.history(1)[-1] == "parted"
    twice.anne.sends(twice.anne.reply(twice.anne.last("assigned"), "Any news?"))
    assert twice.entries(2)[-1].text.startswith("Any news?")


@pytest.mark.parametrize("by", ["reply", "address"])
def test_what_a_third_party_was_asked_on_the_part_it_answers_on_the_whole(open_desk, by):
    """As theirs, and not as the customer's words, which the next third party would read."""
    parties = (ThirdParty("rooster", "tickets@rooster.example"), ThirdParty("vendor", "care@vendor.example"))
    desk = open_desk(require="address", third_parties=parties)
    rooster, vendor = (desk.stranger(party.address, party.name) for party in parties)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.anne.asks("My lamp again", "Is it lost?")
    merge(desk, "#escalate vendor\nDo you have one?")
    merge(desk)

    answer = vendor.reply(vendor.last("escalation"), "Ours costs us five euros.")
    if by == "address":
        answer = vendor.new([desk.address], "Re: My lamp again [#2]", "Ours costs us five euros.")
    vendor.sends(answer)

    assert desk.entries(1)[-1].kind is EntryKind.THIRD_PARTY
    assert "five euros" in desk.bart.last_personal("third_party_reply").text
    desk.bart.answers("#escalate rooster\nAnd you?")
    assert "Is it lost?" not in rooster.last("escalation").text  # it stays where it was said
    assert "five euros" not in rooster.last("escalation").text
