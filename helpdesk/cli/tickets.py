"""`tickets`, `ticket` and `operators`: what the desk has in hand and who works on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from helpdesk.cli.context import (
    ConfigOption,
    JsonOption,
    fail,
    load,
    local,
    open_shop,
    print_json,
    print_table,
    told_plainly,
)
from helpdesk.config import Config
from helpdesk.decide.assignment import next_operator
from helpdesk.model.events import Rota
from helpdesk.model.ticket import Status, Ticket
from helpdesk.store import people, views
from helpdesk.store import tickets as stored


def list_tickets(
    context: typer.Context,
    config: ConfigOption = None,
    status: Annotated[Status | None, typer.Option(help="Only tickets in this status.")] = None,
    operator: Annotated[str, typer.Option(help="Only this operator's: name or address.")] = "",
    search: Annotated[str, typer.Option(help="Only tickets that hold all of these words.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List tickets, newest first."""
    with told_plainly():
        loaded = load(context, config)
        shop = open_shop(loaded)
        with shop.desk.read() as desk:
            found = stored.search(
                desk, status=status, operator=_operator(loaded, operator), words=search or None
            )
            documents = views.tickets_json(desk, found, _names(loaded))
    if as_json:
        print_json(documents)
    else:
        print_table(f"{len(found)} tickets", _COLUMNS, [_row(t, loaded) for t in found])


def show_ticket(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The ticket's number.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one ticket: state, thread, deadlines, history."""
    with told_plainly():
        loaded = load(context, config)
        with open_shop(loaded).desk.read() as desk:
            document = views.ticket_json(desk, number, _names(loaded))
    if document is None:
        fail(f"there is no ticket {number}; helpdesk tickets lists them")
    if as_json:
        print_json(document)
    else:
        _print_ticket(document)


def operators(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the rota: who is next, who is skipped, open tickets, yellow cards."""
    with told_plainly():
        loaded = load(context, config)
        shop = open_shop(loaded)
        with shop.desk.read() as desk:
            rota = people.rota(desk, shop.policy.operators, datetime.now(UTC), shop.policy.cards)
    first, _ = next_operator(rota, shop.policy.assignment)
    documents = _rota_json(rota, first.address if first else None)
    if as_json:
        print_json(documents)
    else:
        rows = [list(document.values()) for document in documents]
        print_table(
            "The rota", ["name", "address", "next", "last turn", "open", "cards", "away", "suspended"], rows
        )


_COLUMNS = ("number", "status", "waiting for", "operator", "customer", "subject", "due")


def _row(ticket: Ticket, config: Config) -> tuple[Any, ...]:
    due = local(views.due_at(ticket), config)
    return (
        ticket.number, ticket.status, ticket.waiting_for, ticket.operator,
        ticket.customer.address, ticket.subject, due,
    )  # fmt: skip


def _print_ticket(document: dict[str, Any]) -> None:
    facts = [
        (k, v)
        for k, v in document.items()
        if k not in ("entries", "history", "deadlines") and v not in (None, [], {})
    ]
    print_table(f"Ticket {document['number']}", ("field", "value"), [(k, _plain(v)) for k, v in facts])
    print_table("Deadlines", ("kind", "due at"), [(d["kind"], d["due_at"]) for d in document["deadlines"]])
    for entry in document["entries"]:
        typer.echo(f"\n{entry['at']}  {entry['kind']}  {_plain(entry['from'])}  {entry['subject']}")
        typer.echo("\n".join(f"    {line}" for line in entry["text"].splitlines()))
        for attachment in entry["attachments"]:
            typer.echo(f"    [{attachment['name']}, {attachment['type']}, {attachment['size']} bytes]")
    typer.echo()
    history = [(line["at"], line["event"], line["by"], line["reason"]) for line in document["history"]]
    print_table("History", ("at", "event", "by", "reason"), history)


def _plain(value: Any) -> str:
    if isinstance(value, dict) and "address" in value:
        return f"{value['name']} <{value['address']}>" if value["name"] else str(value["address"])
    return str(value)


def _rota_json(rota: Rota, first: str | None) -> list[dict[str, Any]]:
    return [
        {
            "name": turn.operator.name,
            "address": turn.operator.address,
            "next": turn.operator.address == first,
            "last_turn_at": views.iso(turn.last_turn_at),
            "open_tickets": turn.open_tickets,
            "yellow_cards": turn.cards,
            "away": turn.away,
            "suspended": turn.suspended,
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
    return fail(f"--operator {said!r} is nobody in [[operators]]; there are: {known}")
