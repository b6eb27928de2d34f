"""What is left after a scenario: the postman's ledger, the sink's book, spool, desk and logs, read once.

Works on SQLite and on PostgreSQL. Nothing is judged here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from helpdesk.store.schema import (
    ENTRY,
    HANDLED,
    INBOX,
    JOURNAL,
    MARK,
    OUTBOX,
    OUTBOX_RECIPIENT,
    TICKET,
)
from helpdesk.store.session import Database
from helpdesk.testing.chaos.mails import Mail
from helpdesk.testing.chaos.sink import Copy, bare_id
from helpdesk.testing.chaos.soundness import unsound
from helpdesk.testing.letters import Letter

_CANARY = re.compile(rb"canary[0-9a-f]{12}")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A letter as its readers got it, copies told once."""

    message_id: str
    name: str
    ticket: int
    recipients: tuple[str, ...]
    canaries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outside:
    """What everybody but the desk knows. `keys` are the dedupe keys of the copies of each mail, by its
    Message-ID; `secrets` may stand in no log; `announced` are errors in it that the scene makes on purpose.
    `bad_wires`: what was said on either side of the desk may not have come to the other."""

    posted: Sequence[Mail]
    keys: Mapping[str, Set[str]]
    ledger: Sequence[Row]
    copies: Sequence[Copy]
    letters: Sequence[Letter]
    logs: Sequence[Path]
    secrets: Sequence[str] = ()
    announced: Set[str] = frozenset()
    bad_wires: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """`drained` is in seconds; `files` and `files_before` are open ones. None: not measured."""

    drained: float | None = None
    rss: int | None = None
    files: int | None = None
    files_before: int | None = None


@dataclass(slots=True)
class Evidence:
    """`rows_of` maps a dedupe key to its inbox rows, `copies_of` a Message-ID to what the sink took of it."""

    outside: Outside
    measured: Measured
    is_server: bool
    inbox: dict[int, Row] = field(default_factory=dict)
    handled: dict[int, Row] = field(default_factory=dict)
    tickets: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    journal: list[Row] = field(default_factory=list)
    outbox: dict[int, Row] = field(default_factory=dict)
    recipients: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    loose_lines: list[str] = field(default_factory=list)
    rows_of: dict[str, list[int]] = field(default_factory=dict)
    copies_of: dict[str, list[Copy]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def acks(self, mail: Mail) -> Counter[str]:
        """How often each road took it."""
        return self._acks.get(mail.message_id, Counter())

    def rows(self, mail: Mail) -> list[int]:
        """The inbox rows that brought a copy of it."""
        keys = self.outside.keys[mail.message_id]
        return sorted(row for key in keys for row in self.rows_of.get(key, ()))

    def effective(self, mail: Mail) -> list[Row]:
        """Finished rows of this mail that were not put aside as duplicates."""
        rows = [self.handled[number] for number in self.rows(mail) if number in self.handled]
        return [row for row in rows if row["state"] != "taken" and row["outcome"] != "duplicate"]

    @property
    def _acks(self) -> Mapping[str, Counter[str]]:
        if not self._counted:
            for line in self.outside.ledger:
                if "acked" in line:
                    self._counted.setdefault(line["acked"], Counter())[line["road"]] += 1
        return self._counted

    _counted: dict[str, Counter[str]] = field(default_factory=dict)


def gather(spool: Database, desk: Database, outside: Outside, measured: Measured | None = None) -> Evidence:
    """Read everything. The daemon may be running, but must have come to rest."""
    found = Evidence(outside, measured or Measured(), not desk.is_sqlite)
    with spool.read() as connection:
        found.inbox = {row["id"]: row for row in _rows(connection, INBOX, but=("raw",))}
        found.marks = _rows(connection, MARK)
        found.unsound += unsound(connection)
    with desk.read() as connection:
        found.handled = {row["spool_id"]: row for row in _rows(connection, HANDLED)}
        found.tickets, found.entries = _rows(connection, TICKET), _rows(connection, ENTRY)
        found.journal, found.recipients = _rows(connection, JOURNAL), _rows(connection, OUTBOX_RECIPIENT)
        found.outbox = {row["id"]: row for row in _letters(connection)}
        found.unsound += unsound(connection) if desk.is_sqlite else []  # a server has both in one database
    found.rows_of = _grouped((row["dedupe_key"], number) for number, row in found.inbox.items())
    found.copies_of = _grouped((copy.message_id, copy) for copy in outside.copies)
    found.seen = _seen(outside.letters)
    for log in outside.logs:
        _read_log(found, log)
    return found


def _rows(connection: Connection, table: Table, but: tuple[str, ...] = ()) -> list[Row]:
    columns = [column for column in table.c if column.name not in but]
    query = select(*columns).order_by(*table.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def _letters(connection: Connection) -> list[Row]:
    """The outbox with the hash of each letter in place of its bytes."""
    query = select(OUTBOX).order_by(OUTBOX.c.id).execution_options(yield_per=500)
    return [
        {**row, "raw": None, "sha256": hashlib.sha256(bytes(row["raw"])).hexdigest()}
        for row in connection.execute(query).mappings()
    ]


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)


def _seen(letters: Sequence[Letter]) -> list[Seen]:
    seen: dict[tuple[str, tuple[str, ...]], Seen] = {}
    for letter in letters:
        found = frozenset(one.decode() for one in _CANARY.findall(letter.raw))
        one = Seen(bare_id(letter), letter.name, letter.ticket, letter.recipients, found)
        seen[one.message_id, one.recipients] = one
    return list(seen.values())


def _read_log(found: Evidence, log: Path) -> None:
    for line in log.read_text(errors="replace").splitlines():
        try:
            found.events.append(json.loads(line))
        except ValueError:
            found.loose_lines.append(line)
