"""The number that a ticket gets is given to the event that opens it, after all else about the event is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.events import CustomerWrote, Event
from helpdesk.model.ticket import Ticket


def numbered(event: Event, ticket: Ticket | None, give: Callable[[], int]) -> Event:
    """The event with a number of `give` if it opens a ticket; else as it is, and no number is asked for."""
    match event:
        case CustomerWrote() if ticket is None:
            return replace(event, number=give())
        case StaffCommanded(found=found) if found.split.origin is not None:
            number = give()
            split = replace(found.split, number=number, origin=replace(found.split.origin, number=number))
            return replace(event, found=replace(found, split=split))
        case _:
            return event
