"""`outbox` and `inbox`: what waits, what failed, what was set aside; orders go to the desk by the spool."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from helpdesk.cli.context import (
    ConfigOption,
    JsonOption,
    Stores,
    fail,
    load,
    remember,
    stores,
    told_plainly,
)
from helpdesk.cli.showing import local_iso, print_json, print_table, short
from helpdesk.config import Config
from helpdesk.flow import admin
from helpdesk.store import handled, inbox, outbox, views

outbox_app = typer.Typer(help="Letters waiting, failed, sent.", invoke_without_command=True)
inbox_app = typer.Typer(help="Mail received, and what could not be handled.", invoke_without_command=True)

RowId = Annotated[int, typer.Argument(metavar="ID", min=1, max=10**15, help="The id in the list.")]


@outbox_app.callback()
def list_outbox(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List letters: waiting, failed, sent."""
    remember(context, config)
    if context.invoked_subcommand:
        return
    with told_plainly():
        loaded = load(context, None)
        with stores(loaded) as opened, opened.desk.read() as desk:
            letters = views.outbox_json(desk)
    if as_json:
        print_json(letters)
        return
    columns = ("id", "ticket", "letter", "to", "state", "tries", "next try", "last error")
    print_table(f"{len(letters)} letters", columns, [_letter_row(letter, loaded) for letter in letters])


@outbox_app.command("retry")
def retry(context: typer.Context, letter_id: RowId, config: ConfigOption = None) -> None:
    """Try a letter again now."""
    with told_plainly(), stores(load(context, config)) as opened:
        with opened.desk.read() as desk:
            letter = outbox.load(desk, letter_id)
        if letter is None:
            fail(f"there is no letter {letter_id}; helpdesk outbox lists them")
        if letter.state not in ("queued", "failed"):
            fail(f"letter {letter_id} is {letter.state}: only waiting and failed letters can be tried again")
        _order(opened, "outbox_retry", letter_id)


@inbox_app.callback()
def list_inbox(
    context: typer.Context,
    config: ConfigOption = None,
    parked: Annotated[bool, typer.Option("--parked", help="Only what could not be handled.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List mail received and what became of it."""
    remember(context, config)
    if context.invoked_subcommand:
        return
    with told_plainly():
        loaded = load(context, None)
        with stores(loaded) as opened, opened.desk.read() as desk, opened.spool.read() as spool:
            rows = views.inbox_json(desk, spool, parked_only=parked)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "received", "road", "from", "state", "outcome", "ticket", "reason")
    print_table(f"{len(rows)} in the inbox", columns, [_inbox_row(row, loaded) for row in rows])


@inbox_app.command("replay")
def replay(context: typer.Context, spool_id: RowId, config: ConfigOption = None) -> None:
    """Handle a parked mail again, or one that `audit` calls unaccounted."""
    with told_plainly(), stores(load(context, config)) as opened:
        if not _is_lost(opened, spool_id):
            _require_parked(opened, spool_id, "replayed")
        _order(opened, "inbox_replay", spool_id)


@inbox_app.command("dismiss")
def dismiss(context: typer.Context, spool_id: RowId, config: ConfigOption = None) -> None:
    """Leave a parked mail as it is: somebody has looked at it. It is kept, and its alarm ends."""
    with told_plainly(), stores(load(context, config)) as opened:
        _require_parked(opened, spool_id, "dismissed")
        _order(opened, "inbox_dismiss", spool_id)


def _is_lost(opened: Stores, spool_id: int) -> bool:
    with opened.desk.read() as desk, opened.spool.read() as spool:
        return handled.is_lost(desk, spool_id) and bool(inbox.fetch(spool, [spool_id]))


def _require_parked(opened: Stores, spool_id: int, what: str) -> None:
    with opened.desk.read() as desk, opened.spool.read() as spool:
        row = handled.load(desk, spool_id)
        known = bool(inbox.fetch(spool, [spool_id]))
    if not known:
        fail(f"there is no inbox row {spool_id}; helpdesk inbox lists them")
    if row is None or row.state != "parked":
        fail(f"inbox row {spool_id} is not parked: only what could not be handled can be {what}")


def _order(opened: Stores, order: str, row_id: int) -> None:
    with opened.spool.write("order") as spool:
        inbox.append(spool, [admin.ask(order, row_id, datetime.now(UTC))])
    typer.echo("noted; the running desk does it within half a minute, a stopped one when it starts")


def _letter_row(letter: dict[str, Any], config: Config) -> list[Any]:
    waits = letter["state"] == "queued"
    return [
        letter["id"],
        letter["ticket"] or None,
        letter["letter"],
        ", ".join(letter["to"]),
        letter["state"],
        letter["attempts"],
        local_iso(letter["next_attempt_at"], config) if waits else "",
        short(letter["last_error"] or ""),
    ]


def _inbox_row(row: dict[str, Any], config: Config) -> list[Any]:
    received = local_iso(row["received_at"], config)
    shown = [row[key] for key in ("road", "from", "state", "outcome", "ticket")]
    return [row["id"], received, *shown, short(_telling(row))]


def _telling(row: dict[str, Any]) -> str:
    """Why it did not reach a ticket, without the rules that missed ("signed address: no"); --json has all."""
    if row["state"] == "done" and row["ticket"]:
        return ""
    reasons = [part for part in row["reason"].split("; ") if not part.endswith(": no")]
    return "; ".join(reasons)
