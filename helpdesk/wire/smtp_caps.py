"""What all sessions share and must not use up: mails a minute (T19), and memory for big mails (T13)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from helpdesk.model.networks import Network, are_home_of, read_peer

MINUTE = 60.0


class MailRate:
    """At most `most` mails in any sixty seconds from one network.

    The desk's `own_servers` are not counted, unless they are `proxies`, behind whose address anybody may stand.
    """

    def __init__(
        self,
        most: int,
        own_servers: Iterable[Network] = (),
        clock: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
        proxies: Iterable[Network] = (),
    ) -> None:
        self._most = most
        self._own = tuple(own_servers)
        self._proxies = tuple(proxies)
        self._clock = clock
        self._began: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._began)

    def counts(self, peer: str) -> bool:
        address = read_peer(peer)
        if address is None:
            return False
        return not are_home_of(self._own, address) or are_home_of(self._proxies, address)

    def admit(self, network: str) -> bool:
        """Count one more mail, unless that would be one too many."""
        now = self._clock()
        self._forget(now - MINUTE)
        times = self._began.setdefault(network, deque(maxlen=self._most))
        if len(times) == self._most and times[0] > now - MINUTE:
            return False
        times.append(now)
        self._began.move_to_end(network)
        return True

    def _forget(self, before: float) -> None:
        """Networks that sent nothing lately; the one that has been quiet longest comes first."""
        while self._began and next(iter(self._began.values()))[-1] <= before:
            self._began.popitem(last=False)


class Room:
    """Memory for mails on their way from their files into the spool: `most` bytes, or one mail that is bigger."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def take(self, size: int) -> AsyncIterator[None]:
        """Wait for so much room, in the order of asking; it is given back at the end. Who needs none never waits."""
        if size:
            await self._wait_for(size)
        try:
            yield
        finally:
            self._held -= size
            self._freed.set()

    async def _wait_for(self, size: int) -> None:
        async with self._turn:
            while self._held and self._held + size > self._most:
                self._freed.clear()
                await self._freed.wait()
            self._held += size
