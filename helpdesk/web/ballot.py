"""A filled-in survey form: what was chosen, what is wrong with it, and the bytes that go into the spool."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MAX_COMMENT = 4000
SCORES = (5, 4, 3, 2, 1)
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class Ballot:
    """`problem` names the text that tells the customer what to mend (a field of `texts.Texts`), '' if none."""

    score: int | None
    comment: str
    problem: str = ""


def read_ballot(fields: Mapping[str, str]) -> Ballot:
    """Read a posted form; total, every mistake ends as a `problem`."""
    score = read_score(fields.get("score", ""))
    comment = _clean(fields.get("comment", ""))
    if len(comment) > MAX_COMMENT:
        return Ballot(score, comment, "comment_too_long")
    return Ballot(score, comment, "" if score else "score_missing")


def read_score(text: str) -> int | None:
    """Return a score of 1 to 5; None for everything else."""
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def as_bytes(number: int, ballot: Ballot) -> bytes:
    """Return the vote as the spool keeps it."""
    vote = {"number": number, "score": ballot.score, "comment": ballot.comment}
    return json.dumps(vote).encode("ascii")


def _clean(text: str) -> str:
    """One kind of line end, no control or lone surrogate (T16), no blank edges."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in lines if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()
