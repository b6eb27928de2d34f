"""A story of what a desk does when something will not work: mails are parked, deadlines put off, PIC told, days pass.

The desk stumbles by triggers in its own database: three mails can never become tickets, and three claims cannot be
granted until the triggers are gone. Then the days go by on its clocks, and PIC get their reports.

    run(folder, "before park:1", **on_a_bad_day(folder))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from helpdesk.daemon.limits import Limits
from helpdesk.store import occasions
from helpdesk.store.schema import ALARM, HANDLED, OCCASION
from helpdesk.store.session import Database
from helpdesk.testing.chaos.mails import HOPELESS, LATE, Mail
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.clockshim import ClockShim

_BART, _PIC = "bart@staff.example", "pic@desk.example"
_EACH = 3
_DAYS = timedelta(days=4)
"""However the week lies, a working day opens within them."""
_PUT_OFF = timedelta(minutes=6)
_HASTE = Limits(pulse=0.5, look=0.5, deadline_alarm=1.0)
_STUMBLES = {
    "unreadable": f"BEFORE INSERT ON ticket WHEN NEW.subject LIKE '{HOPELESS}%'",
    "awkward": "BEFORE DELETE ON deadline WHEN OLD.kind = 'claim_window' AND"
    f" (SELECT subject FROM ticket WHERE number = OLD.ticket) LIKE '{LATE}%'",
}
TOLD = {"parked": 1, "alarm": 1, "daily_report": 2}
"""How many letters of these names the day brings, whatever dies in it."""


def on_a_bad_day(folder: Path) -> dict[str, Any]:
    """What `points.run` must be told to play it."""
    shim = ClockShim(folder / "shim")
    return {
        "play": partial(bad_day, shim=shim),
        "environ": shim.environ,
        "pace": _HASTE,
        "announced": {"intake_failed", "deadline_failed", "alarm"},
    }


def bad_day(around: Range, shim: ClockShim) -> None:
    """Returns when the last letter of the story has come. Raises TimeoutError when one does not come."""
    around.letter("acknowledgement", _posted(around, around.writers.question()).sender)
    with around.databases() as (_, desk):
        # it is to die at this before it dies at the rest
        around.wait_for(lambda: _knows_where_its_reports_begin(desk), "the first look at the day")
        with _stumbling(desk):
            _park(around, desk)
            late = _put_off(around, desk)
            around.letter("alarm", _PIC)
        _go_by(around, shim, _PUT_OFF)
        for mail in late:
            around.letter("assigned", mail.sender)
        _wait_for(around, desk, ALARM.c.name.like("deadline%"), 0)
        for report in (1, 2):
            _go_by(around, shim, _DAYS)
            around.letter("daily_report", _PIC, which=report)


def _knows_where_its_reports_begin(desk: Database) -> bool:
    with desk.read() as connection:
        return occasions.told(connection) is not None


def _park(around: Range, desk: Database) -> None:
    for number in range(1, _EACH + 1):
        _posted(around, around.writers.hopeless())
        _wait_for(around, desk, HANDLED.c.state == "parked", number)


def _put_off(around: Range, desk: Database) -> list[Mail]:
    """Bart claims three tickets, and will not get them yet."""
    late = []
    for number in range(1, _EACH + 1):
        late.append(_posted(around, around.writers.question(LATE)))
        _posted(around, around.writers.claim(around.letter("new_ticket", _BART, which=1 + number)))
        _wait_for(around, desk, OCCASION.c.name.like("deadline_failed%"), number)
    return late


@contextmanager
def _stumbling(desk: Database) -> Iterator[None]:
    with desk.write("stumble") as connection:
        for name, when in _STUMBLES.items():
            stumble = f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'stumbled'); END"
            connection.execute(text(stumble))
    yield
    with desk.write("walk on") as connection:
        for name in _STUMBLES:
            connection.execute(text(f"DROP TRIGGER {name}"))


def _go_by(around: Range, shim: ClockShim, span: timedelta) -> None:
    """A letter that is on its way meanwhile would count as lost for so long."""
    around.drain()
    shim.passes(span)


def _wait_for(around: Range, desk: Database, which: ColumnElement[bool], number: int) -> None:
    """Until there are so many of these rows."""

    def is_so() -> bool:
        with desk.read() as connection:
            return connection.scalar(select(func.count()).where(which)) == number

    around.wait_for(is_so, f"{number} rows with {which}")


def _posted(around: Range, mail: Mail) -> Mail:
    around.postman.post(mail)
    return mail
