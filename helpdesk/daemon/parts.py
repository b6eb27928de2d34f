"""Of what a daemon is composed. Tests of the tests put a faulty part in a good one's place (MAIL_RULES 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.config import Config
from helpdesk.daemon import building
from helpdesk.daemon.link import WorkerLink
from helpdesk.daemon.office import DeskOffice
from helpdesk.flow.attempt import Transport
from helpdesk.flow.receive import Receiver
from helpdesk.flow.send import Office
from helpdesk.store.session import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """How the front gets each part. `worker` is the module that the desk worker runs."""

    database: Callable[[str], Database] = building.database
    receiver: Callable[..., Receiver] = Receiver
    transport: Callable[[Config], Transport] = building.transport
    office: Callable[[WorkerLink], Office] = DeskOffice
    worker: str = "helpdesk.daemon.worker"
