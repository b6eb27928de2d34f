"""What front and desk worker say to each other: one JSON object a line, in both directions.

The first line to the worker is the configuration, so that both always work by the same one, whatever has
become of the file meanwhile. Orders carry an `id` and get exactly one answer with the same id. Beats come in
between: `{"beat": N}` means that the worker lives and has inbox row N in hand, `{"beat": null}` that it has none; the
first beat says that the worker is ready. Not every row is told of: which is in hand stands in `daemon.pulse`.
"""

from __future__ import annotations

import base64
import json
import pickle
from datetime import datetime
from typing import Any

from helpdesk.config import Config
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater
from helpdesk.store.marks import Unsettled

Message = dict[str, Any]


def write(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def read(line: bytes) -> Message:
    message: Message = json.loads(line)
    return message


def from_config(config: Config) -> str:
    return base64.b64encode(pickle.dumps(config)).decode()


def to_config(text: str) -> Config:
    # written by our own parent process onto our own standard input, nobody else can write there
    config = pickle.loads(base64.b64decode(text))  # noqa: S301
    assert isinstance(config, Config)
    return config


def from_letter(letter: QueuedLetter) -> Message:
    return {
        "id": letter.id,
        "sender": letter.sender,
        "recipients": list(letter.recipients),
        "raw": base64.b64encode(letter.raw).decode(),
        "message_id": letter.message_id,
        "letter": letter.letter,
        "attempts": letter.attempts,
    }


def to_letter(message: Message) -> QueuedLetter:
    raw = base64.b64decode(message["raw"])
    return QueuedLetter(**{**message, "raw": raw, "recipients": tuple(message["recipients"])})


def from_result(result: Unsettled) -> Message:
    outcomes = {recipient: _from_outcome(outcome) for recipient, outcome in result.outcomes.items()}
    return {"letter_id": result.letter_id, "node": result.node, "outcomes": outcomes}


def to_result(message: Message) -> Unsettled:
    outcomes = {recipient: _to_outcome(outcome) for recipient, outcome in message["outcomes"].items()}
    return Unsettled(message["letter_id"], message["node"], outcomes)


def from_moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def to_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _from_outcome(outcome: Outcome) -> list[Any]:
    match outcome:
        case Accepted(reply):
            return ["accepted", reply]
        case TryLater(reason, host_down, ours):
            return ["later", reason, host_down, ours]
        case Refused(reason):
            return ["refused", reason]


def _to_outcome(words: list[Any]) -> Outcome:
    match words:
        case ["accepted", reply]:
            return Accepted(reply)
        case ["later", reason, host_down, ours]:
            return TryLater(reason, host_down, ours)
        case ["refused", reason]:
            return Refused(reason)
        case _:
            raise ValueError(f"no outcome: {words}")
