"""How it ended: what stands on record, whether the story came true, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from helpdesk.cli.demo.cast import Cast
from helpdesk.cli.demo.story import STRANGER
from helpdesk.store import tickets, views
from helpdesk.store.session import Database

LETTERS = {
    "Anne": ("acknowledgement", "assigned", "answer", "answer", "closed", "survey"),
    "Emil": ("acknowledgement", "assigned", "answer", "nudge", "closed_no_feedback", "survey"),
    "Farah": ("acknowledgement", "assigned", "handover", "answer", "closed", "answer", "closed", "survey"),
}
"""What each customer must have got, in this order, and nothing else."""
SCORES = {"Anne": 5, "Emil": 4}
_PATIENCE_COSTS = ("nudge",)
"""Letters that a slow computer may add."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the desk's own books say; `tickets` as `helpdesk ticket N --json` shows them."""

    tickets: tuple[dict[str, Any], ...]
    figures: views.Figures

    @property
    def is_over(self) -> bool:
        scores = {
            ticket["customer"]["name"]: (ticket["rating"] or {}).get("score") for ticket in self.tickets
        }
        voted = all(scores.get(name) == score for name, score in SCORES.items())
        return voted and not (self.figures.inbox_waiting or self.figures.outbox_waiting)


def read(desk: Database, spool: Database) -> Record:
    with desk.read() as reading, spool.read() as inbox:
        numbers = sorted(ticket.number for ticket in tickets.search(reading))
        shown = (views.ticket_json(reading, number, {}) for number in numbers)
        return Record(
            tuple(ticket for ticket in shown if ticket),
            views.figures(reading, inbox, datetime.now(UTC)),
        )


def untrue(cast: Cast, record: Record) -> Iterator[str]:
    """What of the story did not come true, in words."""
    yield from _wrong_letters(cast)
    for ticket in record.tickets:
        name, rating = ticket["customer"]["name"], ticket["rating"] or {}
        if ticket["status"] != "closed":
            yield f"{name}'s ticket is {ticket['status']}, not closed"
        if rating.get("score") != SCORES.get(name):
            yield f"{name}'s rating is {rating.get('score')}, not {SCORES.get(name)}"
    if len(record.tickets) != len(cast.customers):
        yield f"there are {len(record.tickets)} tickets, not {len(cast.customers)}"
    cards = [card["operator"] for ticket in record.tickets for card in ticket["yellow_cards"]]
    if cards != [cast.gita.address]:
        yield f"the yellow cards are {cards}, not one for Gita"
    if not any(line["event"] == "automatic_mail" for line in _history(record, "Emil")):
        yield "Emil's out-of-office reply is not on record"
    if record.figures.letters_failed or record.figures.letters_parked or record.figures.inbox_parked:
        yield f"something failed or was set aside: {record.figures}"


def _wrong_letters(cast: Cast) -> Iterator[str]:
    for player in cast.customers:
        expected = LETTERS[player.name]
        forgiven = [name for name in _PATIENCE_COSTS if name not in expected]
        got = tuple(name for name in player.names() if name not in forgiven)
        if got != expected:
            yield f"{player.name} got {', '.join(got)}; expected were {', '.join(expected)}"
    if any(STRANGER in letter.recipients for letter in cast.town.sent_by_desk):
        yield f"a letter went to {STRANGER}"


def _history(record: Record, customer: str) -> list[dict[str, Any]]:
    return [
        line
        for ticket in record.tickets
        if ticket["customer"]["name"] == customer
        for line in ticket["history"]
    ]


def summary(cast: Cast, record: Record, seconds: float) -> Table:
    """One row per ticket, the totals as its title."""
    figures = record.figures
    mails = sum(figures.mails_received.values())
    title = (
        f"{figures.tickets_created} tickets, {mails} mails and votes in,"
        f" {figures.letters_sent} letters out, {seconds:.1f} seconds"
    )
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in (
        "ticket",
        "customer",
        "subject",
        "operator",
        "status",
        "yellow cards",
        "rating",
        "letters",
    ):
        table.add_column(column)
    names = {player.address: player.name for player in cast.town.players}
    for ticket in record.tickets:
        operator = names.get((ticket["operator"] or {}).get("address", ""), "")
        rating = ticket["rating"]
        table.add_row(
            str(ticket["number"]),
            ticket["customer"]["name"],
            ticket["subject"],
            operator,
            ticket["status"],
            ", ".join(names.get(card["operator"], "") for card in ticket["yellow_cards"]),
            f"{rating['score']} of 5: {rating['comment']}" if rating else "",
            str(sum(letter.ticket == ticket["number"] for letter in cast.town.sent_by_desk)),
        )
    return table
