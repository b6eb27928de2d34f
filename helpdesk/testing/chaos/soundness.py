"""What a database itself finds wrong with its files (I8): SQLite by its pragmas, PostgreSQL by amcheck."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, text

from helpdesk.testing.postgres_process import administrator

_INSTALL = "CREATE EXTENSION IF NOT EXISTS amcheck"
_OFFERED = "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"
# every row of every table can be read, and the dead ones and the long ones are what they should be
_TABLES = """
SELECT c.oid::regclass::text, v.blkno, v.offnum, v.msg
FROM pg_class c, LATERAL verify_heapam(c.oid, check_toast => true) v
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
_INDEXES = """
SELECT c.oid::regclass::text
FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'btree' AND i.indisvalid AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
# in order, and every row of the table is in it
_INDEX = "SELECT bt_index_check(%s::regclass, heapallindexed => true)"


def unsound(connection: Connection) -> list[str]:
    """Each sentence is one thing that is wrong."""
    if connection.dialect.name == "sqlite":
        return _unsound_file(connection)
    return _unsound_server(connection.engine.url)


def _unsound_file(connection: Connection) -> list[str]:
    broken = [row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    orphans = [f"orphan {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))]
    return broken + orphans


def _unsound_server(url: URL) -> list[str]:
    """As the administrator of a test server, who leaves nothing behind. Nothing where amcheck is not installed."""
    assert url.port is not None
    assert url.database is not None
    with administrator(url.port, url.database) as server, server.transaction(force_rollback=True):
        if not server.execute(_OFFERED).fetchone():
            return []
        server.execute(_INSTALL)
        tables = [f"table {table}: {what}" for table, *_, what in server.execute(_TABLES)]
        indexes = [name for (name,) in server.execute(_INDEXES)]
        return tables + [trouble for name in indexes if (trouble := _unsound_index(server, name))]


def _unsound_index(server: Any, name: str) -> str:
    import psycopg  # an extra of the package

    try:
        with server.transaction():
            server.execute(_INDEX, (name,))
    except psycopg.Error as trouble:
        return f"index {name}: {trouble.diag.message_primary or trouble}"
    return ""
