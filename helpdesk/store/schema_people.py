"""The tables about people: turns, cards and absences of operators; conduct, promises and consents of customers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table

from helpdesk.store.columns import CleanLine, CleanText, Id, Key, UtcTime
from helpdesk.store.metadata import DESK, ticket_column

TURN = Table(
    "turn",
    DESK,
    Column("number", Id, primary_key=True),
    ticket_column(),
    Column("operator", Key, nullable=False),
    Column("how", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_turn_operator_at", "operator", "at"),
)

CARD = Table(
    "card",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(nullable=True),
    Column("operator", Key, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("lifted_at", UtcTime),
    Column("lifted_by", CleanLine),
    Column("evidence", CleanText),  # what was sent when, was it delivered
    Column("appeal", CleanText),  # the operator's words against it
    Column("appealed_at", UtcTime),
    Index("ix_card_operator_at", "operator", "at"),
)

ABSENCE = Table(
    "absence",
    DESK,
    Column("id", Id, primary_key=True),
    Column("operator", Key, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),  # NULL: until they say that they are back
    Column("why", CleanText, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_absence_operator_since", "operator", "since"),
)

GREETING = Table(
    "greeting",  # automatic letters to customers that their own mail caused: what the caps of R36 count
    DESK,
    Column("id", Id, primary_key=True),
    Column("address", Key, nullable=False),
    Column("domain", Key, nullable=False),
    Column("letter", String(64), nullable=False),
    Column("verified", Boolean(create_constraint=False), nullable=False),
    Column("withheld", CleanText, nullable=False),  # why it was not written; '' if it was
    Column("at", UtcTime, nullable=False, index=True),
    Index("ix_greeting_address_at", "address", "at"),
    Index("ix_greeting_domain_at", "domain", "at"),
)

PREFERENCE = Table(
    "preference",  # in which language a customer wants to read
    DESK,
    Column("address", Key, primary_key=True),
    Column("language", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
)

CONDUCT = Table(
    "conduct",  # how a customer behaved, and what was done about it
    DESK,
    Column("id", Id, primary_key=True),
    Column("address", Key, nullable=False),
    ticket_column(nullable=True),
    Column("kind", String(10), nullable=False),  # report, warning, block, notice, unblock
    Column("by", CleanLine, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_conduct_address_at", "address", "at"),
)

PROMISE = Table(
    "promise",  # dates that customers were told
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(),
    Column("due_at", UtcTime, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("by", CleanLine, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("state", String(8), nullable=False),  # open, kept, broken, moved, dropped
    Column("settled_at", UtcTime),
)

ESCALATION = Table(
    "escalation",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(),
    Column("third_party", Key, nullable=False),  # its name in the configuration
    Column("by", CleanLine, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("asked_at", UtcTime, nullable=False),  # the latest question
    Column("answered_at", UtcTime),  # the latest answer
    Column("closed_at", UtcTime),
    Column("foreign_number", CleanLine),  # how the third party calls it
)

CONSENT = Table(
    "consent",  # what a customer was asked to agree to, and what they said
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(),
    Column("what", CleanText, nullable=False),
    Column("by", CleanLine, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),  # asked, given, refused
    Column("answer", CleanText),
    Column("spool_id", Id),
    Column("answered_at", UtcTime),
)

HELD = Table(
    "held",
    DESK,
    Column("id", Id, primary_key=True),
    Column("spool_id", Id, nullable=False),
    Column("person", CleanLine, nullable=False),
    Column("role", String(12), nullable=False),
    ticket_column(nullable=True),
    Column("state", String(8), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", String(10), nullable=False, server_default="unproven"),  # or links: nothing but links
    Column("asked_at", UtcTime),  # when its person was asked; NULL: not yet, other mails of theirs wait
    Index("ix_held_person_state", "person", "state"),
)

BURNT = Table(
    "burnt",  # signed reply addresses that others than their person have seen
    DESK,
    Column("address", Key, primary_key=True),
    Column("why", CleanText, nullable=False),
    Column("at", UtcTime, nullable=False),
)
