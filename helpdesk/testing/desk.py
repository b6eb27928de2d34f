"""A whole desk with its people, in one process: real stores, real letters, a clock that leaps.

    desk = Desk(folder)
    desk.anne.asks("My order", "Where is it?")
    desk.passes(hours=3)
    desk.bart.answers("It is on its way.")

Mail goes through the real spool, parser, procedure and outbox; only the network and time are played.
Every letter lands in the mailbox of whoever it was sent to; the mailing list hands its posts on to
the operators and, as real lists do, back to the desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.decide.daily import next_at
from helpdesk.decide.seen import Seen
from helpdesk.flow import presence
from helpdesk.flow.alarms import look
from helpdesk.flow.confirming import ask_waiting
from helpdesk.flow.daily import report_if_due
from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.flow.settle import settle
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter
from helpdesk.model.people import Person
from helpdesk.model.policy import Caps, Policy, WorkCalendar
from helpdesk.model.signing import Signer
from helpdesk.model.ticket import Entry, Ticket
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.store import deadlines, downtimes, inbox, journal, outbox, tickets
from helpdesk.store.handled import Handled
from helpdesk.store.handled import load as load_handled
from helpdesk.store.journal import Journalled
from helpdesk.store.marks import Unsettled
from helpdesk.store.session import Database
from helpdesk.testing.clock import Clock
from helpdesk.testing.letters import Letter
from helpdesk.testing.mailing_list import MailingList
from helpdesk.testing.scenario_people import Player
from helpdesk.testing.stores import open_store

ADDRESS = "help@desk.example"
LIST = "milis@lists.example"
PIC = "pic@desk.example"
_ALWAYS = 10_000


def policy(**changes: object) -> Policy:
    """The desk of the scenarios: Jakarta, Monday to Friday, bart and cate, dora in charge.

    Its customers may ask as often as they like; scenarios about that say so.
    """
    plain = Policy(
        name="iDuHelp!",
        address=ADDRESS,
        calendar=WorkCalendar(ZoneInfo("Asia/Jakarta"), holidays=frozenset({date(2026, 3, 19)})),
        list_address=LIST,
        pic_addresses=(PIC,),
        languages=("en", "id", "el", "tl"),
        public_url="http://127.0.0.1:8080",
        operators=(Person("Bart", "bart@staff.example"), Person("Cate", "cate@staff.example")),
        pics=(Person("Dora", "dora@staff.example"),),
        caps=Caps(per_address=1000, per_domain=1000, in_all=1000),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@cache
def _library(rules: Policy) -> Library:
    """The shipped canned responses; they are compiled once for all desks with these rules."""
    return Library(shipped_folder(), rules)


class Desk:
    """The desk and everybody around it. `fails` maps an address to the outcome its letters meet.

    `url` is that of an empty database on a server; without one its stores are files in `folder`.
    `direct_first`: what goes to the list and to the desk reaches the desk directly before the list's copy.
    `daily`: PIC get the daily report; most scenarios are about other letters.
    """

    daily = False

    def __init__(
        self,
        folder: Path,
        rules: Policy | None = None,
        now: datetime | None = None,
        *,
        url: str | None = None,
    ) -> None:
        self.folder = folder
        self.url = url
        self.policy = rules or policy()
        self.clock = Clock(now) if now else Clock()
        self.sent: list[Letter] = []
        self.fails: dict[str, Outcome] = {}
        self.list = MailingList(LIST)
        self.direct_first = False
        self._serial = 0
        self._lived_until: datetime | None = None
        self.anne = Player(self, "Anne", "anne@customer.example")
        self.bart = Player(self, "Bart", "bart@staff.example")
        self.cate = Player(self, "Cate", "cate@staff.example")
        self.dora = Player(self, "Dora", "dora@staff.example", (PIC,))
        self.people = [self.anne, self.bart, self.cate, self.dora]
        self.shop = self._open()

    @property
    def address(self) -> str:
        return ADDRESS

    def restart(self) -> None:
        """The power comes back: everything in memory is gone, the files are what they are."""
        self.close()
        self.shop = self._open()
        self.run()

    def change_rules(self, **changes: object) -> None:
        """The admin changes the configuration and restarts."""
        self.policy = replace(self.policy, **changes)  # type: ignore[arg-type]
        self.restart()

    def close(self) -> None:
        self.shop.desk.close()
        self.shop.spool.close()

    def stranger(self, address: str, name: str = "") -> Player:
        """Somebody else with a mail program, whom nobody knows."""
        self.people.append(Player(self, name, address))
        return self.people[-1]

    def post(self, message: EmailMessage | bytes, sender: str, road: Road = Road.SMTP) -> int:
        """Somebody sends a mail; the desk works until nothing is left to do. Return its inbox row."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        everybody = Letter(raw).to + Letter(raw).cc
        row = 0
        if LIST in everybody and not self.direct_first:
            row = self._list_hands_on(raw, sender)
        own = tuple(a for a in everybody if self.policy.is_own(a))
        if own or LIST not in everybody:
            row = self.receive(raw, sender, own or (ADDRESS,), road)
        if LIST in everybody and self.direct_first:
            row = self._list_hands_on(raw, sender)
        for person in self.people:
            if set(person.reads) & set(everybody):
                person.mailbox.append(Letter(raw, sender, person.reads))
        self.run()
        return row

    def receive(
        self, raw: bytes, sender: str | None, recipients: tuple[str, ...], road: Road = Road.SMTP
    ) -> int:
        """Put a mail into the spool, as the listener does; nothing is worked on yet."""
        arrival = Arrival(raw=raw, road=road, received_at=self.clock(), sender=sender, recipients=recipients)
        return self.arrive(arrival)

    def arrive(self, arrival: Arrival) -> int:
        with self.shop.spool.write() as spool:
            return inbox.append(spool, [arrival])[0]

    def votes(self, number: int, score: int, comment: str = "") -> None:
        """The customer sends the survey page."""
        raw = f'{{"number": {number}, "score": {score}, "comment": "{comment}"}}'.encode()
        self.arrive(Arrival(raw=raw, road=Road.WEB, received_at=self.clock(), kind=Happening.VOTE))
        self.run()

    def run(self) -> None:
        """Take in, ring and send until all is quiet at this instant."""
        self._show_presence()
        for _ in range(_ALWAYS):
            reported = self.daily and report_if_due(self.shop)
            if not (take_in(self.shop) + ring(self.shop) + self._send() + reported):
                return
        raise AssertionError("the desk never comes to rest")

    def looks(self, **seen: Any) -> list[str]:
        """The desk looks after itself, having `seen` (flow.alarms.Seen) more; return the alarms that stand."""
        ask_waiting(self.shop)
        standing = look(self.shop, Seen(**seen))
        self.run()
        return standing

    def passes(self, **span: float) -> None:
        """Let time pass, the desk at work; the clock stops at every instant at which something is due."""
        end = self.clock() + timedelta(**span)
        for _ in range(_ALWAYS):
            due = self.next_alarm()
            if due is None or due > end:
                self.clock.now = self._lived_until = end
                return
            self.clock.now = self._lived_until = max(due, self.clock.now)
            self.run()
        raise AssertionError("time never passes: something is always due")

    def _show_presence(self) -> None:
        """As the worker does every few seconds, also while time passed."""
        if self._lived_until:
            with self.shop.desk.write() as desk:
                downtimes.show(desk, self._lived_until)
            self._lived_until = None
        presence.show(self.shop)

    def next_alarm(self) -> datetime | None:
        with self.shop.desk.read() as desk:
            alarms = [deadlines.next_due_at(desk), outbox.next_attempt_at(desk)]
        if self.daily:
            alarms.append(next_at(self.clock(), self.policy.calendar))
        return min((a for a in alarms if a), default=None)

    def ticket(self, number: int = 1) -> Ticket:
        with self.shop.desk.read() as desk:
            ticket = tickets.load(desk, number)
        assert ticket is not None, f"there is no ticket {number}"
        return ticket

    def newest(self) -> Ticket:
        with self.shop.desk.read() as desk:
            return self.ticket(tickets.next_number(desk) - 1)

    def entries(self, number: int = 1) -> list[Entry]:
        with self.shop.desk.read() as desk:
            return tickets.entries(desk, number)

    def lines(self, number: int = 1) -> list[Journalled]:
        """The ticket's history, oldest first."""
        with self.shop.desk.read() as desk:
            return journal.of_ticket(desk, number)

    def history(self, number: int = 1) -> list[str]:
        """The names of what happened to the ticket."""
        return [line.event for line in self.lines(number)]

    def outcome(self, row: int) -> Handled:
        """What became of an inbox row."""
        with self.shop.desk.read() as desk:
            found = load_handled(desk, row)
        assert found is not None, f"inbox row {row} is not handled"
        return found

    def letters(self, name: str) -> list[Letter]:
        return [letter for letter in self.sent if letter.name == name]

    def _open(self) -> Workshop:
        spool, desk = self.database("spool"), self.database("helpdesk")
        open_store(spool, "spool")
        open_store(desk, "desk")
        return Workshop(
            spool=spool,
            desk=desk,
            policy=self.policy,
            library=_library(self.policy),
            signer=Signer(b"s" * 32, self.policy.address),
            clock=self.clock,
            random_hex=self._random_hex,
            chance=lambda: 0.5,
            retry_for=timedelta(days=5),
            node="node 1",
        )

    def database(self, name: str) -> Database:
        return Database(self.url_of(name))

    def url_of(self, name: str) -> str:
        """On a server spool and desk are one database."""
        return self.url or f"sqlite:///{self.folder / name}.db"

    def _random_hex(self) -> str:
        self._serial += 1
        return f"{self._serial:032x}"

    def _send(self) -> int:
        with self.shop.desk.write() as desk:
            queued = outbox.claim(desk, 100, self.clock(), timedelta(minutes=1), self.shop.node)
        for letter in queued:
            settle(self.shop, [Unsettled(letter.id, self.shop.node, self._deliver(letter))])
        return len(queued)

    def _deliver(self, queued: QueuedLetter) -> Mapping[str, Outcome]:
        outcomes = {r: self.fails.get(r, Accepted("250 2.0.0 Ok")) for r in queued.recipients}
        arrived = tuple(r for r, outcome in outcomes.items() if isinstance(outcome, Accepted))
        if arrived:
            letter = Letter(queued.raw, queued.sender, arrived)
            self.sent.append(letter)
            for person in self.people:
                if set(person.reads) & set(arrived):
                    person.mailbox.append(letter)
            if LIST in arrived:
                self._list_hands_on(queued.raw, queued.sender)
        return outcomes

    def _list_hands_on(self, raw: bytes, sender: str) -> int:
        """The list sends a post to its subscribers: the operators and the desk itself."""
        copy = self.list.copy(raw)
        for person in (self.bart, self.cate):
            if person.address != sender:
                person.mailbox.append(Letter(copy, self.list.bounces, (person.address,)))
        return self.receive(copy, self.list.bounces, (ADDRESS,))
