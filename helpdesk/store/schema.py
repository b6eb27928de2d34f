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
    MetaData,
    Sequence,
    String,
    Table,
)

from helpdesk.store.columns import CleanLine, CleanText, Id, Json, Key, Span, UtcTime

# Alembic's batch mode loses constraints without a name (MAIL_RULES 4)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SPOOL = MetaData(naming_convention=NAMING)
DESK = MetaData(naming_convention=NAMING)

TICKET_NUMBER = Sequence("ticket_number", metadata=DESK)
"""On a server only: there, two nodes may open tickets at the same instant."""

Name = String(40)
"""Names that the desk gives to nodes and settings."""

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
    Column("operator", CleanLine, index=True),
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
)


def _ticket_column(*, nullable: bool = False) -> Column[int]:
    return Column("ticket", Id, ForeignKey("ticket.number"), nullable=nullable, index=True)


ENTRY = Table(
    "entry",
    DESK,
    Column("id", Id, primary_key=True),
    _ticket_column(),
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
    _ticket_column(),
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
    _ticket_column(),
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
    _ticket_column(nullable=True),
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
    _ticket_column(nullable=True),
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
    _ticket_column(nullable=True),
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

TURN = Table(
    "turn",
    DESK,
    Column("number", Id, primary_key=True),
    _ticket_column(),
    Column("operator", Key, nullable=False),
    Column("how", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_turn_operator_at", "operator", "at"),
)

CARD = Table(
    "card",
    DESK,
    Column("id", Id, primary_key=True),
    _ticket_column(nullable=True),
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
    _ticket_column(nullable=True),
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
    _ticket_column(),
    Column("due_at", UtcTime, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("by", CleanLine, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("state", String(8), nullable=False),  # open, kept, broken, moved
    Column("settled_at", UtcTime),
)

ESCALATION = Table(
    "escalation",
    DESK,
    Column("id", Id, primary_key=True),
    _ticket_column(),
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
    _ticket_column(),
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
    _ticket_column(nullable=True),
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
