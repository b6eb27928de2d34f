"""Many nodes on one server, a journal that proves itself, alarms, occasions, settings."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from helpdesk.store import chain, columns

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


_TICKET = sa.table(
    "ticket",
    sa.column("number", columns.Id),
    sa.column("version", sa.Integer),
    *(
        sa.column(name, columns.CleanLine)
        for name in (
            "subject", "customer_name", "customer_address", "status", "waiting_for", "operator", "queue", "language",
        )
    ),
    *(
        sa.column(name, columns.UtcTime)
        for name in (
            "created_at", "updated_at", "first_response_at", "answered_at", "solved_at", "closed_at",
            "survey_sent_at", "rating_at",
        )
    ),
    sa.column("acknowledged", sa.Boolean),
    sa.column("linked_to", columns.Id),
    *(sa.column(name, columns.Json) for name in ("participants", "thread", "fields", "tags")),
    sa.column("rating_score", sa.Integer),
    sa.column("rating_comment", columns.CleanText),
    sa.column("journal_head", sa.String),
)  # fmt: skip
_JOURNAL = sa.table(
    "journal",
    sa.column("id", columns.Id),
    sa.column("ticket", columns.Id),
    sa.column("at", columns.UtcTime),
    *(
        sa.column(name, columns.CleanText)
        for name in ("event", "by", "reason", "status_before", "status_after")
    ),
    sa.column("reasons", columns.Json),
    sa.column("changes", columns.Json),
    sa.column("hash", sa.String),
)
_AT_ONCE = 500


def _chain_the_journal() -> None:
    """Chain the lines there are. What each of them changed nobody wrote down: the last line of a ticket vouches
    for the ticket as it stands today. A ticket without lines gets none: nothing proves it, and `audit` says so."""
    op.execute("UPDATE journal SET changes = '{}', hash = ''")
    op.execute("UPDATE ticket SET journal_head = ''")
    last = 0
    query = sa.select(_TICKET).order_by(_TICKET.c.number).limit(_AT_ONCE)
    while tickets := op.get_bind().execute(query.where(_TICKET.c.number > last)).all():
        last = tickets[-1].number
        _chain_tickets({row.number: row for row in tickets})


def _chain_tickets(tickets: dict[int, sa.Row]) -> None:
    among = _JOURNAL.c.ticket.in_(tickets)
    lines = (
        op.get_bind()
        .execute(sa.select(_JOURNAL).where(among).order_by(_JOURNAL.c.ticket, _JOURNAL.c.id))
        .all()
    )
    newest = {line.ticket: line.id for line in lines}
    chained, heads = [], {}
    for line in lines:
        changes = _state(tickets[line.ticket]) if newest[line.ticket] == line.id else {}
        facts = {**_facts(line), "changes": changes}
        heads[line.ticket] = chain.link(heads.get(line.ticket, ""), facts)
        chained.append({"its_id": line.id, "its_changes": changes, "its_hash": heads[line.ticket]})
    _update(_JOURNAL, "id", ("changes", "hash"), chained)
    _update(
        _TICKET,
        "number",
        ("journal_head",),
        [{"its_number": n, "its_journal_head": h} for n, h in heads.items()],
    )


def _state(row: sa.Row) -> dict[str, object]:
    return {name: value for name, value in _facts(row).items() if name not in ("number", "journal_head")}


def _facts(row: sa.Row) -> dict[str, object]:
    return {
        name: chain.moment(value) if isinstance(value, datetime) else value
        for name, value in row._asdict().items()
    }


def _update(table: sa.TableClause, key: str, names: tuple[str, ...], rows: list[dict[str, object]]) -> None:
    if rows:
        this_one = table.c[key] == sa.bindparam(f"its_{key}")
        values = {name: sa.bindparam(f"its_{name}", type_=table.c[name].type) for name in names}
        op.get_bind().execute(sa.update(table).where(this_one).values(values), rows)


def _count_on_the_server() -> None:
    """Numbers come from sequences there: two nodes may open tickets at the same instant."""
    op.execute("CREATE SEQUENCE ticket_number")
    op.execute("SELECT setval('ticket_number', coalesce(max(number), 0) + 1, false) FROM ticket")
    op.execute("CREATE SEQUENCE turn_number_seq OWNED BY turn.number")
    op.execute("SELECT setval('turn_number_seq', coalesce(max(number), 0) + 1, false) FROM turn")
    op.execute("ALTER TABLE turn ALTER COLUMN number SET DEFAULT nextval('turn_number_seq')")
