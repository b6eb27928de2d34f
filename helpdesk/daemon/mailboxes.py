"""The mailboxes that this desk reads: each by the one node that leads it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.daemon.membership import Membership, lease_name
from helpdesk.store.session import StoreError
from helpdesk.web.health import Hearts
from helpdesk.wire.imap_account import ImapAccount
from helpdesk.wire.imap_poller import ImapPoller

_HEART = timedelta(minutes=15)

_log = structlog.get_logger()

Make = Callable[[ImapAccount, str, Callable[[], None]], ImapPoller]
"""A poller for one folder of an account, with what it calls as long as it lives."""


class Mailboxes:
    """Starts a poller for every folder that this node comes to lead; a node that lives keeps its lead."""

    def __init__(
        self, accounts: Sequence[ImapAccount], make: Make, membership: Membership, hearts: Hearts
    ) -> None:
        self._waiting = [(account, folder) for account in accounts for folder in account.folders]
        self._make, self._membership, self._hearts = make, membership, hearts
        self._pollers: list[ImapPoller] = []

    async def lead(self) -> None:
        """Take up what nobody leads. Harmless to repeat."""
        for account, folder in list(self._waiting):
            name = lease_name(account.name, folder)
            try:
                led = await asyncio.to_thread(self._membership.leads, name)
            except (SQLAlchemyError, StoreError) as error:
                _log.warning("not_led", action="not_led", mailbox=name, error=type(error).__name__)
                return
            # a round that rang meanwhile may have begun with it, or the desk ends
            if led and (account, folder) in self._waiting:
                self._waiting.remove((account, folder))
                self._start(account, folder, name)

    def _start(self, account: ImapAccount, folder: str, name: str) -> None:
        self._hearts.expect(name, _HEART)
        poller = self._make(account, folder, lambda: self._hearts.beat(name))
        self._pollers.append(poller)
        poller.start()
        if self._membership.shared:
            _log.info("mailbox_led", action="mailbox_led", mailbox=name)

    async def stop(self) -> None:
        self._waiting.clear()
        await asyncio.gather(*(asyncio.to_thread(poller.stop) for poller in self._pollers))
