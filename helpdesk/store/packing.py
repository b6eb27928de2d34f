"""How a server packs whole mails: with lz4, where it was built with it (PostgreSQL 14 and later).

pglz, its own way, takes five times as long for a mail of 20 KB: a fifth of all that the server did for a mail.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, event

_LZ4 = """
DO $$ BEGIN
    EXECUTE 'ALTER TABLE {table} ALTER COLUMN raw SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$
"""


def pack_quickly(table: Table) -> None:
    """From now on this table is made so; `raw` is its column of mails."""
    event.listen(table, "after_create", _pack)


def _pack(table: Table, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_LZ4.format(table=table.name))
