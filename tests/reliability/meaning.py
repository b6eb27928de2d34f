"""What a desk knows, by its meaning: without row numbers, random ids and counts of attempts."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy import select, text

from helpdesk.flow.audit import audit
from helpdesk.store import journal, marks, tickets
from helpdesk.store.people import cards
from helpdesk.store.schema import HANDLED, HELD, OUTBOX, OUTBOX_RECIPIENT, TURN
from helpdesk.testing.desk import Desk
from helpdesk.testing.letters import Letter

_OF_A_TICKET = (
    "number", "subject", "customer", "status", "waiting_for", "operator", "language", "acknowledged", "linked_to",
    "created_at", "updated_at", "first_response_at", "answered_at", "solved_at", "closed_at", "survey_sent_at",
    "participants", "tags", "rating",
)  # fmt: skip

_SIGNED = re.compile(r"(?<=-)[a-z0-9]{6}-[a-z2-7]{16}(?=@)")
"""Day, serial and signature in a reply address: a letter that is written again has another serial."""


def meaning(desk: Desk) -> dict[str, Any]:
    """Everything that must be the same after any number of power cuts."""
    with desk.shop.desk.read() as connection:
        count = tickets.next_number(connection) - 1
        found = {
            "tickets": {n: _ticket(connection, n) for n in range(1, count + 1)},
            "letters": Counter(_letters(connection)),
            "handled": Counter(_outcomes(connection)),
            "turns": [tuple(r) for r in connection.execute(select(TURN.c.ticket, TURN.c.operator, TURN.c.how))],
            "cards": [(c.ticket, c.operator, c.reason, c.at) for c in cards(connection)],
            "held": [
                tuple(r) for r in connection.execute(select(HELD.c.person, HELD.c.role, HELD.c.ticket, HELD.c.state))
            ],
        }  # fmt: skip
    return found | {"mailboxes": {person.name: _seen(person.mailbox) for person in desk.people}}


def _ticket(connection: Any, number: int) -> dict[str, Any]:
    ticket = tickets.load(connection, number)
    assert ticket is not None, f"the numbers have a gap: there is no ticket {number}"
    return {
        **{name: getattr(ticket, name) for name in _OF_A_TICKET},
        "thread": len(ticket.thread),
        "claims": [(c.operator, c.at) for c in ticket.claims],
        "deadlines": sorted((d.kind, d.step, d.due_at, d.started_at, d.allowed) for d in ticket.deadlines),
        "entries": [
            (e.at, e.kind, e.sender, _to(e.to), e.subject, e.text, tuple(a.name for a in e.attachments))
            for e in tickets.entries(connection, number)
        ],
        "history": _history(connection, number),
    }


def _to(addresses: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_SIGNED.sub("", address) for address in addresses)


def _history(connection: Any, number: int) -> list[Any]:
    """A survey page sent twice votes twice, and both votes stay on record: told once here."""
    lines = [
        (line.at, line.event, line.by, line.reason, line.status_before, line.status_after)
        for line in journal.of_ticket(connection, number)
    ]
    return [x for x, before in zip(lines, [None, *lines], strict=False) if x != before or x[1] != "rated"]


def _letters(connection: Any) -> list[Any]:
    query = select(OUTBOX, OUTBOX_RECIPIENT.c.recipient, OUTBOX_RECIPIENT.c.state.label("end")).join(
        OUTBOX_RECIPIENT, OUTBOX_RECIPIENT.c.letter_id == OUTBOX.c.id
    )
    return [
        (row.ticket, row.letter, row.audience, row.recipient, row.subject, row.state, row.end)
        for row in connection.execute(query)
    ]


def _outcomes(connection: Any) -> list[Any]:
    """What became of the mails; the same mail a second time is a duplicate and counts for nothing."""
    query = select(HANDLED.c.state, HANDLED.c.outcome, HANDLED.c.ticket).where(
        HANDLED.c.outcome != "duplicate"
    )
    rated = {("done", "rated", row.ticket) for row in connection.execute(query) if row.outcome == "rated"}
    return [tuple(row) for row in connection.execute(query) if row.outcome != "rated"] + list(rated)


def _seen(mailbox: list[Letter]) -> Counter[Any]:
    """Letters of the desk that somebody has got; a copy of the very same letter is seen once."""
    return Counter(seen[1:] for seen in {_read(letter.raw) for letter in mailbox})


@cache
def _read(raw: bytes) -> tuple[Any, ...]:
    letter = Letter(raw)
    return letter["Message-ID"], letter.name, letter.ticket, letter.to, letter.subject, letter.text


def soundness(desk: Desk) -> list[str]:
    """What is broken in the files, what the sender has left lying about, what does not add up; [] is well."""
    wrong = []
    for database in (desk.shop.spool, desk.shop.desk) if desk.shop.desk.is_sqlite else ():
        with database.read() as connection:
            wrong += [row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
            wrong += [
                f"foreign key {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))
            ]
    with desk.shop.spool.read() as spool:
        wrong += [f"marks left: {x}" for x in (marks.unsettled(spool, ""), marks.dots(spool, "")) if x]
    found = audit(desk.shop.spool, desk.shop.desk)
    return wrong + [f"{finding.where}: {finding.what}" for finding in found.findings]
