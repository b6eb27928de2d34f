"""How one attempt to hand a letter over ended, per recipient: done, later, or never."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    reply: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """`host_down`: the trouble is the smarthost's, not this letter's; other letters may wait too. `ours`: it is our own
    (a full disk), and the letter never came to its dot."""

    reason: str
    host_down: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str


Outcome = Accepted | TryLater | Refused


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """A letter as it is handed to a transport. `raw` has CRLF line ends; every attempt sends the same bytes (P3).

    `sender` is the envelope sender, '' for the null sender; `recipients` are those still to be served.
    """

    id: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    message_id: str
    letter: str = ""
    attempts: int = 0
