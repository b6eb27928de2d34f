"""`audit`: does everything that arrived add up, and is the history as it was written?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from helpdesk.cli.bars import bars
from helpdesk.cli.context import ConfigOption, JsonOption, load, stores, told_plainly
from helpdesk.cli.showing import local, print_json, print_table
from helpdesk.cli.when import WHEN, instant
from helpdesk.config import Config
from helpdesk.flow.audit import Audit
from helpdesk.flow.audit import audit as look
from helpdesk.model.account import FATES
from helpdesk.store.views import iso


def audit(
    context: typer.Context,
    config: ConfigOption = None,
    since: Annotated[str, typer.Option("--since", metavar="D", help=f"Received from then on: {WHEN}.")] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="D", help=f"Received until then, that day included: {WHEN}.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Account for every mail received, and verify the history of every ticket."""
    with told_plainly():
        loaded = load(context, config)
        zone = loaded.root.desk.timezone
        start, end = instant(since, zone, "--since"), instant(until, zone, "--until", to_its_end=True)
        with stores(loaded) as opened, bars() as progress:
            result = look(opened.spool, opened.desk, start, end, progress)
    if as_json:
        print_json(_document(result, start, end))
    else:
        _print(result, loaded, start, end)
    if result.found:
        typer.echo(f"helpdesk: {result.found} findings: not everything adds up", err=True)
        raise typer.Exit(1)


def _print(result: Audit, config: Config, since: datetime | None, until: datetime | None) -> None:
    start = local(since, config) or "the beginning"
    columns = ("road", "received", *FATES)
    roads = sorted(result.roads.items())
    rows = [(road, str(sum(n.values())), *(str(n[f]) for f in FATES)) for road, n in roads]
    totals = result.totals()
    rows.append(("all", str(sum(totals.values())), *(str(totals[f]) for f in FATES)))
    print_table(f"Received since {start}, until {local(until, config) or 'now'}", columns, rows)
    outcomes = sorted(result.outcomes.items(), key=lambda item: (FATES.index(item[0][0]), item[0][1]))
    print_table("What became of it", ("became", "by", "mails"), [(f, name, n) for (f, name), n in outcomes])
    print_table(f"{result.found} findings", ("where", "what", "what to do"), _told(result))
    typer.echo(f"\nhistory: {result.tickets} tickets and {result.lines} lines verified")
    typer.echo(f"newest line: {result.head or 'none'}")


def _told(result: Audit) -> list[tuple[str, str, str]]:
    return [(finding.where, finding.what, finding.remedy) for finding in result.findings]


def _document(result: Audit, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {
        "since": iso(since),
        "until": iso(until),
        "roads": {
            road: {"received": sum(counted.values()), **{fate.value: counted[fate] for fate in FATES}}
            for road, counted in sorted(result.roads.items())
        },
        "outcomes": [
            {"became": fate.value, "by": name, "mails": number}
            for (fate, name), number in sorted(result.outcomes.items())
        ],
        "tickets": result.tickets,
        "lines": result.lines,
        "head": result.head,
        "findings": result.found,
        "found": [
            {"ticket": f.ticket, "line": f.line, "what": f.what, "remedy": f.remedy} for f in result.findings
        ],
    }
