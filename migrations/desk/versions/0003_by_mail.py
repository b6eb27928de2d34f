"""What mail can do: absences, greetings, conduct, consents, promises, escalations, burnt addresses, cards."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("operator", columns.Key(), nullable=False),
        sa.Column("since", columns.UtcTime(), nullable=False),
        sa.Column("until", columns.UtcTime(), nullable=True),
        sa.Column("why", columns.CleanText(), nullable=False),
        sa.Column("ended_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_operator_since", "absence", ["operator", "since"], unique=False)

    op.create_table(
        "greeting",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("address", columns.Key(), nullable=False),
        sa.Column("domain", columns.Key(), nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("withheld", columns.CleanText(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_greeting")),
    )
    op.create_index("ix_greeting_address_at", "greeting", ["address", "at"], unique=False)
    op.create_index(op.f("ix_greeting_at"), "greeting", ["at"], unique=False)
    op.create_index("ix_greeting_domain_at", "greeting", ["domain", "at"], unique=False)

    op.create_table(
        "preference",
        sa.Column("address", columns.Key(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_preference")),
    )

    op.create_table(
        "conduct",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("address", columns.Key(), nullable=False),
        sa.Column("ticket", columns.Id, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("by", columns.CleanLine(), nullable=False),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_conduct_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct")),
    )
    op.create_index("ix_conduct_address_at", "conduct", ["address", "at"], unique=False)
    op.create_index(op.f("ix_conduct_ticket"), "conduct", ["ticket"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("what", columns.CleanText(), nullable=False),
        sa.Column("by", columns.CleanLine(), nullable=False),
        sa.Column("asked_at", columns.UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer", columns.CleanText(), nullable=True),
        sa.Column("spool_id", columns.Id, nullable=True),
        sa.Column("answered_at", columns.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_consent_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_ticket"), "consent", ["ticket"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("third_party", columns.Key(), nullable=False),
        sa.Column("by", columns.CleanLine(), nullable=False),
        sa.Column("opened_at", columns.UtcTime(), nullable=False),
        sa.Column("asked_at", columns.UtcTime(), nullable=False),
        sa.Column("answered_at", columns.UtcTime(), nullable=True),
        sa.Column("closed_at", columns.UtcTime(), nullable=True),
        sa.Column("foreign_number", columns.CleanLine(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_escalation_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_ticket"), "escalation", ["ticket"], unique=False)

    op.create_table(
        "promise",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("ticket", columns.Id, nullable=False),
        sa.Column("due_at", columns.UtcTime(), nullable=False),
        sa.Column("made_at", columns.UtcTime(), nullable=False),
        sa.Column("by", columns.CleanLine(), nullable=False),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("settled_at", columns.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_promise_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_ticket"), "promise", ["ticket"], unique=False)

    op.create_table(
        "burnt",
        sa.Column("address", columns.Key(), nullable=False),
        sa.Column("why", columns.CleanText(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_burnt")),
    )

    op.add_column("card", sa.Column("lifted_by", columns.CleanLine(), nullable=True))
    op.add_column("card", sa.Column("evidence", columns.CleanText(), nullable=True))
    op.add_column("card", sa.Column("appeal", columns.CleanText(), nullable=True))
    op.add_column("card", sa.Column("appealed_at", columns.UtcTime(), nullable=True))

    held_for = sa.Column("why", sa.String(length=10), nullable=False, server_default="unproven")
    op.add_column("held", held_for)
    op.add_column("held", sa.Column("asked_at", columns.UtcTime(), nullable=True))
    op.execute("UPDATE held SET asked_at = at")
    op.create_index("ix_held_person_state", "held", ["person", "state"], unique=False)
    op.create_index("ix_journal_event_at", "journal", ["event", "at"], unique=False)
