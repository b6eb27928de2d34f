"""Which desk a database belongs to, so that no daemon works on an empty or a wrong one (MAIL_RULES 5.6).

The desk has a random id, in its table `setting` and in the file `desk` of every state folder that has worked
with it, and in `setting` a fingerprint of the secret. An empty database where this folder knows a desk (a
failover that lost everything, a disk that is not mounted, a slip in the url) is refused before a table is made
there: else every customer would be a stranger and every letter would go out again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from helpdesk.store.migrate import is_empty
from helpdesk.store.schema import HANDLED, INBOX, OUTBOX, SETTING, TICKET
from helpdesk.store.session import Database, StoreError, explain
from helpdesk.store.snapshot import sync
from helpdesk.store.statements import insert_unless_there, put

DESK_FILE = "desk"
SECRET_FILE = "secret"  # noqa: S105 - the name of the file
_DESK_ID = "desk_id"
_FINGERPRINT = "secret_fingerprint"


class WrongDesk(StoreError):
    """This database, or this state folder, is not that of the desk."""


def require_no_loss(spool: Database, desk: Database, state: Path) -> None:
    """Raise WrongDesk where this state folder knows a desk and the database is empty. Makes no file, no table."""
    file = state / DESK_FILE
    if file.exists() and (is_empty(desk, "desk") or is_empty(spool, "spool")):
        empty = desk if is_empty(desk, "desk") else spool
        raise WrongDesk(_empty(empty, file))


def confirm(spool: Database, desk: Database, state: Path, secret: bytes, *, new_secret: bool = False) -> str:
    """Require that database, state folder and secret are one desk's; return its id. Raises WrongDesk.

    A new desk, and one from before there were ids, gets its id here: in the database first, so that the file
    never names a desk that is not there. `new_secret`: the secret was changed on purpose.
    """
    file = state / DESK_FILE
    known = file.read_text(encoding="ascii", errors="replace").strip() if file.exists() else None
    try:
        with desk.write() as connection:
            desk_id = _desk_id(connection, known, _empty(desk, file))
            if known not in (None, desk_id):
                raise WrongDesk(_other(desk, file))
            _require_secret(connection, secret, desk, state / SECRET_FILE, new_secret=new_secret)
            watermark = connection.scalar(select(func.max(HANDLED.c.spool_id))) or 0
    except DBAPIError as error:
        raise explain(error, desk.name) or error from error
    _require_spool(spool, desk, watermark)
    if known is None:
        remember(state, desk_id)
    return desk_id


def remember(state: Path, desk_id: str) -> None:
    """This state folder works with that desk from now on."""
    draft = state / f".{DESK_FILE}.{secrets.token_hex(4)}"
    draft.write_text(f"{desk_id}\n", encoding="ascii")
    draft.chmod(0o600)
    sync(draft)
    os.replace(draft, state / DESK_FILE)  # noqa: PTH105 - atomic, as the name says
    sync(state)


def id_of(connection: Connection) -> str | None:
    """The id of the desk in this database; None before its first start."""
    return connection.scalar(select(SETTING.c.value).where(SETTING.c.name == _DESK_ID))


def has_data(spool: Database, desk: Database) -> bool:
    """Has anything arrived there or been done there? An upgraded but unused database has no data."""
    for database, which, tables in (
        (spool, "spool", (INBOX,)),
        (desk, "desk", (TICKET, HANDLED, OUTBOX)),
    ):
        if is_empty(database, "spool" if which == "spool" else "desk"):
            continue
        with database.read() as connection:
            if any(
                connection.execute(select(text("1")).select_from(table).limit(1)).first() for table in tables
            ):
                return True
    return False


def fingerprint(secret: bytes) -> str:
    """Tells two secrets apart and nothing about them."""
    return hmac.new(secret, b"the secret of a helpdesk", hashlib.sha256).hexdigest()[:32]


def _desk_id(connection: Connection, known: str | None, complaint: str) -> str:
    """The id in the database; given now where there is none. Two nodes that begin together agree on one."""
    settled = id_of(connection)
    if settled is not None:
        return settled
    unused = connection.execute(select(HANDLED.c.spool_id).limit(1)).first() is None
    if known is not None and unused:
        raise WrongDesk(complaint)
    insert_unless_there(connection, SETTING, {"name": _DESK_ID, "value": known or secrets.token_hex(16)})
    return id_of(connection) or ""


def _require_secret(
    connection: Connection, secret: bytes, desk: Database, file: Path, *, new_secret: bool
) -> None:
    mine = {"name": _FINGERPRINT, "value": fingerprint(secret)}
    if new_secret:
        put(connection, SETTING, [mine])
        return
    insert_unless_there(connection, SETTING, mine)
    theirs = connection.scalars(select(SETTING.c.value).where(SETTING.c.name == _FINGERPRINT)).one()
    if theirs != mine["value"]:
        raise WrongDesk(
            f"{file}: is not the secret of the desk in {desk.name}; the reply addresses and survey links that "
            f"this node writes would prove nothing. Copy state/secret from the first node, or from a backup, "
            f"to {file}. If you changed the secret on purpose: helpdesk db upgrade --new-secret"
        )


def _require_spool(spool: Database, desk: Database, watermark: int) -> None:
    """Below the watermark of `handled` every mail counts as done: a lost or older spool would lose new mail."""
    with spool.read() as connection:
        last = connection.scalar(select(func.max(INBOX.c.id))) or 0
    if last < watermark:
        raise WrongDesk(
            f"{spool.name}: knows mails up to number {last}, but {desk.name} has handled number {watermark}: "
            "it is lost or older than the desk, and new mail would be taken for handled. Put the spool that "
            "belongs to it back, or restore a backup: helpdesk restore FILE --replace"
        )


def _empty(database: Database, file: Path) -> str:
    return (
        f"{database.name}: is empty, but {file} says that this state folder has worked with a desk. Look at [store] "
        "url, at the disk or at the server; to bring a lost desk back: helpdesk restore FILE; "
        f"to begin a new desk on purpose: delete {file}"
    )


def _other(desk: Database, file: Path) -> str:
    return (
        f"{desk.name}: holds another desk than the one that {file} names. Look at [store] url; "
        f"if this state folder shall work for that desk from now on: delete {file}"
    )
