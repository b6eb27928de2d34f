"""This node among the nodes of one desk (P12): it shows that it lives, and looks whether the others do.

A node is dead for the others when its lease has run out: two thirds of `lease`, so that whatever it had in hand
is taken over within `lease`. Alone on a SQLite file there is nobody to show anything to.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store import nodes
from helpdesk.store.inbox import Cursor
from helpdesk.store.nodes import Buried
from helpdesk.store.session import Database, StoreError

_log = structlog.get_logger()


class Membership:
    """`buried` is called when this node was away for so long that others have taken over its work."""

    def __init__(
        self,
        spool: Database,
        clock: Callable[[], datetime],
        lease: timedelta,
        buried: Callable[[], None],
        every: float | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = secrets.token_hex(8)
        self.shared = not spool.is_sqlite
        self.every = every or lease.total_seconds() / 6
        self._spool, self._clock, self._monotonic = spool, clock, monotonic
        self._expires_after = lease * 2 / 3
        self._buried = buried
        self._renewed_at = monotonic()

    def enter(self) -> None:
        """Begin to work on this desk. Blocking."""
        if not self.shared:
            return
        name = f"{socket.gethostname()} process {os.getpid()}"
        began = self._monotonic()
        with self._spool.write("enter") as connection:
            nodes.register(connection, self.id, name, self._clock(), self._expires_after)
        self._renewed_at = began

    def leave(self) -> None:
        """What is still in hand is free for the others at once. Blocking."""
        if not self.shared:
            return
        try:
            with self._spool.write("leave") as connection:
                nodes.resign(connection, self.id)
        except (SQLAlchemyError, StoreError) as error:  # then they find out when the lease ends
            _log.warning("left_in_silence", action="left_in_silence", error=type(error).__name__)

    def lives(self) -> bool:
        """May this node still send, as far as it can know? A clock that goes on while a process is frozen says so."""
        if not self.shared:
            return True
        return self._monotonic() - self._renewed_at < self._expires_after.total_seconds()

    async def look_around(self) -> bool:
        """Show that we live, then look who does not; return whether we live. To be called every `every` seconds."""
        try:
            await asyncio.to_thread(self._renew)
        except Buried as error:
            _log.error("buried", action="buried", reason=str(error))
            self._buried()
            return False
        except (SQLAlchemyError, StoreError) as error:  # the server is away: then for the others, too
            _log.warning("not_renewed", action="not_renewed", error=type(error).__name__)
            return False
        return True

    def _renew(self) -> None:
        began = self._monotonic()
        with self._spool.write("renew") as connection:
            nodes.renew(connection, self.id, self._clock(), self._expires_after)
        self._renewed_at = began
        with self._spool.write("bury") as connection:
            dead = nodes.bury(connection, self.id, self._clock())
        for node in dead:
            _log.warning("node_dead", action="node_dead", node=node)

    def leads(self, mailbox: str) -> bool:
        """Lead this mailbox, if no other node does. Blocking."""
        if not self.shared:
            return True
        with self._spool.write("lead") as connection:
            return nodes.lead(connection, mailbox, self.id)

    def require_lead(self, connection: Connection, cursor: Cursor) -> None:
        """In the transaction that moves the cursor of a mailbox: raises Buried when another node leads it."""
        nodes.require_lead(connection, lease_name(cursor.account, cursor.folder), self.id)


def lease_name(account: str, folder: str) -> str:
    return f"imap {account}/{folder}"
