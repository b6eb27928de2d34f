"""An event loop in which time flies: `rate` of its seconds pass in each real one (R8 without waiting for it).

Timers and `loop.time()` go by the fast clock; sockets are as fast as ever.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Mapping
from typing import Any


class _Selector(selectors.BaseSelector):
    """Waits in real time for what the loop wants to wait in its own."""

    def __init__(self, rate: float) -> None:
        self._inner, self._rate = selectors.DefaultSelector(), rate

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._inner.select(timeout / self._rate if timeout and timeout > 0 else timeout)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


class FastLoop(asyncio.SelectorEventLoop):
    def __init__(self, rate: float) -> None:
        super().__init__(_Selector(rate))
        self._rate = rate

    def time(self) -> float:
        # __init__ of the base asks before there is a rate
        return time.monotonic() * getattr(self, "_rate", 1.0)
