"""A desk worker that does not remember which mails it has seen: the planted bug "no dedupe" (see `chaos.faulty`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, update

from helpdesk.daemon import worker
from helpdesk.store.schema import HANDLED
from helpdesk.store.session import Database


class Forgetful(Database):
    """Whatever would tell a copy from a new mail is wiped out at each commit."""

    @contextmanager
    def write(self, what: str = "write") -> Iterator[Connection]:
        with super().write(what) as connection:
            yield connection
            if what == "intake":
                connection.execute(update(HANDLED).values(dedupe_key="", message_id=None))


def main() -> None:
    worker.main(Forgetful)
