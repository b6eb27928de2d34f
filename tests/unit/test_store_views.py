"""The shapes and figures of INTERFACE sections 2 and 5."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from store_helpers import ANNE, BART, NOW, arrival, letter, minutes

from helpdesk.model.mail import Attachment
from helpdesk.model.outcome import Accepted, Refused
from helpdesk.model.ticket import Clock, Deadline, DeadlineKind, Entry, EntryKind, Rating, Status
from helpdesk.store import deadlines, handled, inbox, journal, outbox, people, tickets, views
from helpdesk.store.marks import Unsettled

NAMES = {BART: "Bart"}
AT = "2026-03-02T09:30:15.000250Z"


@pytest.fixture
def databases(store):
    return store.desk, store.spool


@pytest.fixture
def desk(databases):
    with databases[0].write() as connection:
        yield connection


def fill(desk):
    values = {
        "subject": "hello",
        "customer": ANNE,
        "operator": BART,
        "status": Status.OPEN,
        "tags": ("late",),
    }
    line = journal.Line(NOW, "created", ANNE.address, "a new mail", (), None, "new")
    tickets.create(desk, 1, values | {"rating": Rating(4, "fine", NOW)}, NOW, [line])
    for kind, due_in in (
        (DeadlineKind.REMINDER, 5),
        (DeadlineKind.NEXT_RESPONSE, 20),
        (DeadlineKind.FIRST_RESPONSE, 10),
    ):
        due_at = NOW + minutes(due_in)
        deadlines.set(desk, 1, [Deadline(kind, due_at, NOW, due_at - NOW, Clock.CALENDAR)])
    file = Attachment("a.pdf", "application/pdf", 12, inline=False, part=1)
    entry = Entry(NOW, EntryKind.CUSTOMER, ANNE, ("help@desk.example",), "hello", "hi", "a@x", (file,), 7)
    tickets.add_entries(desk, [(1, entry)])
    people.add_card(desk, 1, BART, "late", NOW)


def test_a_ticket_has_the_shape_of_the_interface(desk):
    fill(desk)

    shown = views.ticket_json(desk, 1, NAMES)

    assert shown == json.loads(json.dumps(shown))
    entry_id = shown["entries"][0].pop("id")
    assert entry_id > 0
    assert shown == {
        "number": 1,
        "subject": "hello",
        "status": "open",
        "waiting_for": "operator",
        "customer": {"name": "Anne", "address": "anne@customer.example"},
        "operator": {"name": "Bart", "address": BART},
        "queue": "default",
        "language": "",
        "created_at": AT,
        "updated_at": AT,
        "first_response_at": None,
        "closed_at": None,
        "due_at": "2026-03-02T09:40:15.000250Z",
        "deadlines": [
            {"kind": "reminder", "due_at": "2026-03-02T09:35:15.000250Z"},
            {"kind": "first_response", "due_at": "2026-03-02T09:40:15.000250Z"},
            {"kind": "next_response", "due_at": "2026-03-02T09:50:15.000250Z"},
        ],
        "yellow_cards": [
            {
                "operator": BART,
                "at": AT,
                "reason": "late",
                "evidence": "",
                "appeal": "",
                "appealed_at": None,
                "lifted_at": None,
                "lifted_by": "",
            }
        ],
        "promises": [],
        "consents": [],
        "rating": {"score": 4, "comment": "fine", "at": AT},
        "fields": {},
        "tags": ["late"],
        "entries": [
            {
                "at": AT,
                "kind": "customer",
                "from": {"name": "Anne", "address": "anne@customer.example"},
                "to": ["help@desk.example"],
                "subject": "hello",
                "text": "hi",
                "message_id": "a@x",
                "attachments": [{"name": "a.pdf", "type": "application/pdf", "size": 12}],
            }
        ],
        "history": [{"at": AT, "event": "created", "by": "anne@customer.example", "reason": "a new mail"}],
    }
    assert views.ticket_json(desk, 2, NAMES) is None


def test_the_list_leaves_out_entries_and_history(desk):
    fill(desk)
    tickets.create(desk, 2, {"subject": "free", "customer": ANNE}, NOW)

    free, first = views.tickets_json(desk, tickets.search(desk), NAMES)

    assert (free["operator"], free["rating"], free["due_at"], free["yellow_cards"]) == (None, None, None, [])
    whole = views.ticket_json(desk, 1, NAMES)
    assert first == {key: value for key, value in whole.items() if key not in {"entries", "history"}}


def test_the_outbox_has_the_shape_of_the_interface(desk):
    letter_id = outbox.queue(desk, letter(), NOW)

    assert views.outbox_json(desk) == [
        {
            "id": letter_id,
            "ticket": None,
            "letter": "acknowledgement",
            "to": ["anne@customer.example"],
            "cc": [],
            "subject": "[#1] hello",
            "message_id": "m1@desk.example",
            "state": "queued",
            "attempts": 0,
            "next_attempt_at": AT,
            "last_error": None,
        }
    ]


def test_the_figures_count_both_files(databases):
    desk_db, spool_db = databases
    with spool_db.write() as spool:
        inbox.append(spool, [arrival()] * 4)
    with desk_db.write() as desk, spool_db.read() as spool:
        fill(desk)
        tickets.create(desk, 2, {"subject": "old", "customer": ANNE, "status": Status.CLOSED}, NOW)
        first, second = (outbox.queue(desk, letter(), NOW) for _ in range(2))
        outbox.queue(desk, letter(), NOW)
        outbox.claim(desk, 2, NOW, timedelta(seconds=60), "front")
        for letter_id, outcome in ((first, Accepted("250")), (second, Refused("550"))):
            attempt = Unsettled(letter_id, "front", {ANNE.address: outcome})
            outbox.settle(desk, [attempt], NOW, retry_for=timedelta(days=5), chance=lambda: 0)
        (done, _), (parked, _) = handled.take(desk, spool, 2, NOW, "node 1")
        handled.finish(desk, done, state="done", outcome="", reason="", now=NOW)
        handled.finish(desk, parked, state="parked", outcome="", reason="", now=NOW)

        figures = views.figures(desk, spool, NOW + minutes(6))

    assert figures == views.Figures(
        mails_received={"smtp": 4},
        inbox_waiting=2,
        inbox_parked=1,
        tickets_created=2,
        tickets_open={"new": 0, "open": 1, "pending": 0, "on_hold": 0, "solved": 0},
        letters_queued={"acknowledgement": 3},
        letters_sent=1,
        letters_failed=1,
        letters_parked=0,
        outbox_waiting=1,
        deadlines_waiting=3,
        deadlines_overdue=1,
        alarms=[],
    )
