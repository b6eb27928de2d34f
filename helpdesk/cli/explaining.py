"""`explain`: why the desk did what it did, and what it would do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption, fail, load, told_plainly
from helpdesk.cli.showing import clean, local
from helpdesk.cli.thinking import workshop
from helpdesk.config import Config
from helpdesk.flow.explain import Foresight, Hindsight, foresee, look_back
from helpdesk.model.events import Interval
from helpdesk.model.ticket import Deadline

_LONGEST_NUMBER = 15
_SHOWN_LINES = 40


def explain(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="N|FILE.eml", help="A ticket's number, or a mail in a file.")
    ],
    config: ConfigOption = None,
) -> None:
    """Say why a ticket is as it is, or what the desk would do with a mail now, without doing it."""
    number = what.removeprefix("#")
    raw = None if number.isdecimal() else _mail(what)
    with told_plainly():
        loaded = load(context, config)
        with workshop(loaded) as shop:
            if raw is not None:
                _print_foresight(foresee(shop, raw))
                return
            seen = look_back(shop, int(number)) if len(number) <= _LONGEST_NUMBER else None
    if seen is None:
        fail(f"there is no ticket {number}; helpdesk tickets lists them")
    _print_hindsight(seen, loaded)


def _mail(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        fail(f"{name}: {error.strerror}; give a ticket's number or the file of a mail")


def _print_hindsight(seen: Hindsight, config: Config) -> None:
    ticket = seen.ticket
    typer.echo(f"Ticket {ticket.number} is {ticket.status}, waiting for {ticket.waiting_for}.")
    for line in seen.history:
        typer.echo(f"\n{local(line.at, config)}  {line.event}  by {line.by}")
        typer.echo(clean(f"    {line.reason}"))
        for reason in line.reasons:
            if reason != line.reason:
                typer.echo(clean(f"    - {reason}"))
    for deadline, intervals in seen.deadlines:
        _print_deadline(deadline, intervals, config)


def _print_deadline(deadline: Deadline, intervals: tuple[Interval, ...], config: Config) -> None:
    step = f" {deadline.step}" if deadline.step else ""
    typer.echo(f"\n{deadline.kind}{step}: due {local(deadline.due_at, config)}")
    typer.echo(
        f"    {deadline.allowed} of {deadline.clock} time from {local(deadline.started_at, config)}; counted:"
    )
    counted = timedelta()
    for interval in intervals:
        counted += interval.length
        typer.echo(
            f"    {local(interval.start, config)} to {local(interval.end, config)}: {interval.length} ({counted})"
        )


def _print_foresight(seen: Foresight) -> None:
    where = f"ticket {seen.ticket}" if seen.ticket else "no ticket"
    after = f", which would then be {seen.status}" if seen.status else ""
    typer.echo(f"{seen.event}: {where}{after}")
    for reason in seen.reasons:
        typer.echo(clean(f"    - {reason}"))
    typer.echo("letters:" if seen.letters else "letters: none")
    for letter, reader in seen.letters:
        typer.echo(f"    {letter} to {reader}")
    evidence = [(line, verdict) for line, verdict in seen.mail.evidence if line.strip()]
    typer.echo(f"the writer's own words: {seen.mail.empty}")
    for line, verdict in evidence[:_SHOWN_LINES]:
        typer.echo(clean(f"    {verdict:12} {line[:100]}"))
