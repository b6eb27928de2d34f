"""The words of every ticket, with an index over them; lists of open tickets have an index that answers alone."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns
from helpdesk.store.words import merged

revision = "0004"
down_revision = "0003"

_AT_ONCE = 500
_TICKET = sa.table("ticket", *map(sa.column, ("number", "subject", "customer_name", "customer_address")))
_ENTRY = sa.table("entry", *map(sa.column, ("id", "ticket", "text")))

_ON_SQLITE = (
    """
    CREATE VIRTUAL TABLE words_index USING fts5(
        words, content = 'words', content_rowid = 'ticket', tokenize = 'ascii',
        detail = none, columnsize = 0, prefix = '4'
    )
    """,
    "INSERT INTO words_index (words_index, rank) VALUES ('automerge', 8)",
    "INSERT INTO words_index (words_index) VALUES ('rebuild')",
)
_ON_A_SERVER = (
    """
    ALTER TABLE words
    ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
    """,
    "CREATE INDEX ix_words_lexemes ON words USING gin (lexemes)",
)


def upgrade() -> None:
    op.drop_index(op.f("ix_ticket_operator"), "ticket")
    op.create_index("ix_ticket_operator_status", "ticket", ["operator", "status"], unique=False)
    words = op.create_table(
        "words",
        sa.Column("ticket", columns.Id, autoincrement=False, nullable=False),
        sa.Column("entry", columns.Id, nullable=False),
        sa.Column("words", columns.CleanText(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_words_ticket_ticket")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_words")),
    )
    last = 0
    query = sa.select(_TICKET).order_by(_TICKET.c.number).limit(_AT_ONCE)
    while tickets := op.get_bind().execute(query.where(_TICKET.c.number > last)).all():
        last = tickets[-1].number
        op.get_bind().execute(sa.insert(words), _words_of(tickets))
    for statement in _ON_A_SERVER if op.get_bind().dialect.name == "postgresql" else _ON_SQLITE:
        op.execute(statement)


def _words_of(tickets: list[sa.Row]) -> list[dict[str, object]]:
    texts: dict[int, list[str]] = {}
    newest: dict[int, int] = {}
    among = _ENTRY.c.ticket.in_([row.number for row in tickets])
    for entry in op.get_bind().execute(sa.select(_ENTRY).where(among).order_by(_ENTRY.c.id)):
        texts.setdefault(entry.ticket, []).append(entry.text)
        newest[entry.ticket] = entry.id
    return [
        {
            "ticket": row.number,
            "entry": newest.get(row.number, 0),
            "words": merged(
                "", (row.subject, row.customer_name, row.customer_address, *texts.get(row.number, ()))
            ),
        }
        for row in tickets
    ]
