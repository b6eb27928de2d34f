"""Tickets, entries, message ids, deadlines, journal, people: what is stored is what comes back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from store_helpers import ANNE, BART, CATE, NOW, minutes

from helpdesk.model.mail import Attachment
from helpdesk.model.people import Address, Person
from helpdesk.model.policy import Cards
from helpdesk.model.ticket import (
    Claim,
    Clock,
    Deadline,
    DeadlineKind,
    Entry,
    EntryKind,
    Rating,
    Status,
    Ticket,
    WaitingFor,
)
from helpdesk.store import deadlines, held, journal, people, tickets
from helpdesk.store.journal import Line
from helpdesk.store.session import StaleTicket

FULL = Ticket(
    number=1,
    subject="parcel \u2014 late",
    customer=ANNE,
    created_at=NOW,
    updated_at=NOW + minutes(1),
    status=Status.PENDING,
    waiting_for=WaitingFor.CUSTOMER,
    operator=BART,
    queue="orders",
    language="id",
    first_response_at=NOW + minutes(2),
    answered_at=NOW + minutes(3),
    solved_at=NOW + minutes(4),
    closed_at=NOW + minutes(5),
    survey_sent_at=NOW + minutes(6),
    acknowledged=True,
    linked_to=12,
    participants=(ANNE.address, "anne@home.example"),
    thread=("a@x.example", "b@x.example"),
    fields={"order": 7, "paid": True, "items": ["a", "b"]},
    tags=("late", "vip"),
    version=1,
)
UNCHANGEABLE = {"number", "version", "deadlines", "claims", "journal_head"}


def changes_of(ticket):
    return {f.name: getattr(ticket, f.name) for f in fields(Ticket) if f.name not in UNCHANGEABLE}


@pytest.fixture
def connection(store):
    with store.desk.write() as connection:
        yield connection


def open_ticket(connection, number=1, **changes):
    values = {"subject": "hello", "customer": ANNE, "status": Status.OPEN} | changes
    tickets.create(connection, number, values, NOW)


def test_a_ticket_comes_back_with_every_field(connection):
    tickets.create(connection, 1, changes_of(FULL), NOW)

    assert tickets.load(connection, 1) == FULL


def test_a_ticket_gets_the_defaults_of_the_model(connection):
    tickets.create(connection, 1, {"subject": "hello", "customer": ANNE}, NOW)

    assert tickets.load(connection, 1) == Ticket(1, "hello", ANNE, NOW, NOW, version=1)


def test_every_field_can_be_changed(connection):
    open_ticket(connection)
    tickets.update(connection, 1, 1, changes_of(FULL), NOW)

    assert tickets.load(connection, 1) == replace(FULL, version=2)


def test_a_change_without_fields_still_makes_a_new_version(connection):
    open_ticket(connection)
    tickets.update(connection, 1, 1, {}, NOW + minutes(9))

    loaded = tickets.load(connection, 1)
    assert (loaded.version, loaded.updated_at) == (2, NOW + minutes(9))


def test_a_change_of_a_ticket_that_does_not_exist_is_stale(connection):
    with pytest.raises(StaleTicket, match="ticket 5"):
        tickets.update(connection, 5, 1, {}, NOW)


@pytest.mark.parametrize("name", sorted(UNCHANGEABLE | {"colour"}))
def test_what_is_no_changeable_field_is_refused(connection, name):
    open_ticket(connection)

    with pytest.raises(ValueError, match=name):
        tickets.update(connection, 1, 1, {name: 1}, NOW)


def test_numbers_follow_each_other_from_one(connection):
    assert tickets.next_number(connection) == 1
    open_ticket(connection, 1)
    assert tickets.next_number(connection) == 2
    assert tickets.load(connection, 2) is None


def test_claims_keep_their_order_and_the_first_asking_counts(connection):
    open_ticket(connection)
    for operator, at in ((CATE, 2), (BART, 3), (CATE, 9)):
        tickets.add_claim(connection, 1, Claim(operator, NOW + minutes(at)))

    assert tickets.load(connection, 1).claims == (
        Claim(CATE, NOW + minutes(2)),
        Claim(BART, NOW + minutes(3)),
    )
    tickets.clear_claims(connection, 1)
    assert tickets.load(connection, 1).claims == ()


def test_a_later_rating_replaces_the_first(connection):
    open_ticket(connection)
    for version, score in enumerate((2, 5), start=1):
        tickets.update(connection, 1, version, {"rating": Rating(score, "good\nwork", NOW)}, NOW)

    assert tickets.load(connection, 1).rating == Rating(5, "good\nwork", NOW)


ENTRY = Entry(
    at=NOW,
    kind=EntryKind.CUSTOMER,
    sender=ANNE,
    to=("help@desk.example",),
    subject="hello",
    text="Where is my parcel?\n100%_sure",
    message_id="a@customer.example",
    attachments=(Attachment("bill.pdf", "application/pdf", 1234, inline=False, part=2),),
    spool_id=7,
)


def test_entries_come_back_in_the_order_they_were_added(connection):
    open_ticket(connection)
    earlier = replace(ENTRY, at=NOW - minutes(5), attachments=(), message_id=None, spool_id=None)
    tickets.add_entries(connection, [(1, ENTRY), (1, earlier)])

    first, second = (entry.id for entry in tickets.entries(connection, 1))
    assert first < second
    assert tickets.entries(connection, 1) == [replace(ENTRY, id=first), replace(earlier, id=second)]
    assert tickets.entries(connection, 2) == []


def test_message_ids_are_found_in_the_order_asked_and_stay_with_their_first_ticket(connection):
    open_ticket(connection, 1)
    open_ticket(connection, 2)
    long = "x" * 5000 + "@customer.example"
    for message_id, number in (("a@x", 1), ("b@x", 2), ("a@x", 2), (long, 2)):
        tickets.record_message_id(connection, message_id, number, public=False)

    found = tickets.find_by_message_ids(connection, ["b@x", "unknown@x", long, "a@x", "b@x"])
    assert found == [("b@x", 2), (long, 2), ("a@x", 1)]


def test_search_narrows_by_status_and_operator(connection):
    open_ticket(connection, 1, subject="Parcel late", operator=BART)
    open_ticket(connection, 2, subject="Parcel lost", status=Status.CLOSED, operator=CATE)
    open_ticket(connection, 3, subject="Refund", customer=Address("Emil", "emil@customer.example"))

    def found(**narrow):
        return [ticket.number for ticket in tickets.search(connection, **narrow)]

    assert found() == [3, 2, 1]
    assert found(limit=1) == [3]
    assert found(status=Status.OPEN) == [3, 1]
    assert found(status="closed") == [2]
    assert found(statuses=[Status.CLOSED, Status.PENDING]) == [2]
    assert found(operator=BART) == [1]


def deadline(kind=DeadlineKind.REMINDER, due_in=10, step=0):
    return Deadline(
        kind, NOW + minutes(due_in), NOW, timedelta(seconds=1.5, days=3), Clock.WORKING_HOURS, step=step
    )


def test_a_deadline_comes_back_on_its_ticket_earliest_first(connection):
    open_ticket(connection)
    late, early = deadline(due_in=20, step=1), deadline(due_in=10)
    deadlines.set(connection, 1, [late, early])

    first, second = tickets.load(connection, 1).deadlines
    assert (replace(first, id=early.id), replace(second, id=late.id)) == (early, late)
    assert first.id != second.id


def test_what_is_due_comes_oldest_first_and_is_done_once(connection):
    open_ticket(connection, 1)
    open_ticket(connection, 2)
    for number, due_in in ((1, -1), (2, -5), (1, 0), (2, 1)):
        deadlines.set(connection, number, [deadline(due_in=due_in)])

    due = deadlines.due(connection, NOW, 10)
    assert [(number, d.due_at - NOW) for number, d in due] == [
        (2, -minutes(5)),
        (1, -minutes(1)),
        (1, minutes(0)),
    ]
    assert deadlines.due(connection, NOW, 1) == due[:1]
    assert deadlines.counts(connection, NOW) == (4, 2)
    deadlines.remove(connection, due[0][1].id)
    deadlines.remove(connection, due[0][1].id)
    assert deadlines.next_due_at(connection) == NOW - minutes(1)


def test_cancelling_takes_the_named_kinds_of_one_ticket(connection):
    open_ticket(connection, 1)
    open_ticket(connection, 2)
    for number in (1, 2):
        for kind in (DeadlineKind.REMINDER, DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE):
            deadlines.set(connection, number, [deadline(kind)])

    deadlines.cancel(connection, 1, {DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE})
    deadlines.cancel(connection, 2, set())

    assert [d.kind for d in deadlines.of_ticket(connection, 1)] == [DeadlineKind.REMINDER]
    assert len(deadlines.of_ticket(connection, 2)) == 3


def test_what_changes_in_one_transaction_ends_as_one_change_after_the_other_would(connection):
    """Set, cancelled, acted on and set again: stored together at its end."""
    open_ticket(connection, 1)
    open_ticket(connection, 2)
    deadlines.set(connection, 1, [deadline(DeadlineKind.REMINDER), deadline(DeadlineKind.NUDGE)])
    deadlines.set(connection, 2, [deadline(DeadlineKind.REMINDER)])
    reminder, _ = deadlines.of_ticket(connection, 1)

    deadlines.remove(connection, reminder.id)
    deadlines.set(connection, 1, [deadline(DeadlineKind.AUTO_CLOSE), deadline(DeadlineKind.REMINDER)])
    deadlines.set(connection, 2, [deadline(DeadlineKind.NUDGE)])
    deadlines.cancel(connection, 1, {DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE})
    deadlines.cancel(connection, 2, {DeadlineKind.REMINDER})
    deadlines.set(connection, 1, [deadline(DeadlineKind.NUDGE, due_in=7)])

    assert {d.kind: d.due_at for d in deadlines.of_ticket(connection, 1)} == {
        DeadlineKind.REMINDER: deadline().due_at,
        DeadlineKind.NUDGE: NOW + minutes(7),
    }
    assert [d.kind for d in deadlines.of_ticket(connection, 2)] == [DeadlineKind.NUDGE]


def test_a_postponed_deadline_is_due_later(connection):
    assert deadlines.next_due_at(connection) is None
    open_ticket(connection)
    deadlines.set(connection, 1, [deadline(due_in=-1)])

    deadlines.postpone(connection, deadlines.of_ticket(connection, 1)[0].id, NOW + minutes(5))

    assert deadlines.due(connection, NOW, 10) == []
    assert deadlines.next_due_at(connection) == NOW + minutes(5)


def test_the_journal_keeps_its_lines_in_order(connection):
    lines = (
        Line(NOW, "created", ANNE.address, "a new mail", ("no tag", "no token"), None, "new"),
        Line(NOW - minutes(9), "assigned", "desk", "longest overdue", (), "new", "open"),
    )
    tickets.create(connection, 1, {"subject": "hello", "customer": ANNE}, NOW, lines)
    journal.write(connection, Line(NOW, "parked", "desk", "unreadable"))

    first, second = journal.of_ticket(connection, 1)
    assert (first.event, first.reasons, first.status_before, first.status_after) == (
        "created",
        ("no tag", "no token"),
        None,
        "new",
    )
    assert (second.event, second.by, second.reason) == ("assigned", "desk", "longest overdue")


OPERATORS = (Person("Bart", BART), Person("Cate", CATE.title()))


def test_the_rota_follows_from_turns_open_tickets_and_cards(connection):
    for number, status in enumerate(Status, start=1):
        open_ticket(connection, number, status=status, operator=BART)
    people.record_turn(connection, 1, BART, "claim", NOW - minutes(9))
    people.record_turn(connection, 2, BART.upper(), "round_robin", NOW - minutes(5))
    people.add_card(connection, 1, BART, "late", NOW - timedelta(days=91))
    people.add_card(connection, 1, BART, "late", NOW - timedelta(days=89))

    bart, cate = people.rota(connection, OPERATORS, NOW, Cards())

    assert (bart.operator, bart.last_turn_at, bart.open_tickets) == (OPERATORS[0], NOW - minutes(5), 3)
    assert (bart.cards, bart.suspended) == (1, False)
    assert (cate.last_turn_at, cate.open_tickets, cate.cards, cate.suspended) == (None, 0, 0, False)
    assert people.rota(connection, (), NOW, Cards()) == ()


@pytest.mark.parametrize(("limit", "suspended"), [(3, False), (2, True), (1, True), (0, False)])
def test_enough_cards_suspend_until_they_are_lifted(connection, limit, suspended):
    for _ in range(2):
        people.add_card(connection, None, CATE, "late", NOW)

    assert people.rota(connection, OPERATORS, NOW, Cards(limit=limit))[1].suspended is suspended
    assert people.lift_cards(connection, CATE, NOW) == 2
    assert not people.rota(connection, OPERATORS, NOW, Cards(limit=limit))[1].suspended


def test_open_tickets_are_counted_as_far_as_it_matters(connection):
    """With a million tickets nobody waits for the mail until all of a busy operator's are counted."""
    for number in (1, 2, 3):
        open_ticket(connection, number, status=Status.OPEN, operator=BART)

    counted = [people.rota(connection, OPERATORS, NOW, Cards(), most) for most in (0, 2, 3, 1000)]
    assert [rota[0].open_tickets for rota in counted] == [0, 2, 3, 3]
    assert people.rota(connection, [], NOW, Cards()) == ()


def test_cards_are_listed_by_operator_time_and_ticket(connection):
    open_ticket(connection)
    people.add_card(connection, 1, BART, "late", NOW)
    people.add_card(connection, None, CATE, "rude", NOW - minutes(5))

    assert [card.reason for card in people.cards(connection)] == ["rude", "late"]
    assert [card.reason for card in people.cards(connection, operator=CATE.upper())] == ["rude"]
    assert [card.reason for card in people.cards(connection, since=NOW)] == ["late"]
    assert [card.operator for card in people.cards(connection, tickets=[1])] == [BART]


def test_a_held_mail_is_settled_once(connection):
    held_id = held.hold(connection, 7, BART, "operator", None, NOW)

    assert held.load(connection, held_id) == held.HeldMail(
        held_id, 7, BART, "operator", None, "waiting", NOW, held.UNPROVEN
    )
    assert held.settle(connection, held_id, "released")
    assert not held.settle(connection, held_id, "dropped")
    assert held.load(connection, held_id).state == "released"
    assert held.load(connection, 99) is None
