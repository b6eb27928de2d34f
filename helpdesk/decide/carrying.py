"""Which files of a conversation go with a letter to somebody who has not seen it: within what mail servers take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpdesk.model.decision import Attach
from helpdesk.model.mail import Attachment

MOST_BYTES = 7 * 1024 * 1024
"""Of all files together, decoded; written as mail they are under 10 MB, which nearly every server takes."""
MOST_FILES = 20

Sent = tuple[int | None, Sequence[Attachment]]
"""The inbox row of a mail, and its attachments."""


@dataclass(frozen=True, slots=True)
class Carried:
    """`names` of the files that go, `left_out` of those that do not, with their sizes."""

    attach: Attach = ()
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def carry(mails: Iterable[Sent]) -> Carried:
    """As many as there is room for, in the order of the mails; the same file once."""
    parts: dict[int, list[int]] = {}
    taken: list[Attachment] = []
    left_out: list[str] = []
    for spool_id, file in _files(mails):
        if len(taken) < MOST_FILES and sum(one.size for one in taken) + file.size <= MOST_BYTES:
            parts.setdefault(spool_id, []).append(file.part)
            taken.append(file)
        else:
            left_out.append(f"{_name(file)} ({max(file.size // 1024, 1)} KB)")
    attach = tuple((spool_id, tuple(of_mail)) for spool_id, of_mail in parts.items())
    return Carried(attach, tuple(map(_name, taken)), tuple(left_out))


def _files(mails: Iterable[Sent]) -> Iterable[tuple[int, Attachment]]:
    seen: set[tuple[str | None, str, int]] = set()
    for spool_id, attachments in mails:
        for file in attachments:
            key = (file.name, file.type, file.size)
            if spool_id is not None and not file.inline and key not in seen:
                seen.add(key)
                yield spool_id, file


def _name(file: Attachment) -> str:
    return file.name or file.type
