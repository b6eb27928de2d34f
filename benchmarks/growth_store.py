"""A store as a desk of many years has it: tickets, five entries each, deadlines that wait, letters, history.

    python benchmarks/growth_store.py URL [--tickets 1000000] [--deadlines 200000] [--seed 1]

URL is that of an empty store: "sqlite:////dev/shm/growth/helpdesk.db" (the spool lies beside it) or
"postgresql+psycopg://..." (on a server that lets `postgres` in). The same seed makes the same store.

Filled as the desk would: inbox, handled, ticket (a tenth of them not closed), entry, message_id, deadline, turn,
outbox (one letter for each ticket) with its recipients, greeting (of the last days), words with their index. Not
filled: the journal has three lines for each ticket, but no changes and no hashes (`helpdesk audit` would say so;
making them takes longer than all the rest), and there are no cards, absences, consents or promises. Texts are 15
words of a vocabulary as skewed as a language's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from rich.progress import Progress

from helpdesk.store import migrate
from helpdesk.store.schema import DESK, SPOOL
from helpdesk.store.search import rebuild
from helpdesk.store.session import Database, spool_url

OPERATORS = tuple(f"operator{number}@staff.example" for number in range(10))
DESK_ADDRESS = "help@desk.example"
ENTRIES = 5
WORDS_IN_TEXT = 15
_AT_ONCE = 2000
_TEXTS = 20_000
_VOCABULARY = 60_000
_SYLLABLES = "ka ri no pa le mu to si ba de fo gu hi jo lu me ne os pi ra su ti um vo we".split()
_MINUTE = timedelta(minutes=1)

_SEQUENCES = """
SELECT pg_get_serial_sequence(quote_ident(table_name), column_name) AS name, table_name, column_name
FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ANY(%s)
AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""

Rows = dict[str, list[tuple[Any, ...]]]

COLUMNS = {
    "inbox": "id kind road received_at sender recipients mailbox peer dedupe_key raw",
    "ticket": "number version subject customer_name customer_address created_at updated_at status waiting_for "
    "operator queue language first_response_at answered_at solved_at closed_at acknowledged participants "
    "thread fields tags journal_head",
    "entry": "id ticket at kind sender_name sender_address recipients subject text message_id attachments spool_id",
    "message_id": "message_id ticket public",
    "deadline": "ticket kind due_at started_at allowed clock step",
    "handled": "spool_id state attempts batch outcome reason ticket message_id dedupe_key sender road at",
    "outbox": "id ticket letter audience to_addresses cc_addresses subject message_id sender state attempts "
    "created_at tried_since sent_at raw",
    "outbox_recipient": "letter_id recipient state reply settled_at",
    "journal": "ticket at event by reason reasons status_before status_after changes hash",
    "turn": "number ticket operator how at",
    "greeting": "address domain letter verified withheld at",
    "words": "ticket entry words",
}


class Words:
    """A vocabulary in which the n-th word is said about 1/n as often as the first, and texts made of it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        syllables = itertools.chain.from_iterable(
            map("".join, itertools.product(_SYLLABLES, repeat=length)) for length in (2, 3, 4)
        )
        self.all = list(itertools.islice(syllables, _VOCABULARY))
        self._random.shuffle(self.all)
        weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(_VOCABULARY)))
        self.texts = [
            self._random.choices(self.all, cum_weights=weights, k=WORDS_IN_TEXT) for _ in range(_TEXTS)
        ]


class Maker:
    """Rows of tickets `first` to `last`; `now` is when the store ends."""

    def __init__(self, tickets: int, deadlines: int, seed: int, now: datetime) -> None:
        self._words = Words(seed)
        self._random = random.Random(seed + 1)
        self._now = now
        self._waiting = min(0.9, deadlines / 2 / tickets)
        self._step = timedelta(days=365 * 3) / tickets
        self._tickets = tickets

    def rows(self, first: int, last: int) -> Rows:
        made: Rows = {table: [] for table in COLUMNS}
        for number in range(first, last + 1):
            self._ticket(made, number)
        return made

    def _ticket(self, made: Rows, number: int) -> None:
        created = self._now - (self._tickets - number + 1) * self._step
        closed = self._random.random() >= self._waiting
        status = "closed" if closed else self._random.choice(("open", "pending"))
        customer = f"anne{number % 300_000}@customer{number % 5000}.example"
        operator = OPERATORS[number % len(OPERATORS)]
        said = self._random.choices(self._words.texts, k=ENTRIES)
        subject = " ".join(said[0][:4]) + f" {number}"
        at = [_iso(created + step * 40 * _MINUTE) for step in range(ENTRIES)]
        made["ticket"].append(
            (
                number, 6, subject, "Anne Example", customer, at[0], at[-1], status,
                "nobody" if closed else "operator" if status == "open" else "customer", operator, "", "en",
                at[2], at[2], at[3] if closed else None, at[4] if closed else None, True, json.dumps([customer]),
                json.dumps([f"{number}@customer.example"]), "{}", "[]", "",
            )
        )  # fmt: skip
        self._entries(made, number, customer, operator, subject, at, said)
        self._mail(made, number, customer, subject, at)
        history = (("created", None, "new"), ("assigned", "new", "open"), ("answered", "open", "pending"))
        for step, (event, before, after) in enumerate(history):
            made["journal"].append(
                (number, at[step], event, operator, "the usual reason", "[]", before, after, "{}", "")
            )
        made["turn"].append((number, number, operator, "round_robin", at[1]))
        if not closed:
            self._deadlines(made, number, status)

    def _entries(self, made: Rows, number: int, customer: str, operator: str, subject: str, at, said) -> None:
        kinds = ("customer", "letter", "operator", "customer", "letter")
        words = {"anne", "example", str(number), *customer.replace("@", ".").split(".")}
        for step, (kind, spoken) in enumerate(zip(kinds, said, strict=True)):
            entry = (number - 1) * ENTRIES + step + 1
            sender = {"customer": customer, "operator": operator, "letter": DESK_ADDRESS}[kind]
            message_id = f"{entry}.{number}@mail.example"
            text = " ".join(spoken) + f" ref{entry}"
            words.update(spoken)
            words.add(f"ref{entry}")
            made["entry"].append(
                (
                    entry, number, at[step], kind, "", sender, "[]", subject, text, message_id, "[]",
                    number if step == 0 else None,
                )
            )  # fmt: skip
            made["message_id"].append((message_id, number, True))
        made["words"].append((number, number * ENTRIES, " ".join(sorted(words))))

    def _mail(self, made: Rows, number: int, customer: str, subject: str, at) -> None:
        key, message_id = f"{number:064x}", f"{(number - 1) * ENTRIES + 1}.{number}@mail.example"
        raw = f"From: {customer}\r\nSubject: {subject}\r\n\r\nshort\r\n".encode()
        made["inbox"].append(
            (number, "mail", "smtp", at[0], customer, json.dumps([DESK_ADDRESS]), "", "127.0.0.1", key, raw)
        )
        made["handled"].append(
            (number, "done", 1, number // 50, "new", "", number, message_id, key, customer, "smtp", at[0])
        )
        to = json.dumps([customer])
        made["outbox"].append(
            (
                number, number, "acknowledgement", "c", to, "[]", subject, f"{number}@desk.example", "", "sent", 1,
                at[0], at[0], at[0], raw,
            )
        )  # fmt: skip
        made["outbox_recipient"].append((number, customer, "accepted", "250 ok", at[0]))
        if number > self._tickets - 20_000:
            domain = customer.partition("@")[2]
            made["greeting"].append((customer, domain, "acknowledgement", True, "", at[0]))

    def _deadlines(self, made: Rows, number: int, status: str) -> None:
        kinds = ("next_response", "reminder") if status == "open" else ("nudge", "auto_close")
        for kind in kinds:
            due = self._now + self._random.uniform(2, 60) * 24 * 60 * _MINUTE
            made["deadline"].append((number, kind, _iso(due), _iso(self._now), 86_400_000_000, "calendar", 0))


def fill(url: str, tickets: int, deadlines: int, seed: int, now: datetime, progress: Progress) -> None:
    """Fill an empty store. Its indexes are made at the end, all at once."""
    desk, spool = Database(url), Database(spool_url(url))
    migrate.upgrade(spool, "spool")
    migrate.upgrade(desk, "desk")
    desk.close()
    spool.close()
    maker = Maker(tickets, deadlines, seed, now)
    task = progress.add_task("filling the store", total=tickets)
    with (_files if desk.is_sqlite else _server)(desk, spool) as write:
        for first in range(1, tickets + 1, _AT_ONCE):
            last = min(tickets, first + _AT_ONCE - 1)
            for table, rows in maker.rows(first, last).items():
                write(table, rows)
            progress.update(task, completed=last)
        task = progress.add_task("making its indexes", total=None)
    if desk.is_sqlite:
        with desk.write() as connection:
            rebuild(connection)
        desk.close()
    progress.update(task, total=1, completed=1)


@contextmanager
def _files(desk: Database, spool: Database) -> Iterator[Any]:
    opened = {database: sqlite3.connect(database.path, isolation_level=None) for database in (desk, spool)}
    made_later = []
    for connection in opened.values():
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql NOT NULL"
        )
        for name, sql in indexes.fetchall():
            connection.execute(f"DROP INDEX {name}")
            made_later.append((connection, sql))

    def write(table: str, rows: list[tuple[Any, ...]]) -> None:
        connection, columns = opened[spool if table in SPOOL.tables else desk], COLUMNS[table].split()
        connection.execute("BEGIN")
        names = ", ".join(f'"{name}"' for name in columns)
        connection.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})', rows
        )
        connection.execute("COMMIT")

    yield write
    for connection, sql in made_later:
        connection.execute(sql)
    for connection in opened.values():
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()


@contextmanager
def _server(desk: Database, _: Database) -> Iterator[Any]:
    """By a superuser, who may leave out the checks of references; on a server of the tests it is called postgres."""
    url = desk.url.set(drivername="postgresql", username="postgres").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        ours = [*SPOOL.tables, *DESK.tables]
        made_later = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE 'ix\\_%%'",
            [ours],
        ).fetchall()
        for name, _sql in made_later:
            connection.execute(f"DROP INDEX {name}")

        def write(table: str, rows: list[tuple[Any, ...]]) -> None:
            names = ", ".join(f'"{name}"' for name in COLUMNS[table].split())
            with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)

        yield write
        for _name, sql in made_later:
            connection.execute(sql)
        for sequence, table, column in connection.execute(_SEQUENCES, [ours]).fetchall():
            highest = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"'
            connection.execute(f"SELECT setval('{sequence}', ({highest}))")
        connection.execute("SELECT setval('ticket_number', (SELECT max(number) FROM ticket))")
        connection.execute("VACUUM ANALYZE")


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--deadlines", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with Progress() as progress:
        fill(
            arguments.url, arguments.tickets, arguments.deadlines, arguments.seed, datetime.now(UTC), progress
        )


if __name__ == "__main__":
    main()
