"""The words of each ticket, with the index that each of the two databases has for such things."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Table, event

from helpdesk.store.columns import CleanText, Id
from helpdesk.store.metadata import DESK
from helpdesk.store.packing import pack_quickly

WORDS = Table(
    "words",
    DESK,
    Column("ticket", Id, ForeignKey("ticket.number"), primary_key=True, autoincrement=False),
    Column("entry", Id, nullable=False),  # up to this one the entries are in it
    Column("words", CleanText, nullable=False),
)

ON_SQLITE = (
    """
    CREATE VIRTUAL TABLE words_index USING fts5(
        words, content = 'words', content_rowid = 'ticket', tokenize = 'ascii',
        detail = none, columnsize = 0, prefix = '4'
    )
    """,
    "INSERT INTO words_index (words_index, rank) VALUES ('automerge', 8)",
)
"""`ascii` parts at spaces and keeps every other script whole: the words are folded and parted already. Parts of the
index are merged when there are eight of a size: at four, as is usual, each commit costs more than twice as much."""

ON_A_SERVER = (
    """
    ALTER TABLE words
    ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
    """,
    "CREATE INDEX ix_words_lexemes ON words USING gin (lexemes)",
)


def _index(_table: Table, connection: Connection, **_: object) -> None:
    for statement in ON_A_SERVER if connection.dialect.name == "postgresql" else ON_SQLITE:
        connection.exec_driver_sql(statement)


event.listen(WORDS, "after_create", _index)
pack_quickly(WORDS, "words", "lexemes")
