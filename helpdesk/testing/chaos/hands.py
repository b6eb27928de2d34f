"""Several hands at one outbox: each claims letters, hands them over and books them, in transactions of its own.

For the faults that no daemon can be given: how a claim is made (`claim`) and how a transaction begins
(`database`). What is delivered goes into a book on disk, as at the sink; troubles go into a log.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, update
from sqlalchemy.exc import DBAPIError

from helpdesk.model.outcome import Accepted, QueuedLetter
from helpdesk.store import outbox
from helpdesk.store.marks import Unsettled
from helpdesk.store.migrate import upgrade
from helpdesk.store.schema import OUTBOX
from helpdesk.store.session import Database, StoreError, spool_url
from helpdesk.testing.chaos.evidence import Evidence, Outside, gather
from helpdesk.testing.chaos.records import Records
from helpdesk.testing.chaos.sink import Copy

_AT_ONCE = 3
_LEASE = timedelta(minutes=30)
_LONGEST_HANDOVER_SECONDS = 0.004
_LONGEST_SECONDS = 40.0

Claim = Callable[[Connection, str], Sequence[QueuedLetter]]


def claim(connection: Connection, owner: str) -> Sequence[QueuedLetter]:
    """As the desk does it."""
    return outbox.claim(connection, _AT_ONCE, datetime.now(UTC), _LEASE, owner)


def claim_without_locks(connection: Connection, owner: str) -> Sequence[QueuedLetter]:
    """The planted bug "no SKIP LOCKED": what was free when it was read is taken."""
    free = select(OUTBOX).where(OUTBOX.c.state == "queued").order_by(OUTBOX.c.id).limit(_AT_ONCE)
    letters = connection.execute(free).all()
    for letter in letters:
        values = {"state": "sending", "lease_owner": owner, "lease_until": datetime.now(UTC) + _LEASE}
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == letter.id).values(values))
    return [_as_queued(letter) for letter in letters]


def _as_queued(row: Any) -> QueuedLetter:
    recipients = tuple(row.to_addresses)
    return QueuedLetter(
        row.id, row.sender, recipients, bytes(row.raw), row.message_id, row.letter, row.attempts
    )


class Deferred(Database):
    """The planted bug "deferred BEGIN": a transaction that reads first does not hold the lock when it writes (F8)."""

    @cached_property
    def _writer(self) -> Engine:
        engine = create_engine(self.url)

        def prepare(dbapi_connection: Any, _record: object) -> None:
            dbapi_connection.isolation_level = None
            for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                dbapi_connection.execute(f"PRAGMA {pragma}")

        event.listen(engine, "connect", prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine


class Hands:
    """`number` hands empty an outbox of `letters` at `url`; then `evidence` for the judge."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        letters: int = 60,
        number: int = 3,
        claim: Claim = claim,
        database: Callable[[str], Database] = Database,
    ) -> None:
        self._url, self._claim, self._database = url, claim, database
        self._number, self._letters = number, letters
        self._book, self._log = Records(folder / "book"), Records(folder / "log-0001")
        self._log_file = folder / "log-0001"
        self._together = threading.Barrier(number)

    def run(self) -> Evidence:
        spool, desk = Database(spool_url(self._url)), Database(self._url)
        upgrade(spool, "spool")
        upgrade(desk, "desk")
        self._fill(desk)
        hands = [threading.Thread(target=self._work, args=(f"hand {n}",)) for n in range(self._number)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        evidence = gather(spool, desk, self._outside())
        for one in (spool, desk, self._book, self._log):
            one.close()
        return evidence

    def _fill(self, desk: Database) -> None:
        with desk.write("fill") as connection:
            for n in range(self._letters):
                name = f"letter.{n}@desk.example"
                raw = f"Message-ID: <{name}>\r\nSubject: {n}\r\n\r\nHello\r\n".encode()
                letter = outbox.NewLetter(
                    ticket=None, letter="answer", audience="c", to=(f"anne.{n}@customer.example",), cc=(),
                    subject=str(n), message_id=name, sender="help@desk.example", raw=raw,
                )  # fmt: skip
                outbox.queue(connection, letter, datetime.now(UTC))

    def _work(self, name: str) -> None:
        desk, chance = self._database(self._url), random.Random(name)
        self._together.wait()
        give_up_at = time.monotonic() + _LONGEST_SECONDS
        while self._one_round(desk, name, chance) and time.monotonic() < give_up_at:
            pass
        desk.close()

    def _one_round(self, desk: Database, name: str, chance: random.Random) -> bool:
        try:
            with desk.write("claim") as connection:
                letters = self._claim(connection, name)
            for letter in letters:
                self._deliver(letter, chance)
                self._settle(desk, letter, name)
        except (DBAPIError, StoreError) as trouble:
            self._log.write(action="hand_failed", level="error", error=type(trouble).__name__)
            return True
        return bool(letters) or self._is_open(desk)

    def _deliver(self, letter: QueuedLetter, chance: random.Random) -> None:
        time.sleep(chance.random() * _LONGEST_HANDOVER_SECONDS)
        digest = hashlib.sha256(letter.raw).hexdigest()
        for who in letter.recipients:
            self._book.write(message_id=letter.message_id, recipient=who, sha256=digest, at=time.time())

    def _settle(self, desk: Database, letter: QueuedLetter, name: str) -> None:
        ends = dict.fromkeys(letter.recipients, Accepted("250 ok"))
        with desk.write("settle") as connection:
            outbox.settle(
                connection,
                [Unsettled(letter.id, name, ends)],
                datetime.now(UTC),
                retry_for=timedelta(days=5),
                chance=lambda: 0.0,
            )

    def _is_open(self, desk: Database) -> bool:
        """Does a letter wait that nobody has in hand?"""
        with desk.read() as connection:
            return (
                connection.scalar(select(OUTBOX.c.id).where(OUTBOX.c.state == "queued").limit(1)) is not None
            )

    def _outside(self) -> Outside:
        copies = [Copy(**line, told=True) for line in self._book.read()]
        return Outside(posted=(), keys={}, ledger=(), copies=copies, letters=(), logs=[self._log_file])
