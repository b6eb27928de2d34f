"""What is on an operator's plate in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.ticket import Status


@dataclass(frozen=True, slots=True)
class OnPlate:
    """An open ticket of `operator` (registered address, lower case).

    `due_at`: when the next answer is due; `late`: a customer waits longer than agreed already; `back_at`: on hold
    until then; `promised_at`: the earliest date that the customer was told and that is not settled.
    """

    operator: str
    number: int
    subject: str
    customer: str
    status: Status
    tags: tuple[str, ...]
    created_at: datetime
    due_at: datetime | None = None
    late: bool = False
    back_at: datetime | None = None
    promised_at: datetime | None = None
