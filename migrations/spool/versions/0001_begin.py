"""The spool: what arrived, mailbox cursors, the sender's marks."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "imap_cursor",
        sa.Column("account", columns.Key(), nullable=False),
        sa.Column("folder", columns.Key(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "folder", name=op.f("pk_imap_cursor")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", columns.Id, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("road", sa.String(length=10), nullable=False),
        sa.Column("received_at", columns.UtcTime(), nullable=False),
        sa.Column("sender", columns.CleanText(), nullable=True),
        sa.Column("recipients", columns.Json(), nullable=False),
        sa.Column("mailbox", columns.CleanText(), nullable=False),
        sa.Column("peer", columns.CleanText(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbox_dedupe_key"), "inbox", ["dedupe_key"], unique=False)
    op.create_index(op.f("ix_inbox_road"), "inbox", ["road"], unique=False)
    op.create_table(
        "mark",
        sa.Column("letter_id", columns.Id, autoincrement=False, nullable=False),
        sa.Column("recipient", columns.Key(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("reason", columns.CleanText(), nullable=False),
        sa.Column("host_down", sa.Boolean(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", "recipient", name=op.f("pk_mark")),
    )
