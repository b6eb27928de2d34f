"""A letter in words, between the canned responses and the bytes of a mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Ready for `compose`."""

    subject: str
    body: str
    html: str | None = None
