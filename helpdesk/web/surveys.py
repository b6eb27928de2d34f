"""What the survey page may know of a ticket, and where it looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store import tickets
from helpdesk.store.session import Database, StoreError


@dataclass(frozen=True, slots=True)
class SurveyTicket:
    """`score` and `comment` are the vote that counts now; `language` '' means the desk's."""

    subject: str
    language: str = ""
    score: int | None = None
    comment: str = ""


class SurveyView(Protocol):
    """Looks tickets up for the page. Blocking; called in a thread."""

    def look_up(self, number: int) -> SurveyTicket | None:
        """Return what the page shows; None when there is no such ticket. Raises StoreError."""
        ...


class StoredSurveys:
    """Reads the desk's own database."""

    def __init__(self, desk: Database) -> None:
        self._desk = desk

    def look_up(self, number: int) -> SurveyTicket | None:
        """Return what the page shows; None when there is no such ticket (erased since). Raises StoreError."""
        try:
            with self._desk.read() as connection:
                ticket = tickets.load(connection, number)
        except SQLAlchemyError as error:
            raise StoreError(f"{self._desk.name}: ticket {number} cannot be read now") from error
        if ticket is None:
            return None
        score = ticket.rating.score if ticket.rating else None
        comment = ticket.rating.comment if ticket.rating else ""
        return SurveyTicket(ticket.subject, ticket.language, score, comment)
