"""`tickets`, `ticket` and `operators`: what the desk has in hand and who works on it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from helpdesk.cli.context import ConfigOption, JsonOption, fail, load, stores, told_plainly
from helpdesk.cli.showing import clean, local_iso, print_json, print_table
from helpdesk.config import Config
from helpdesk.daemon import building
from helpdesk.decide.assignment import next_operator
from helpdesk.decide.verbs.noting import priority_of
from helpdesk.model.affairs import GivenCard
from helpdesk.model.events import Rota, Turn
from helpdesk.model.ticket import Status
from helpdesk.store import people, views
from helpdesk.store import tickets as stored

_MOST, _MOST_FOUND = 1000, 100

TicketNumber = Annotated[int, typer.Argument(metavar="N", min=1, max=10**15, help="The ticket's number.")]


def list_tickets(
    context: typer.Context,
    config: ConfigOption = None,
    status: Annotated[Status | None, typer.Option(help="Only tickets in this status.")] = None,
    operator: Annotated[str, typer.Option(help="Only this operator's: name or address.")] = "",
    search: Annotated[
        str, typer.Option(metavar="WORDS", help="Only tickets that hold all of these words.")
    ] = "",
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=100_000, help=f"At most so many; {_MOST} where not said, {_MOST_FOUND} of a search."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List tickets, newest first."""
    most = limit or (_MOST_FOUND if search else _MOST)
    with told_plainly():
        loaded = load(context, config)
        whose = _operator(loaded, operator)
        with stores(loaded) as opened, opened.desk.read() as desk:
            found = stored.search(desk, status=status, operator=whose, words=search or None, limit=most)
            documents = views.tickets_json(desk, found, _names(loaded))
    if as_json:
        print_json(documents)
    else:
        columns = ("number", "status", "priority", "operator", "customer", "subject", "due")
        title = (
            f"the newest {_counted(most, 'ticket')}" if len(found) == most else _counted(len(found), "ticket")
        )
        print_table(title, columns, [_row(t, loaded) for t in documents])


def show_ticket(
    context: typer.Context, number: TicketNumber, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show one ticket: state, thread, deadlines, history."""
    with told_plainly():
        loaded = load(context, config)
        with stores(loaded) as opened, opened.desk.read() as desk:
            document = views.ticket_json(desk, number, _names(loaded))
    if document is None:
        fail(f"there is no ticket {number}; helpdesk tickets lists them")
    if as_json:
        print_json(document)
    else:
        _print_ticket(document, loaded)


def operators(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the rota: who is next, away, open load, yellow cards."""
    with told_plainly():
        loaded = load(context, config)
        rules = building.policy(loaded)
        with stores(loaded) as opened, opened.desk.read() as desk:
            now = datetime.now(UTC)
            rota = people.rota(desk, rules.operators, now, rules.cards, most=sys.maxsize)
            given = people.cards(desk, since=now - rules.cards.period)
    first, _ = next_operator(rota, rules.assignment)
    documents = rota_json(rota, first.address if first else None, given)
    if as_json:
        print_json(documents)
        return
    columns = (
        "name", "address", "next", "last turn", "open", "cards", "appeals", "away", "until", "why", "suspended"
    )  # fmt: skip
    instants = ("last_turn_at", "away_until")
    rows = [
        [local_iso(x[key], loaded) if key in instants else x[key] for key in x if key != "given_cards"]
        for x in documents
    ]
    print_table(_counted(len(rows), "operator"), columns, rows)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _row(ticket: dict[str, Any], config: Config) -> tuple[Any, ...]:
    operator = ticket["operator"]
    return (
        ticket["number"],
        ticket["status"],
        _priority(ticket),
        (operator["name"] or operator["address"]) if operator else "",
        ticket["customer"]["address"],
        ticket["subject"],
        local_iso(ticket["due_at"], config),
    )


def _priority(ticket: dict[str, Any]) -> str:
    """Blank when it is normal."""
    priority = priority_of(tuple(ticket["tags"]))
    return "" if priority == "normal" else priority


def _print_ticket(document: dict[str, Any], config: Config) -> None:
    print_table(f"Ticket {document['number']}", ("field", "value"), list(_facts(document, config)))
    typer.echo()
    deadlines = [(d["kind"], local_iso(d["due_at"], config)) for d in document["deadlines"]]
    print_table(_counted(len(deadlines), "deadline"), ("kind", "due"), deadlines)
    for entry in document["entries"]:
        _print_entry(entry, config)
    typer.echo()
    history = [
        (local_iso(line["at"], config), line["event"], line["by"], line["reason"])
        for line in document["history"]
    ]
    print_table("History", ("at", "event", "by", "reason"), history)


def _facts(document: dict[str, Any], config: Config) -> list[tuple[str, str]]:
    hidden = ("number", "entries", "history", "deadlines")
    shown = {key: _plain(key, value, config) for key, value in document.items() if key not in hidden}
    return [(key, value) for key, value in shown.items() if value]


def _print_entry(entry: dict[str, Any], config: Config) -> None:
    head = (
        local_iso(entry["at"], config),
        entry["kind"],
        _plain("from", entry["from"], config),
        entry["subject"],
    )
    typer.echo("\n" + clean("  ".join(head)))
    typer.echo("\n".join(f"    {line}".rstrip() for line in clean(entry["text"]).splitlines()))
    for attachment in entry["attachments"]:
        typer.echo(clean(f"    [{attachment['name']}, {attachment['type']}, {attachment['size']} bytes]"))


def _plain(key: str, value: Any, config: Config) -> str:
    """A value of the JSON document in words."""
    match value:
        case None:
            return ""
        case str() if key.endswith("_at"):
            return local_iso(value, config)
        case {"address": address, "name": name}:
            return f"{name} <{address}>" if name else str(address)
        case dict() | list() if not value:
            return ""
        case dict():
            return ", ".join(
                f"{name}: {_plain(name, inner, config)}" for name, inner in value.items() if inner
            )
        case list():
            return "; ".join(_plain(key, inner, config) for inner in value)
    return str(value)


def rota_json(rota: Rota, first: str | None, given: Sequence[GivenCard]) -> list[dict[str, Any]]:
    """`given`: the yellow cards of the period; those that were lifted count no more."""

    def standing(turn: Turn) -> list[GivenCard]:
        who = turn.operator.address.lower()
        return [card for card in given if card.operator == who and card.lifted_at is None]

    return [
        {
            "name": turn.operator.name,
            "address": turn.operator.address,
            "next": turn.operator.address == first,
            "last_turn_at": views.iso(turn.last_turn_at),
            "open_tickets": turn.open_tickets,
            "yellow_cards": turn.cards,
            "appeals": sum(card.appealed_at is not None for card in standing(turn)),
            "away": turn.away,
            "away_until": views.iso(turn.away_until),
            "away_why": turn.away_why,
            "suspended": turn.suspended,
            "given_cards": [{"ticket": card.ticket, **views.card_json(card)} for card in standing(turn)],
        }
        for turn in rota
    ]


def _names(config: Config) -> dict[str, str]:
    return {operator.address: operator.name for operator in config.root.operators}


def _operator(config: Config, said: str) -> str | None:
    """An operator's registered address by name or address; nobody's name is an error."""
    if not said:
        return None
    for operator in config.root.operators:
        if said.lower() in (operator.name.lower(), operator.address, *operator.aliases):
            return operator.address
    known = ", ".join(operator.name for operator in config.root.operators) or "none"
    return fail(f"--operator {said!r} is nobody in [[operators]] of {config.file}; there are: {known}")
