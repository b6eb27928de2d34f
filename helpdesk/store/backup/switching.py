"""Several files change places as if in one step: killed at any point, it is done later or never was.

1. The new files stand beside their places, named *.restoring, down to the disk.
2. The plan is written (`restore.plan` in the state folder): from here on the new files count.
3. Old file to *.before-restore, new file to its place, one after the other; each step can be repeated.
4. The plan is deleted.

Who was killed before 2 leaves the old desk; who was killed after it leaves the rest to `finish`, which the
next start of the desk calls. Where the data are on a server, the plan names a token and counts only if the
server's transaction, which wrote the token, was committed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import text

from helpdesk.store.migrate import UPGRADE_LOCK
from helpdesk.store.session import Database, StoreError
from helpdesk.store.snapshot import sync

PLAN = "restore.plan"
NEW, KEPT = ".restoring", ".before-restore"
_BESIDE = ("-wal", "-shm", "")  # the log goes with its file, and first: a file without its log is older
_TOKEN = "SELECT obj_description(to_regclass('inbox'), 'pg_class')"  # noqa: S105 - no password


def staged(place: Path) -> Path:
    """Where the new file for this place is prepared."""
    return place.with_name(place.name + NEW)


def kept(place: Path) -> Path:
    """Where the old file of this place is kept."""
    return place.with_name(place.name + KEPT)


def clear(places: Iterable[Path]) -> None:
    """Remove what an attempt that never counted has left."""
    for place in places:
        staged(place).unlink(missing_ok=True)


def commit(state: Path, places: Sequence[Path], token: str | None = None) -> None:
    """Write the plan; without a token the new files count from here on. Call `finish` next."""
    draft = state / f".{PLAN}.{secrets.token_hex(4)}"
    draft.write_text(json.dumps({"token": token, "places": [str(place) for place in places]}))
    sync(draft)
    for folder in {place.parent for place in places}:
        sync(folder)
    draft.rename(state / PLAN)
    sync(state)


def finish(state: Path, desk: Database) -> bool:
    """Carry out a plan that was written and not finished; was there one? Raises StoreError.

    Nobody else may work on the desk: it is for the start of the desk, and for `restore`.
    """
    file = state / PLAN
    if not file.exists():
        return False
    try:
        plan = json.loads(file.read_text())
        places = [Path(place) for place in plan["places"]]
        if plan["token"] is None or plan["token"] == _token(desk):
            for place in places:
                _switch(place)
        else:  # the server rolled it back: it never was
            clear(places)
        clear(path.with_suffix("") for path in state.glob(f"*{NEW}"))
        file.unlink()
        sync(state)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{file}: a restore was interrupted and cannot be finished: {error}. "
            "Mend that, then start the desk or run `helpdesk db upgrade`: both finish it."
        ) from error
    return True


def write_token(token: str) -> str:
    """The statement by which the server's transaction says that the plan counts."""
    return f"COMMENT ON TABLE inbox IS '{token}'"


def _token(desk: Database) -> str | None:
    """What the last restore has committed there. One that still runs, though its starter was killed, is waited for."""
    with desk.read() as connection:
        for limit in ("lock_timeout", "statement_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        token: str | None = connection.scalar(text(_TOKEN))
    return token


def _switch(place: Path) -> None:
    """Idempotent: whatever a kill has left half done is found and continued."""
    new = staged(place)
    if not new.exists():
        return
    for suffix in _BESIDE:
        old = place.with_name(place.name + suffix)
        there = kept(place).with_name(kept(place).name + suffix)
        if not old.exists():
            continue
        if suffix == "" and there.exists():  # moved already; this one was made by somebody who looked
            old.unlink()
        else:
            os.replace(old, there)  # noqa: PTH105 - atomic, as the name says
    sync(place.parent)
    new.rename(place)
    sync(place.parent)
