"""Many nodes on one server: who lives, who leads what, whose sender wrote a mark."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "node",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", columns.CleanText(), nullable=False),
        sa.Column("started_at", columns.UtcTime(), nullable=False),
        sa.Column("until", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_table(
        "lease",
        sa.Column("name", columns.Key(), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.add_column("mark", sa.Column("node", sa.String(length=40), nullable=True))
    op.execute("UPDATE mark SET node = ''")
    with op.batch_alter_table("mark") as batch:
        batch.alter_column("node", nullable=False)
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"], unique=False)
