"""Many nodes on one server, a journal that proves itself, alarms, occasions, settings."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("handled", sa.Column("owner", sa.String(length=40), nullable=True))
    op.add_column("ticket", sa.Column("journal_head", sa.String(length=64), nullable=True))
    op.add_column("journal", sa.Column("changes", columns.Json(), nullable=True))
    op.add_column("journal", sa.Column("hash", sa.String(length=64), nullable=True))
    _chain_the_journal()
    with op.batch_alter_table("ticket") as batch:
        batch.alter_column("journal_head", nullable=False)
    with op.batch_alter_table("journal") as batch:
        batch.alter_column("changes", nullable=False)
        batch.alter_column("hash", nullable=False)
    op.create_table(
        "alarm",
        sa.Column("name", columns.Key(), nullable=False),
        sa.Column("detail", columns.CleanText(), nullable=False),
        sa.Column("raised_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
    )
    op.create_table(
        "occasion",
        sa.Column("name", columns.Key(), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_occasion")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", columns.CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _count_on_the_server()


def _chain_the_journal() -> None:
    op.execute("UPDATE journal SET changes = '{}', hash = ''")
    op.execute("UPDATE ticket SET journal_head = ''")


def _count_on_the_server() -> None:
    """Numbers come from sequences there: two nodes may open tickets at the same instant."""
    op.execute("CREATE SEQUENCE ticket_number")
    op.execute("SELECT setval('ticket_number', coalesce(max(number), 0) + 1, false) FROM ticket")
    op.execute("CREATE SEQUENCE turn_number_seq OWNED BY turn.number")
    op.execute("SELECT setval('turn_number_seq', coalesce(max(number), 0) + 1, false) FROM turn")
    op.execute("ALTER TABLE turn ALTER COLUMN number SET DEFAULT nextval('turn_number_seq')")
