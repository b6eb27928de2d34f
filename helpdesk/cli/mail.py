"""`outbox` and `inbox`: what waits, what failed, what was set aside; orders go to the desk by the spool."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from helpdesk.cli.context import (
    ConfigOption,
    JsonOption,
    fail,
    load,
    open_shop,
    print_json,
    print_table,
    told_plainly,
)
from helpdesk.config import Config
from helpdesk.flow import admin
from helpdesk.flow.workshop import Workshop
from helpdesk.store import handled, inbox, outbox, views

outbox_app = typer.Typer(help="Letters waiting, failed, sent.", invoke_without_command=True)
inbox_app = typer.Typer(help="Mail received, and what could not be handled.", invoke_without_command=True)


@outbox_app.callback()
def list_outbox(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List letters: waiting, failed, sent."""
    loaded = _only_listing(context, config)
    if loaded is None:
        return
    with told_plainly(), open_shop(loaded).desk.read() as desk:
        letters = views.outbox_json(desk)
    if as_json:
        print_json(letters)
        return
    columns = (
        "id",
        "ticket",
        "letter",
        "to",
        "subject",
        "state",
        "attempts",
        "next_attempt_at",
        "last_error",
    )
    rows = [[", ".join(x[c]) if c == "to" else x[c] for c in columns] for x in letters]
    print_table(f"{len(letters)} letters", columns, rows)


@outbox_app.command("retry")
def retry(
    context: typer.Context,
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="The letter's id.")],
    config: ConfigOption = None,
) -> None:
    """Try a letter again now."""
    with told_plainly():
        shop = open_shop(_load(context, config))
        with shop.desk.read() as desk:
            letter = outbox.load(desk, letter_id)
        if letter is None:
            fail(f"there is no letter {letter_id}; helpdesk outbox lists them")
        if letter.state not in ("queued", "failed"):
            fail(f"letter {letter_id} is {letter.state}: only waiting and failed letters can be tried again")
        _order(shop, "outbox_retry", letter_id)


@inbox_app.callback()
def list_inbox(
    context: typer.Context,
    config: ConfigOption = None,
    parked: Annotated[bool, typer.Option("--parked", help="Only what could not be handled.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List mail received and what became of it."""
    loaded = _only_listing(context, config)
    if loaded is None:
        return
    with told_plainly():
        shop = open_shop(loaded)
        with shop.desk.read() as desk, shop.spool.read() as spool:
            rows = views.inbox_json(desk, spool, parked_only=parked)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "received_at", "road", "from", "state", "outcome", "ticket", "reason")
    print_table(f"{len(rows)} inbox rows", columns, [[row[c] for c in columns] for row in rows])


@inbox_app.command("replay")
def replay(
    context: typer.Context,
    spool_id: Annotated[int, typer.Argument(metavar="ID", help="The inbox row's id.")],
    config: ConfigOption = None,
) -> None:
    """Handle a parked mail again."""
    with told_plainly():
        shop = open_shop(_load(context, config))
        with shop.desk.read() as desk, shop.spool.read() as spool:
            row = handled.load(desk, spool_id)
            known = bool(inbox.fetch(spool, [spool_id]))
        if not known:
            fail(f"there is no inbox row {spool_id}; helpdesk inbox lists them")
        if row is None or row.state != "parked":
            fail(f"inbox row {spool_id} is not parked: only what could not be handled can be replayed")
        _order(shop, "inbox_replay", spool_id)


def _order(shop: Workshop, order: str, row_id: int) -> None:
    with shop.spool.write() as spool:
        inbox.append(spool, [admin.ask(order, row_id, datetime.now(UTC))])
    typer.echo("noted; the running desk does it within half a minute, a stopped one when it starts")


def _only_listing(context: typer.Context, config: ConfigOption) -> Config | None:
    """The configuration when no subcommand follows; it is remembered for one that does."""
    above = (context.parent.obj if context.parent else None) or {}
    context.obj = {"config": config or above.get("config")}
    if context.invoked_subcommand:
        return None
    with told_plainly():
        return load(context, None)


def _load(context: typer.Context, config: ConfigOption) -> Config:
    return load(context, config)
