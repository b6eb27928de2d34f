"""The letters of one decision: their words, then their bytes. Pure, so that any process can write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.decision import Draft, File
from helpdesk.model.signing import Signer
from helpdesk.render.compose import Composed, ComposeError, compose
from helpdesk.render.filling import Filling, fill
from helpdesk.render.words import Words


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter to be written. `random_hex` are 32 hex digits of its own."""

    draft: Draft
    filling: Filling
    random_hex: str


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words; `fault` says why it must not be sent, where nothing was `composed`."""

    words: Words
    composed: Composed | None
    fault: str = ""


def write(
    letters: Sequence[Planned],
    desk_name: str,
    signer: Signer,
    now: datetime,
    attachments: Sequence[File] = (),
) -> list[Written]:
    """Letters of the same filling are rendered once. Raises CannedError where a response cannot be filled in."""
    words: dict[int, Words] = {}
    written = []
    for one in letters:
        if id(one.filling) not in words:
            words[id(one.filling)] = fill(one.filling)
        said = words[id(one.filling)]
        try:
            composed = compose(one.draft, said, desk_name, signer, now, one.random_hex, attachments)
        except ComposeError as error:
            written.append(Written(said, None, str(error)))
        else:
            written.append(Written(said, composed))
    return written
