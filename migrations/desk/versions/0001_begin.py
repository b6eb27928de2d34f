"""The desk: what became of the mails, tickets, deadlines, letters, people."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("number", columns.Id, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", columns.CleanLine(), nullable=False),
        sa.Column("customer_name", columns.CleanLine(), nullable=False),
        sa.Column("customer_address", columns.CleanLine(), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("updated_at", columns.UtcTime(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("waiting_for", sa.String(length=12), nullable=False),
        sa.Column("operator", columns.CleanLine(), nullable=True),
        sa.Column("queue", columns.CleanLine(), nullable=False),
        sa.Column("language", columns.CleanLine(), nullable=False),
        sa.Column("first_response_at", columns.UtcTime(), nullable=True),
        sa.Column("answered_at", columns.UtcTime(), nullable=True),
        sa.Column("solved_at", columns.UtcTime(), nullable=True),
        sa.Column("closed_at", columns.UtcTime(), nullable=True),
        sa.Column("survey_sent_at", columns.UtcTime(), nullable=True),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("linked_to", columns.Id, nullable=True),
        sa.Column("participants", columns.Json(), nullable=False),
        sa.Column("thread", columns.Json(), nullable=False),
        sa.Column("fields", columns.Json(), nullable=False),
        sa.Column("tags", columns.Json(), nullable=False),
        sa.Column("rating_score", sa.Integer(), nullable=True),
        sa.Column("rating_comment", columns.CleanText(), nullable=True),
        sa.Column("rating_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket")),
    )
    op.create_index(op.f("ix_ticket_customer_address"), "ticket", ["customer_address"], unique=False)
    op.create_index(op.f("ix_ticket_operator"), "ticket", ["operator"], unique=False)
    op.create_index(op.f("ix_ticket_status"), "ticket", ["status"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("operator", columns.Key(), nullable=False),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("lifted_at", columns.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_card_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
    )
    op.create_index("ix_card_operator_at", "card", ["operator", "at"], unique=False)
    op.create_index(op.f("ix_card_ticket"), "card", ["ticket"], unique=False)
    op.create_table(
        "claim",
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("operator", columns.Key(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_claim_ticket_ticket")),
        sa.PrimaryKeyConstraint("ticket", "operator", name=op.f("pk_claim")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_at", columns.UtcTime(), nullable=False),
        sa.Column("started_at", columns.UtcTime(), nullable=False),
        sa.Column("allowed", columns.Span(), nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_deadline_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(op.f("ix_deadline_due_at"), "deadline", ["due_at"], unique=False)
    op.create_index(op.f("ix_deadline_ticket"), "deadline", ["ticket"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sender_name", columns.CleanLine(), nullable=False),
        sa.Column("sender_address", columns.CleanLine(), nullable=False),
        sa.Column("recipients", columns.Json(), nullable=False),
        sa.Column("subject", columns.CleanLine(), nullable=False),
        sa.Column("text", columns.CleanText(), nullable=False),
        sa.Column("message_id", columns.CleanText(), nullable=True),
        sa.Column("attachments", columns.Json(), nullable=False),
        sa.Column("spool_id", columns.Id, nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_entry_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_ticket"), "entry", ["ticket"], unique=False)
    op.create_table(
        "handled",
        sa.Column("spool_id", columns.Id, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("batch", columns.Id, nullable=False),
        sa.Column("outcome", columns.CleanText(), nullable=False),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("message_id", columns.Key(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("sender", columns.Key(), nullable=False),
        sa.Column("date", columns.UtcTime(), nullable=True),
        sa.Column("road", sa.String(length=10), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('taken', 'done', 'parked')", name=op.f("ck_handled_state")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_handled_ticket_ticket")),
        sa.PrimaryKeyConstraint("spool_id", name=op.f("pk_handled")),
    )
    op.create_index(op.f("ix_handled_batch"), "handled", ["batch"], unique=False)
    op.create_index(op.f("ix_handled_dedupe_key"), "handled", ["dedupe_key"], unique=False)
    op.create_index(op.f("ix_handled_message_id"), "handled", ["message_id"], unique=False)
    op.create_index("ix_handled_sender_at", "handled", ["sender", "at"], unique=False)
    op.create_index("ix_handled_state_spool_id", "handled", ["state", "spool_id"], unique=False)
    op.create_index(op.f("ix_handled_ticket"), "handled", ["ticket"], unique=False)
    op.create_table(
        "held",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("spool_id", columns.Id, nullable=False),
        sa.Column("person", columns.CleanLine(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_held_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
    )
    op.create_index(op.f("ix_held_ticket"), "held", ["ticket"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("event", columns.CleanLine(), nullable=False),
        sa.Column("by", columns.CleanLine(), nullable=False),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("reasons", columns.Json(), nullable=False),
        sa.Column("status_before", sa.String(length=10), nullable=True),
        sa.Column("status_after", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_journal_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_ticket"), "journal", ["ticket"], unique=False)
    op.create_table(
        "message_id",
        sa.Column("message_id", columns.Key(), nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_message_id_ticket_ticket")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_id")),
    )
    op.create_index(op.f("ix_message_id_ticket"), "message_id", ["ticket"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("to_addresses", columns.Json(), nullable=False),
        sa.Column("cc_addresses", columns.Json(), nullable=False),
        sa.Column("subject", columns.CleanLine(), nullable=False),
        sa.Column("message_id", columns.Key(), nullable=False),
        sa.Column("sender", columns.CleanText(), nullable=False),
        sa.Column("spool_id", columns.Id, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", columns.UtcTime(), nullable=True),
        sa.Column("lease_until", columns.UtcTime(), nullable=True),
        sa.Column("lease_owner", columns.CleanText(), nullable=True),
        sa.Column("last_error", columns.CleanText(), nullable=True),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("tried_since", columns.UtcTime(), nullable=False),
        sa.Column("sent_at", columns.UtcTime(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'parked')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_outbox_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_letter_created_at", "outbox", ["letter", "created_at"], unique=False)
    op.create_index(op.f("ix_outbox_message_id"), "outbox", ["message_id"], unique=False)
    op.create_index("ix_outbox_state_next_attempt_at", "outbox", ["state", "next_attempt_at"], unique=False)
    op.create_index(op.f("ix_outbox_ticket"), "outbox", ["ticket"], unique=False)
    op.create_table(
        "turn",
        sa.Column("number", columns.Id, autoincrement=False, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("operator", columns.Key(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_turn_ticket_ticket")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_turn")),
    )
    op.create_index("ix_turn_operator_at", "turn", ["operator", "at"], unique=False)
    op.create_index(op.f("ix_turn_ticket"), "turn", ["ticket"], unique=False)
    op.create_table(
        "outbox_recipient",
        sa.Column("letter_id", columns.Id, nullable=False),
        sa.Column("recipient", columns.Key(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reply", columns.CleanText(), nullable=False),
        sa.Column("settled_at", columns.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["outbox.id"], name=op.f("fk_outbox_recipient_letter_id_outbox")
        ),
        sa.PrimaryKeyConstraint("letter_id", "recipient", name=op.f("pk_outbox_recipient")),
    )
