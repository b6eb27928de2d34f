"""The front process: everything that waits on the network, in one loop. It never reads a stranger's mail.

Start: lock, databases, desk worker, receiver, listener, pollers, sender, web; then one line `ready`.
Stop, within 20 s: accept no more, let transfers in flight end, finish the letters in their dot, let the
worker finish what it has in hand.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import structlog

from helpdesk.config import Config, ConfigError
from helpdesk.daemon import building, pipe
from helpdesk.daemon.big_letters import BigLetters
from helpdesk.daemon.intake import Intake
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.link import Listeners, OrderFailed, WorkerLink, WorkerLost
from helpdesk.daemon.lookout import Lookout
from helpdesk.daemon.mailboxes import Mailboxes
from helpdesk.daemon.membership import Membership
from helpdesk.daemon.parts import Parts
from helpdesk.daemon.rounds import Rounds
from helpdesk.flow.marks import SpoolMarks
from helpdesk.flow.receive import Stored, disk_floor, recipient_rule, smallest_free
from helpdesk.flow.send import Sender
from helpdesk.web.app import WebParts, make_app
from helpdesk.web.health import Hearts, StoredAlarms
from helpdesk.web.metrics import Metrics, StoredFigures
from helpdesk.web.server import WebServer
from helpdesk.web.settings import DeskFace
from helpdesk.web.surveys import StoredSurveys
from helpdesk.wire.imap_account import ImapAccount
from helpdesk.wire.imap_poller import ImapPoller
from helpdesk.wire.smtp_server import Listener

_GRACE_SECONDS = 5.0
_DOT_SECONDS = 6.0
_LAST_SECONDS = 2.0
_RECEIVES_SECONDS = 0.1
"""So long after a mail was stored the next one is expected."""
_AT_START_ONLY = ("store", "receive", "send", "web", "limits")

_log = structlog.get_logger()


def utc_now() -> datetime:
    return datetime.now(UTC)


class PartEnded(Exception):
    """A part of the daemon that works for ever has ended: a fault of our own. The log says which; start again."""


class Front:
    """One daemon. `run` returns when it was told to stop; `ready` is called when all is listening."""

    def __init__(
        self,
        config: Config,
        ready: Callable[[], None],
        limits: Limits | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.config = config
        self._ready = ready
        self._limits = limits or building.waits(config)
        self._parts = parts or Parts()
        self._policy = building.policy(config)
        self._known = recipient_rule(self._policy)
        self._stack = ExitStack()
        self.spool = self._parts.database(config.spool_url)
        self.desk = self._parts.database(config.desk_url)
        self.hearts = Hearts(time.monotonic)
        self.lookout = self._make_lookout()
        self.metrics = Metrics(StoredFigures(self.desk, self.spool, utc_now))
        self.was_buried = False
        lease = timedelta(seconds=self._limits.lease)
        self.membership = Membership(self.spool, utc_now, lease, self._bury, self._limits.heartbeat)
        self.receiver = self._parts.receiver(
            self.spool, self._stored, self._disk(), self.membership.require_lead
        )
        self._stop, self._unsure = asyncio.Event(), asyncio.Event()
        self._letters, self._resting = asyncio.Event(), asyncio.Event()
        hears = Listeners(self._set_alarms, self._progress, self._look_at_everything)
        self.link = WorkerLink(
            lambda: self.config, hears, self._limits, self.membership.id, self._parts.worker
        )
        self._intake = Intake(self.link, self.metrics.observe_intake, self._resting)
        self.rounds = Rounds(
            self._limits, utc_now, self.link, self._intake, self._letters, self._resting, self.hearts
        )
        self.listener = self._make_listener()
        self.web = self._make_web()
        self.mailboxes = self._make_mailboxes()
        self.spool.when_unsure = self._disk_unsure
        self._stop_by = 0.0
        self._stored_at = -math.inf
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Start, work until `stop`, end cleanly. Raises StoreError, CannotListen ... when it cannot start."""
        with self._stack:
            try:
                await self._start()
                self._ready()
                await self._work()
            finally:
                await self._end()

    def stop(self) -> None:
        """Ask for a clean end; harmless twice."""
        self.was_buried = False
        self._stop.set()

    async def reload(self) -> None:
        """Read the configuration again; a broken one is reported and the old one stays."""
        try:
            config = Config.load(self.config.file)
        except ConfigError as error:
            _log.error("reload_refused", action="reload_refused", reason=str(error))
            return
        waiting = [
            name for name in _AT_START_ONLY if getattr(config.root, name) != getattr(self.config.root, name)
        ]
        if waiting:
            _log.warning("reload_incomplete", action="reload_incomplete", tables_from_the_next_start=waiting)
        self.config, self._policy = config, building.policy(config)
        self._known = recipient_rule(self._policy)
        if self.web and (settings := building.web_settings(config)):
            self.web.app = make_app(settings, self._web_parts())
        try:
            await self.link.ask("reload", config=pipe.from_config(config))
        except WorkerLost:
            _log.info("reloading_later", action="reloading_later")  # the next worker begins with this one
        except OrderFailed as error:
            _log.error("reload_failed", action="reload_failed", reason=str(error))
            return
        _log.info("reloaded", action="reloaded")

    async def _start(self) -> None:
        self.config.state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stack.enter_context(building.sole_writer(self.spool, self._limits.lock))
        for database in building.databases(self.config):
            database.close()
        # from now on the others count on it that this node lives: also while its worker starts
        await asyncio.to_thread(self.membership.enter)
        self.rounds.begin_with_others(self.membership, self.mailboxes)
        self.rounds.begin()
        await self.link.start()
        self.receiver.start()
        if self.listener:
            await self.listener.start()
        if self.web:
            await self.web.start()
            _log.info("listening", action="web.listening", port=self.web.port)
        await self.mailboxes.lead()
        self.rounds.begin_work(self.lookout)

    async def _work(self) -> None:
        """Until told to stop, or until a part that should work for ever ends by a fault of our own (P10)."""
        sender = self.rounds.sender = Sender(
            BigLetters(self._parts.transport(self.config), self.desk),
            self._parts.office(self.link),
            SpoolMarks(self.spool, utc_now, self.membership.id),
            sent=self.metrics.observe_delivery,
            lives=self.membership.lives,
            receives=self._receives,
            stop_within=_DOT_SECONDS,
            resting=self._resting,
        )
        sending = asyncio.create_task(sender.run(self._letters, self._stop), name="sender")
        taking_in = asyncio.create_task(self._intake.run(), name="intake")
        desk = asyncio.create_task(self.link.ended(), name="desk")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        disk = asyncio.create_task(self._unsure.wait(), name="disk")
        parts = {sending, taking_in, desk, disk}
        await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
        broken = [task for task in parts if task.done() and not self._stop.is_set()]
        self._stop.set()
        await self._stop_receiving()
        taking_in.cancel()
        desk.cancel()
        disk.cancel()
        await asyncio.gather(stopped, *parts, return_exceptions=True)
        for task in broken:
            _log.error("part_ended", action="part_ended", part=task.get_name(), exc_info=task.exception())
            raise PartEnded(task.get_name()) from task.exception()

    async def _stop_receiving(self) -> None:
        _log.info("stopping", action="stopping")
        self._stop_by = time.monotonic() + self._limits.stop
        await self.mailboxes.stop()
        if self.listener:
            await self.listener.stop(_GRACE_SECONDS)

    async def _end(self) -> None:
        self.rounds.end()
        if self.listener:
            await self.listener.stop(0)
        if self.web:
            await self.web.stop()
        await asyncio.to_thread(self.receiver.stop)
        await self.link.stop(max(_LAST_SECONDS, self._stop_by - time.monotonic()))
        await self.rounds.ended()
        await asyncio.to_thread(self.membership.leave)
        self.spool.close()
        self.desk.close()
        _log.info("stopped", action="stopped")

    def _set_alarms(self, ring_at: str | None, send_at: str | None) -> None:
        self.rounds.set_alarms(ring_at, send_at)

    def _progress(self) -> None:
        """The worker has taken a mail in hand: a pulse may wait for a whole batch of slow ones."""
        self.hearts.beat("desk")
        self.hearts.beat("link")

    def _look_at_everything(self) -> None:
        """Another worker has taken over."""
        self.rounds.sweep()

    def _bury(self) -> None:
        """Others have taken over: what is in hand is theirs. End, to begin anew under another name."""
        self.was_buried = not self._stop.is_set()
        self._stop.set()

    def _stored(self, stored: Sequence[Stored]) -> None:
        """Called on the receiver's thread."""
        for one in stored:
            _log.info(
                "received",
                action="received",
                spool_id=one.id,
                road=one.arrival.road,
                bytes=len(one.arrival.raw),
            )
        self._stored_at = time.monotonic()
        self._loop.call_soon_threadsafe(self._intake.wake)

    def _receives(self) -> bool:
        return time.monotonic() - self._stored_at < _RECEIVES_SECONDS

    def _disk_unsure(self) -> None:
        """Called on whichever thread wrote: the desk must end, and be started again (MAIL_RULES 5.2)."""
        _log.error("disk_unsure", action="disk_unsure", file=self.spool.name)
        self._loop.call_soon_threadsafe(self._unsure.set)

    def _disk(self) -> Callable[[int], None] | None:
        if self.spool.path is None:
            return None
        return disk_floor(self.spool.path.parent, self._largest_mail(), self.config.limits.free_disk)

    def _largest_mail(self) -> int:
        listener = self.config.smtp_listener
        return listener.max_size if listener else 25_000_000

    def _make_listener(self) -> Listener | None:
        settings = building.listener_settings(self.config)
        return Listener(settings, self.receiver, self._knows) if settings else None

    def _knows(self, address: str) -> bool:
        """By the rule of this moment: a reload exchanges it under the listener."""
        return self._known(address)

    def _make_web(self) -> WebServer | None:
        settings = building.web_settings(self.config)
        return WebServer(settings, make_app(settings, self._web_parts())) if settings else None

    def _web_parts(self) -> WebParts:
        return WebParts(
            desk=DeskFace(self._policy.name, self._policy.address, self._policy.language),
            signer=building.signer(self.config),
            surveys=StoredSurveys(self.desk),
            spool=self.receiver,
            hearts=self.hearts,
            metrics=self.metrics,
            clock=utc_now,
            alarms=StoredAlarms(self.desk),
        )

    def _make_lookout(self) -> Lookout:
        files = [database.path for database in (self.spool, self.desk) if database.path]
        least = smallest_free(self._largest_mail(), self.config.limits.free_disk)
        return Lookout(self.config, files, least, self._limits)

    def _make_mailboxes(self) -> Mailboxes:
        accounts = [building.imap_account(table, self.config.limits) for table in self.config.imap_accounts]
        return Mailboxes(accounts, self._poller, self.membership, self.hearts)

    def _poller(self, account: ImapAccount, folder: str, heart: Callable[[], None]) -> ImapPoller:
        told = self.lookout.mailbox(f"{account.name}/{folder}")
        return ImapPoller(account, folder, self.receiver, self.spool, utc_now, heart, told=told)
