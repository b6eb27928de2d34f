"""Is a subject new on its ticket? Then the mail may be a new question in an old thread."""

from __future__ import annotations

from collections.abc import Collection

from helpdesk.model.subjects import alike, words


def new_subject(subject: str, seen: Collection[str]) -> str:
    """The subject if it is like none of those `seen` on the ticket; '' otherwise."""
    if not words(subject) or any(alike(subject, other) for other in seen):
        return ""
    return subject if seen else ""
