"""What a decision changes beside its ticket: people's absences, cards, blocks and the like.

Each effect is a small value in the imperative; `flow.effects` carries it out in the decision's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """The base of all of them."""
