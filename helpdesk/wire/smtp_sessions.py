"""Who is connected: the caps on sessions, in all and per network (T19), and the way to wait for the last one.

Where a cap is reached, whoever has been silent longest makes room for who comes: idle clients cannot keep others out.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network
from typing import Protocol

from helpdesk.model.networks import read_peer
from helpdesk.wire.smtp_caps import MailRate, Room

PATIENCE = 1.0  # seconds of silence that everybody is granted, however many wait


class Member(Protocol):
    @property
    def network(self) -> str: ...

    def silent_for(self) -> float: ...

    def make_room(self) -> None: ...

    def dismiss(self) -> None: ...

    def cut(self) -> None: ...


class Sessions:
    def __init__(self, most: int, most_per_network: int) -> None:
        self._most = most
        self._most_per_network = most_per_network
        self._members: set[Member] = set()
        self._by_network: Counter[str] = Counter()
        self._gone = asyncio.Event()
        self._gone.set()

    def __len__(self) -> int:
        return len(self._members)

    def admit(self, member: Member) -> bool:
        """Take the session in, unless that would be one too many. With network '' it counts among all only."""
        network = member.network
        if network and self._by_network[network] >= self._most_per_network:
            if not self._shed([other for other in self._members if other.network == network]):
                return False
        elif len(self._members) >= self._most and not self._shed(self._members):
            return False
        self._members.add(member)
        self._by_network[network] += 1
        self._gone.clear()
        return True

    def _shed(self, members: Collection[Member]) -> bool:
        """Send the most silent of these away; False when all of them are busy."""
        silent = max(members, key=lambda member: member.silent_for())
        if silent.silent_for() < PATIENCE:
            return False
        self.leave(silent)
        silent.make_room()
        return True

    def leave(self, member: Member) -> None:
        if member not in self._members:
            return
        self._members.discard(member)
        self._by_network[member.network] -= 1
        if not self._by_network[member.network]:
            del self._by_network[member.network]
        if not self._members:
            self._gone.set()

    async def dismiss_all(self, grace: float) -> None:
        """Send the idle away, wait for transfers in flight at most `grace` seconds, then cut what is left."""
        for member in tuple(self._members):
            member.dismiss()
        if await self._all_gone(grace):
            return
        for member in tuple(self._members):
            member.cut()
        await self._all_gone(1.0)

    async def _all_gone(self, within: float) -> bool:
        try:
            await asyncio.wait_for(self._gone.wait(), within)
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Common:
    """What the sessions of one listener share."""

    sessions: Sessions
    mails: MailRate
    room: Room
    tls: ssl.SSLContext | None


def network_of(peer: str) -> str:
    """The unit that a cap counts: an IPv4 address, or the /64 of an IPv6 address."""
    address = read_peer(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return peer if address is None else str(address)
