"""The desk worker process: parses, decides, renders, commits; the only writer of helpdesk.db.

It takes orders on standard input and answers on standard output (see `daemon.pipe`). Strangers' mail is
parsed here and nowhere else, under limits: a mail that burns CPU or memory kills this process, not the
desk, and the front, which knows from the beats which mail was in hand, starts another (F4, P6).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import structlog

from helpdesk.config import Config, ConfigError
from helpdesk.daemon import building, logs, lookout, memory, pipe, workplace
from helpdesk.daemon.aide_line import Aide, has_second_core
from helpdesk.daemon.big_letters import IN_PIPE
from helpdesk.daemon.cpu import allow_cpu
from helpdesk.daemon.pulse import Pulse
from helpdesk.flow import presence
from helpdesk.flow.alarms import look
from helpdesk.flow.confirming import ask_waiting
from helpdesk.flow.daily import report_if_due
from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.flow.send import LEASE
from helpdesk.flow.settle import settle
from helpdesk.flow.workshop import Workshop
from helpdesk.store import deadlines, handled, outbox
from helpdesk.store.session import Database, StoreError, is_our_trouble

LOCK_SECONDS = 15.0
"""The worker of a desk that was killed may still be in its last transaction: so long we wait for it."""

SILENCE_SECONDS = 0.3
"""For longer than this the front is told that the mails go on, and we hear whether it is there."""

REPORT_AGAIN_AFTER = timedelta(minutes=5)

_log = structlog.get_logger()


class Worker:
    """Carries out orders one by one."""

    def __init__(self, shop: Workshop, config: Config, answers: BinaryIO, pulse: Pulse) -> None:
        self._shop = shop
        self._config = config
        self._answers, self._pulse = answers, pulse
        self._said_at = 0.0
        self._report_after = datetime.min.replace(tzinfo=UTC)
        shop.beat = self._beat
        self._aide = self._hire()
        self._orders: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": self._ping,
            "intake": lambda order: take_in(self._shop, order["limit"]),
            "ring": lambda _: ring(self._shop),
            "look": self._look,
            "claim": self._claim,
            "settle": self._settle,
            "free_rows": self._free_rows,
            "free_letters": self._free_letters,
            "reload": self._reload,
        }

    def run(self, orders: BinaryIO) -> None:
        """Say that all is ready, then work until standard input ends: the front has gone, or wants us to go."""
        self._beat(None)
        try:
            for line in orders:
                self._carry_out(pipe.read(line))
        finally:
            self._aide.end()

    def _carry_out(self, order: dict[str, Any]) -> None:
        self._beat(None)
        try:
            answer = {"id": order["id"], "done": self._orders[order["do"]](order), **self._alarms()}
        except BrokenPipeError:  # nobody hears our beats: the front has gone, in mid-work
            raise
        except Exception as error:  # noqa: BLE001 - the rim of the loop: the next order may be fine
            _log.exception("order_failed", action="order_failed", order=order["do"])
            answer = {"id": order["id"], "error": type(error).__name__}
        self._say(answer)
        if self._shop.desk.is_unsure:  # the next worker reads what is really on the disk (MAIL_RULES 5.2)
            _log.error("disk_unsure", action="disk_unsure", file=self._shop.desk.name)
            sys.exit(1)

    def _alarms(self) -> dict[str, Any]:
        """When the front must wake us next."""
        with self._shop.desk.read() as desk:
            ring_at, send_at = deadlines.next_due_at(desk), outbox.next_attempt_at(desk)
        if ring_at and (waits := self._shop.waits):
            ring_at = max(ring_at, waits.next_look)
        return {"ring_at": pipe.from_moment(ring_at), "send_at": pipe.from_moment(send_at)}

    def _claim(self, order: dict[str, Any]) -> list[pipe.Message]:
        with self._shop.desk.write("claim") as desk:
            outbox.end_leases(desk, self._shop.node, order["in_hand"])
            letters = outbox.claim(
                desk, order["limit"], self._shop.clock(), LEASE, self._shop.node, up_to=IN_PIPE
            )
        return [pipe.from_letter(letter) for letter in letters]

    def _settle(self, order: dict[str, Any]) -> bool:
        settle(self._shop, [pipe.to_result(result) for result in order["letters"]])
        return True

    def _free_rows(self, _: dict[str, Any]) -> int:
        """Mails that a dead node had in work are for all."""
        with self._shop.desk.write("free rows") as desk:
            return handled.free(desk, self._shop.node)

    def _free_letters(self, _: dict[str, Any]) -> int:
        """Letters in the hands of a dead node, whose known results are settled, are for all."""
        with self._shop.desk.write("free letters") as desk:
            return outbox.free(desk, self._shop.node)

    def _ping(self, _: dict[str, Any]) -> bool:
        """Show that the desk works, and look after the canned responses and the day's report while at it."""
        presence.show(self._shop)
        self._aide.rest()
        self._shop.library.refresh()
        self._report()
        return True

    def _look(self, order: dict[str, Any]) -> list[str]:
        """Alarms; and whoever could not be asked before is asked now."""
        ask_waiting(self._shop)
        return look(self._shop, lookout.seen(order))

    def _report(self) -> None:
        """A report that cannot be written is tried again later; the desk works without it."""
        if self._shop.clock() < self._report_after:
            return
        try:
            report_if_due(self._shop)
        except Exception as error:
            if is_our_trouble(error):
                raise
            _log.exception("daily_report_failed", action="daily_report_failed")
            self._report_after = self._shop.clock() + REPORT_AGAIN_AFTER

    def _reload(self, order: dict[str, Any]) -> bool:
        config = pipe.to_config(order["config"])
        self._shop.begun.clear()  # they were begun under the limits of before
        self._shop.policy = building.policy(config)
        if config.canned_folder == self._config.canned_folder:
            self._shop.library.follow(self._shop.policy)  # a new one would forget the last good responses
        else:
            self._shop.library = workplace.library(config, self._shop.policy)
        self._shop.retry_for = config.send.retry_for
        self._shop.limits = workplace.work_limits(config)
        self._shop.signer = building.signer(config)
        self._shop.dkim_keys = workplace.dkim_keys(config)
        memory.allow(config.limits.worker_memory)
        self._config = config
        self._aide.end()
        self._aide = self._hire()
        return True

    def _hire(self) -> Aide:
        """Where a second core can help. It works under our limits, and we wait less for it than the front for us."""
        limits = self._config.limits
        patience = limits.worker_wall.total_seconds() / 3
        aide = Aide(limits.worker_cpu.total_seconds(), limits.worker_memory, patience)
        if has_second_core():
            self._shop.aside = aide
        return aide

    def _beat(self, spool_id: int | None) -> None:
        allow_cpu(self._config.limits.worker_cpu.total_seconds())
        self._pulse.take_up(spool_id)
        if spool_id is None or time.monotonic() - self._said_at > SILENCE_SECONDS:
            self._say({"beat": spool_id})

    def _say(self, message: pipe.Message) -> None:
        self._answers.write(pipe.write(message))
        self._answers.flush()
        self._said_at = time.monotonic()


def main(database: Callable[[str], Database] = building.database) -> None:
    """`python -m helpdesk.daemon helpdesk.daemon.worker CONFIG_FILE CULPRIT`: started by the front, never by hand.

    CONFIG_FILE is only for people who look at the list of processes. CULPRIT is the inbox row that killed the
    last worker, or '-'.
    """
    # a stray print must not garble the answers: they have a way of their own before anything else runs
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C and signals to the whole group are the front's affair: it tells us when our work is done
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logs.configure()
    culprit = None if sys.argv[2] == "-" else int(sys.argv[2])
    try:
        work(sys.stdin.buffer, answers, culprit, database)
    except BrokenPipeError:
        os._exit(0)  # the front has gone; what was begun is rolled back, what was committed stands
    except (ConfigError, StoreError, OSError) as error:
        sys.stderr.write(f"helpdesk: {error}\n")
        sys.exit(1)


def work(
    orders: BinaryIO,
    answers: BinaryIO,
    culprit: int | None,
    database: Callable[[str], Database] = building.database,
) -> None:
    """Be the one desk worker until the orders end. Raises StoreError when the desk cannot be had."""
    head = orders.readline()
    if not head:  # the front was stopped before it could say anything
        return
    begin = pipe.read(head)
    config, node = pipe.to_config(begin["config"]), begin["node"]
    shop = workplace.workshop(config, lambda: datetime.now(UTC), node, database)
    memory.give_back_big_blocks()
    memory.allow(config.limits.worker_memory)
    with building.sole_writer(shop.desk, LOCK_SECONDS):
        with shop.desk.write("begin") as desk:
            handled.forgive(desk, culprit, node)
            handled.free(desk, node)
        Worker(shop, config, answers, Pulse(begin["pulse"])).run(orders)
