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
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from helpdesk.daemon import building, logs, pipe
from helpdesk.decide.parked import trouble_notice
from helpdesk.flow.apply import write_letter
from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.flow.send import LEASE
from helpdesk.flow.settle import settle
from helpdesk.flow.workshop import Workshop
from helpdesk.store import deadlines, handled, outbox

CPU_SECONDS = 5
ADDRESS_SPACE = 1024**3
LOCK_SECONDS = 15.0
"""The worker of a desk that was killed may still be in its last transaction: so long we wait for it."""

_log = structlog.get_logger()


class Worker:
    """Carries out orders one by one."""

    def __init__(self, shop: Workshop, config_file: Path, answers: BinaryIO) -> None:
        self._shop = shop
        self._config_file = config_file
        self._answers = answers
        self._owner = f"worker-{os.getpid()}"
        self._troubles: tuple[str, ...] = ()
        shop.beat = self._beat
        self._orders: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": self._ping,
            "intake": lambda order: take_in(self._shop, order["limit"]),
            "ring": lambda _: ring(self._shop),
            "claim": self._claim,
            "settle": self._settle,
            "reload": self._reload,
        }

    def run(self, orders: BinaryIO) -> None:
        """Work until standard input ends (the front has gone) or the order `stop` comes."""
        for line in orders:
            order = pipe.read(line)
            if order["do"] == "stop":
                self._say({"id": order["id"], "done": True})
                return
            self._carry_out(order)

    def _carry_out(self, order: dict[str, Any]) -> None:
        self._beat(None)
        try:
            answer = {"id": order["id"], "done": self._orders[order["do"]](order), **self._alarms()}
        except Exception as error:  # noqa: BLE001 - the rim of the loop: the next order may be fine
            _log.exception("order_failed", action="order_failed", order=order["do"])
            answer = {"id": order["id"], "error": type(error).__name__}
        self._say(answer)

    def _alarms(self) -> dict[str, Any]:
        """When the front must wake us next."""
        with self._shop.desk.read() as desk:
            ring_at, send_at = deadlines.next_due_at(desk), outbox.next_attempt_at(desk)
        return {"ring_at": pipe.from_moment(ring_at), "send_at": pipe.from_moment(send_at)}

    def _claim(self, order: dict[str, Any]) -> list[pipe.Message]:
        with self._shop.desk.write() as desk:
            letters = outbox.claim(desk, order["limit"], self._shop.clock(), LEASE, self._owner)
        return [pipe.from_letter(letter) for letter in letters]

    def _settle(self, order: dict[str, Any]) -> bool:
        settle(self._shop, [(letter, pipe.to_outcomes(outcomes)) for letter, outcomes in order["letters"]])
        return True

    def _ping(self, _: dict[str, Any]) -> bool:
        """Show that the desk works, and look after the canned responses while at it."""
        self._shop.library.refresh()
        self._tell_troubles()
        return True

    def _tell_troubles(self) -> None:
        """A canned response that is not live is told to PIC once, until something about it changes."""
        troubles = tuple(str(problem) for problem in self._shop.library.problems)
        if troubles and troubles != self._troubles:
            _log.error("canned_broken", action="canned_broken", problems=len(troubles))
            text = "Canned responses that do not go live (the last good ones are used):\n\n" + "\n".join(
                troubles
            )
            with self._shop.desk.write() as desk:
                for draft in trouble_notice(text, self._shop.policy):
                    write_letter(self._shop, desk, draft, self._shop.clock())
        self._troubles = troubles

    def _reload(self, _: dict[str, Any]) -> bool:
        config = building.load(self._config_file)
        self._shop.policy = building.policy(config)
        self._shop.library = building.library(config, self._shop.policy)
        self._shop.retry_for = config.send.retry_for
        return True

    def _beat(self, spool_id: int | None) -> None:
        allow_cpu(CPU_SECONDS)
        self._say({"beat": spool_id})

    def _say(self, message: pipe.Message) -> None:
        self._answers.write(pipe.write(message))
        self._answers.flush()


def allow_cpu(seconds: int) -> None:
    """From now on this process may use so much CPU before the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def main() -> None:
    """`python -m helpdesk.daemon.worker CONFIG_FILE CULPRIT`: started by the front, never by hand.

    CULPRIT is the inbox row that killed the last worker, or '-'.
    """
    config_file = Path(sys.argv[1])
    culprit = None if sys.argv[2] == "-" else int(sys.argv[2])
    # Ctrl-C and SIGTERM are the front's affair: it stops us when our work is done
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logs.configure()
    config = building.load(config_file)
    shop = building.workshop(config, lambda: datetime.now(UTC))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not garble the answers
    with building.sole_writer(shop.desk, LOCK_SECONDS):
        with shop.desk.write() as desk:
            handled.forgive(desk, culprit)
            outbox.end_leases(desk)
        Worker(shop, config_file, answers).run(sys.stdin.buffer)


if __name__ == "__main__":
    main()
