"""Work that can be done aside: begun now, its result wanted later.

Reading a mail and composing a letter ask nothing of the store, and are half of what a ticket costs. A process with
a second core at hand gives them to it; others do them when their results are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class Aside:
    """Nobody helps: what is begun is done when its result is wanted, and never if it is not."""

    def begin(self, function: Callable[..., T], *args: object, **named: object) -> Callable[[], T]:
        """Call the result for what `function` returns or raises, which is pure, and found by its name."""
        return self.offer(function, *args, **named) or partial(function, *args, **named)

    def offer(
        self,
        function: Callable[..., T],  # noqa: ARG002 - for those who do help
        *args: object,  # noqa: ARG002
        **named: object,  # noqa: ARG002
    ) -> Callable[[], T] | None:
        """The same if somebody else takes it on now; else None."""
        return None

    @property
    def is_at_hand(self) -> bool:
        """What is begun now is likely to be done elsewhere."""
        return False

    @property
    def is_idle(self) -> bool:
        """It is at hand, and has little to do."""
        return False

    @contextmanager
    def helping(self, count: int) -> Iterator[None]:  # noqa: ARG002 - for those who do help
        """Inside so many mails or deadlines are handled in one transaction: help may pay."""
        yield
