"""`report`: volume, response times, SLA kept, closings, scores, promises; for the desk and for each operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from helpdesk.cli.context import ConfigOption, JsonOption, load, stores, told_plainly
from helpdesk.cli.showing import local, print_json, print_table
from helpdesk.cli.when import WHEN, instant
from helpdesk.config import Config
from helpdesk.daemon import building
from helpdesk.flow.report import report as count
from helpdesk.model.columns import hours
from helpdesk.model.report import Answers, OperatorFigures, Report, Speed, Votes
from helpdesk.store.views import iso

_USUAL = timedelta(days=30)


def report(
    context: typer.Context,
    config: ConfigOption = None,
    since: Annotated[
        str, typer.Option("--since", metavar="D", help=f"From then on: {WHEN}. Default: 30 days before.")
    ] = "",
    until: Annotated[
        str,
        typer.Option("--until", metavar="D", help=f"Until then, that day included: {WHEN}. Default: now."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Report what came in a time, how fast it was answered, and by whom."""
    with told_plainly():
        loaded = load(context, config)
        zone = loaded.root.desk.timezone
        end = instant(until, zone, "--until", to_its_end=True) or datetime.now(UTC)
        start = instant(since, zone, "--since") or end - _USUAL
        if start >= end:
            raise typer.BadParameter(f"{start} is not before {end}", param_hint="--since")
        operators = building.policy(loaded).operators
        with stores(loaded) as opened, opened.desk.read() as desk:
            found = count(desk, start, end, operators, zone)
    if as_json:
        print_json(_document(found))
    else:
        _print(found, loaded)


def _print(found: Report, config: Config) -> None:
    title = f"From {local(found.since, config)} until {local(found.until, config)}"
    facts = (
        ("tickets", str(found.created)),
        ("closed by operators", str(found.closed)),
        ("closed after silence", str(found.auto_closed)),
        ("reopened", str(found.reopened)),
        ("first responses", _speed(found.speed)),
        ("first responses in time", _kept(found.first)),
        ("next responses in time", _kept(found.following)),
        ("survey", _votes(found.votes)),
        (
            "promises",
            f"{found.promises_kept} kept, {found.promises_broken} broken, {found.promises_open} open",
        ),
        ("yellow cards", str(found.cards)),
    )
    print_table(title, ("what", "figure"), facts)
    typer.echo()
    columns = (
        "operator", "taken", "answers", "in time", "late", "kept %", "median h:mm", "p90 h:mm", "closed", "cards",
        "score", "votes",
    )  # fmt: skip
    print_table("By operator", columns, [_row(operator) for operator in found.operators])
    typer.echo()
    days = [
        (x.day, x.created, x.due.in_time, x.due.late)
        for x in found.days
        if x.created or x.due.kept is not None
    ]
    print_table("By day", ("day", "tickets", "in time", "late"), days)


def _row(operator: OperatorFigures) -> tuple[Any, ...]:
    return (
        operator.name or operator.address,
        operator.taken,
        operator.answers,
        operator.due.in_time,
        operator.due.late,
        operator.due.kept,
        hours(operator.first.median),
        hours(operator.first.p90),
        operator.closed,
        operator.cards,
        operator.votes.mean,
        operator.votes.count,
    )


def _speed(speed: Speed) -> str:
    if not speed.answers:
        return "none"
    return f"{speed.answers}; half within {hours(speed.median)}, nine of ten within {hours(speed.p90)} (h:mm)"


def _kept(answers: Answers) -> str:
    due = answers.in_time + answers.late
    return f"{answers.in_time} of {due}, {answers.kept} %" if due else "none was due"


def _votes(votes: Votes) -> str:
    return f"{votes.mean} of 5, {votes.count} votes" if votes.count else "no votes"


def _document(found: Report) -> dict[str, Any]:
    return {
        "since": iso(found.since),
        "until": iso(found.until),
        "tickets": found.created,
        "closed": found.closed,
        "auto_closed": found.auto_closed,
        "reopened": found.reopened,
        "first_response": {**_due(found.first), **_seconds(found.speed)},
        "next_response": _due(found.following),
        "survey": _scores(found.votes),
        "promises": {
            "kept": found.promises_kept,
            "broken": found.promises_broken,
            "open": found.promises_open,
        },
        "yellow_cards": found.cards,
        "operators": [_operator(operator) for operator in found.operators],
        "days": [
            {"day": x.day.isoformat(), "tickets": x.created, "in_time": x.due.in_time, "late": x.due.late}
            for x in found.days
        ],
    }


def _operator(operator: OperatorFigures) -> dict[str, Any]:
    return {
        "name": operator.name,
        "address": operator.address,
        "taken": operator.taken,
        "answers": operator.answers,
        **_due(operator.due),
        "first_response": _seconds(operator.first),
        "closed": operator.closed,
        "yellow_cards": operator.cards,
        "survey": _scores(operator.votes),
    }


def _due(answers: Answers) -> dict[str, Any]:
    return {"in_time": answers.in_time, "late": answers.late, "kept_percent": answers.kept}


def _seconds(speed: Speed) -> dict[str, Any]:
    return {
        "answers": speed.answers,
        "median_seconds": None if speed.median is None else speed.median.total_seconds(),
        "p90_seconds": None if speed.p90 is None else speed.p90.total_seconds(),
    }


def _scores(votes: Votes) -> dict[str, Any]:
    return {
        "votes": votes.count,
        "mean": votes.mean,
        "scores": {str(score): votes.by_score.get(score, 0) for score in range(1, 6)},
    }
