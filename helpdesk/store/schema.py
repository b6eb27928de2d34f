"""The tables, in two sets that live in two files on SQLite and in one database on PostgreSQL.

SPOOL is written by the front process only, DESK by the desk worker only. Rows of `inbox` are never updated;
`handled` says what became of them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
)

from helpdesk.store.columns import CleanLine, CleanText, Id, Json, Key, Span, UtcTime
from helpdesk.store.metadata import DESK, SPOOL, Name, ticket_column
from helpdesk.store.packing import pack_quickly
from helpdesk.store.schema_people import (
    ABSENCE,
    BURNT,
    CARD,
    CONDUCT,
    CONSENT,
    ESCALATION,
    GREETING,
    HELD,
    PREFERENCE,
    PROMISE,
    TURN,
)
from helpdesk.store.schema_search import WORDS

__all__ = [
    "ABSENCE",
    "ALARM",
    "BURNT",
    "CARD",
    "CLAIM",
    "CONDUCT",
    "CONSENT",
    "CURSOR",
    "DEADLINE",
    "DESK",
    "ENTRY",
    "ESCALATION",
    "GREETING",
    "HANDLED",
    "HELD",
    "INBOX",
    "JOURNAL",
    "LEASE",
    "MARK",
    "MESSAGE_ID",
    "NODE",
    "NUMBERS_FROM",
    "OCCASION",
    "OUTBOX",
    "OUTBOX_RECIPIENT",
    "PREFERENCE",
    "PROMISE",
    "SETTING",
    "SPOOL",
    "TICKET",
    "TICKET_NUMBER",
    "TURN",
    "WORDS",
]

TICKET_NUMBER = Sequence("ticket_number", metadata=DESK)
"""On a server only: there, two nodes may open tickets at the same instant."""

INBOX = Table(
    "inbox",
    SPOOL,
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("road", String(10), nullable=False, index=True),
    Column("received_at", UtcTime, nullable=False),
    Column("sender", CleanText),
    Column("recipients", Json, nullable=False),
    Column("mailbox", CleanText, nullable=False),
    Column("peer", CleanText, nullable=False),
    Column("dedupe_key", String(64), nullable=False, index=True),
    Column("raw", LargeBinary, nullable=False),
    Index("ix_inbox_received_at", "received_at"),
    # ids are never given twice: `handled` keeps a watermark on them
    sqlite_autoincrement=True,
)

CURSOR = Table(
    "imap_cursor",
    SPOOL,
    Column("account", Key, primary_key=True),
    Column("folder", Key, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("moved_at", UtcTime, nullable=False),
)

MARK = Table(
    "mark",
    SPOOL,
    Column("letter_id", Id, primary_key=True, autoincrement=False),
    Column("recipient", Key, primary_key=True),
    Column("result", String(10)),  # accepted, later, refused; NULL: the dot was written, no reply read
    Column("reason", CleanText, nullable=False),
    Column("host_down", Boolean(create_constraint=False), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("node", Name, nullable=False, default=""),  # whose sender wrote it
)

NODE = Table(
    "node",
    SPOOL,
    Column("id", Name, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),  # dead after this, unless renewed
)

LEASE = Table(
    "lease",
    SPOOL,
    Column("name", Key, primary_key=True),
    Column("node", Name, nullable=False),
    Column("token", BigInteger, nullable=False),  # grows with every change of hands
)

TICKET = Table(
    "ticket",
    DESK,
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("subject", CleanLine, nullable=False),
    Column("customer_name", CleanLine, nullable=False),
    Column("customer_address", CleanLine, nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("status", String(10), nullable=False, index=True),
    Column("waiting_for", String(12), nullable=False),
    Column("operator", CleanLine),
    Column("queue", CleanLine, nullable=False),
    Column("language", CleanLine, nullable=False),
    Column("first_response_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("solved_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("survey_sent_at", UtcTime),
    Column("acknowledged", Boolean(create_constraint=False), nullable=False),
    Column("linked_to", Id),
    Column("participants", Json, nullable=False),
    Column("thread", Json, nullable=False),
    Column("fields", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("rating_score", Integer),
    Column("rating_comment", CleanText),
    Column("rating_at", UtcTime),
    Column("journal_head", String(64), nullable=False, default=""),  # the hash of its latest line
    Index("ix_ticket_operator_status", "operator", "status"),
)

ENTRY = Table(
    "entry",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("sender_name", CleanLine, nullable=False),
    Column("sender_address", CleanLine, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("subject", CleanLine, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("message_id", CleanText),
    Column("attachments", Json, nullable=False),
    Column("spool_id", Id),
)

MESSAGE_ID = Table(
    "message_id",
    DESK,
    Column("message_id", Key, primary_key=True),
    ticket_column(),
    Column("public", Boolean(create_constraint=False), nullable=False),
)

CLAIM = Table(
    "claim",
    DESK,
    Column("ticket", Id, ForeignKey("ticket.number"), primary_key=True),
    Column("operator", Key, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

DEADLINE = Table(
    "deadline",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(),
    Column("kind", String(20), nullable=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False),
    Column("allowed", Span, nullable=False),
    Column("clock", String(16), nullable=False),
    Column("step", Integer, nullable=False),
)

HANDLED = Table(
    "handled",
    DESK,
    Column("spool_id", Id, primary_key=True, autoincrement=False),
    Column("state", String(6), nullable=False),
    CheckConstraint("state IN ('taken', 'done', 'parked')", "state"),
    Column("attempts", Integer, nullable=False),
    Column("batch", Id, nullable=False, index=True),  # which take() gave it last
    Column("outcome", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    ticket_column(nullable=True),
    Column("message_id", Key, index=True),
    Column("dedupe_key", String(64), nullable=False, index=True),
    Column("sender", Key, nullable=False),
    Column("date", UtcTime),
    Column("road", String(10), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("owner", Name),  # the node that has it in work
    Index("ix_handled_sender_at", "sender", "at"),
    Index("ix_handled_state_spool_id", "state", "spool_id"),
)

OUTBOX = Table(
    "outbox",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(nullable=True),
    Column("letter", String(64), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("to_addresses", Json, nullable=False),
    Column("cc_addresses", Json, nullable=False),
    Column("subject", CleanLine, nullable=False),
    Column("message_id", Key, nullable=False, index=True),
    Column("sender", CleanText, nullable=False),
    Column("spool_id", Id),
    Column("state", String(8), nullable=False),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'parked')", "state"),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime),
    Column("lease_until", UtcTime),
    Column("lease_owner", CleanText),
    Column("last_error", CleanText),
    Column("created_at", UtcTime, nullable=False),
    Column("tried_since", UtcTime, nullable=False),  # retry_for counts from here
    Column("sent_at", UtcTime),
    Column("raw", LargeBinary, nullable=False),
    Index("ix_outbox_state_next_attempt_at", "state", "next_attempt_at"),
    Index("ix_outbox_letter_created_at", "letter", "created_at"),
    # ids of letters are in the front's marks: never given twice
    sqlite_autoincrement=True,
)

OUTBOX_RECIPIENT = Table(
    "outbox_recipient",
    DESK,
    Column("letter_id", Id, ForeignKey("outbox.id"), primary_key=True),
    Column("recipient", Key, primary_key=True),
    Column("state", String(8), nullable=False),  # waiting, accepted, refused, gave_up
    Column("reply", CleanText, nullable=False),
    Column("settled_at", UtcTime),
)

JOURNAL = Table(
    "journal",
    DESK,
    Column("id", Id, primary_key=True),
    ticket_column(nullable=True),
    Column("at", UtcTime, nullable=False),
    Column("event", CleanLine, nullable=False),
    Column("by", CleanLine, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("status_before", String(10)),
    Column("status_after", String(10)),
    Column("changes", Json, nullable=False, default=dict),  # columns of the ticket with their new values
    Column(
        "hash", String(64), nullable=False, default=""
    ),  # of this line and the one before it on the ticket
    Index("ix_journal_event_at", "event", "at"),  # what reports are counted from
)


ALARM = Table(
    "alarm",
    DESK,
    Column("name", Key, primary_key=True),
    Column("detail", CleanText, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
)

OCCASION = Table(
    "occasion",
    DESK,
    Column("name", Key, primary_key=True),  # what is done once, as "daily_report 2026-11-22"
    Column("at", UtcTime, nullable=False),
)

SETTING = Table(
    "setting",
    DESK,
    Column("name", Name, primary_key=True),
    Column("value", CleanText, nullable=False),
)

NUMBERS_FROM = "numbers_from"
"""The setting that says from where on tickets are numbered; a restore leaves a gap."""

pack_quickly(INBOX, "raw")
pack_quickly(OUTBOX, "raw")
pack_quickly(ENTRY, "text")
