"""The rules of one desk, as the configuration states them. Built by `helpdesk.config`, read everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from zoneinfo import ZoneInfo

from helpdesk.model.forms import Escalating, Form, ThirdParty
from helpdesk.model.people import Person
from helpdesk.model.ticket import Clock


class AssignmentMode(StrEnum):
    ROUND_ROBIN = "round_robin"
    CLAIM = "claim"


class Announce(StrEnum):
    LIST = "list"
    EACH = "each"


class SurveyMode(StrEnum):
    AFTER_PIC = "after_pic"
    AT_ONCE = "at_once"
    AFTER_TIMEOUT = "after_timeout"


class OnBreach(StrEnum):
    YELLOW_CARD = "yellow_card"
    NOTIFY_PIC = "notify_pic"
    REASSIGN = "reassign"


class Require(StrEnum):
    VERIFIED = "verified"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When the desk works. `working_days` holds weekday numbers, Monday = 0; `holidays` are days off."""

    timezone: ZoneInfo
    working_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    opens: time = time(8)
    closes: time = time(16)
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    mode: AssignmentMode = AssignmentMode.ROUND_ROBIN
    claim_window: timedelta = timedelta()
    claim_timeout: timedelta = timedelta(hours=2)
    claim_lease: timedelta = timedelta()
    lease_clock: Clock = Clock.WORKING_HOURS
    max_open: int = 0
    announce: Announce = Announce.LIST


@dataclass(frozen=True, slots=True)
class Sla:
    first_response: timedelta = timedelta(hours=24)
    next_response: timedelta = timedelta(hours=24)
    clock: Clock = Clock.CALENDAR
    remind_at: tuple[float, ...] = (0.5, 0.9)
    on_breach: frozenset[OnBreach] = frozenset(OnBreach)


@dataclass(frozen=True, slots=True)
class FollowUp:
    nudge_after: tuple[timedelta, ...] = (timedelta(hours=24),)
    close_after: timedelta = timedelta(hours=48)
    clock: Clock = Clock.WORKING_DAYS


@dataclass(frozen=True, slots=True)
class Closing:
    survey: SurveyMode = SurveyMode.AFTER_PIC
    pic_timeout: timedelta = timedelta(hours=24)
    reopen_for: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Cards:
    limit: int = 3
    period: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Caps:
    """Automatic letters to customers that their own mail causes (MAIL_RULES 2.4, F13); beyond them none is written.

    `per_address` in 24 hours, `per_known_address` (the mail proved that it is theirs), `per_domain` and `in_all` in
    an hour. `loop_mails` of one address in ten minutes mute it. `reopenings` of one ticket in an hour (T35).
    """

    per_address: int = 1
    per_known_address: int = 10
    per_domain: int = 30
    in_all: int = 300
    loop_mails: int = 5
    reopenings: int = 5


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word about a sender counts. `authserv_ids` and `border` are in lower case.

    `border`: patterns of the hosts whose Received fields are our own servers'; `own_servers` may hand mail in.
    `strips_forged`: the border takes out the Authentication-Results fields that strangers write in its name.
    `proxies`: balancers before the listener. What comes from their own address may come from anybody.
    """

    require: Require = Require.VERIFIED
    authserv_ids: tuple[str, ...] = ()
    border: tuple[str, ...] = ()
    own_servers: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    strips_forged: bool = False


@dataclass(frozen=True, slots=True)
class Commands:
    """`undo_for`: how long `#undo` may take the last step back."""

    undo_for: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Promises:
    """When the operator is reminded of a date that the customer was told: fractions of the working hours left."""

    remind_at: tuple[float, ...] = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Digest:
    """Do operators get their tickets by mail when a working day opens?"""

    operators: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything `decide` may know about the desk. Addresses are lower case.

    `list_address` and `pic_addresses` get copies; `pics` are the people who may act.
    """

    name: str
    address: str
    calendar: WorkCalendar
    list_address: str | None = None
    pic_addresses: tuple[str, ...] = ()
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    public_url: str = ""
    assignment: Assignment = field(default_factory=Assignment)
    sla: Sla = field(default_factory=Sla)
    follow_up: FollowUp = field(default_factory=FollowUp)
    closing: Closing = field(default_factory=Closing)
    cards: Cards = field(default_factory=Cards)
    caps: Caps = field(default_factory=Caps)
    promises: Promises = field(default_factory=Promises)
    trust: Trust = field(default_factory=Trust)
    commands: Commands = field(default_factory=Commands)
    digest: Digest = field(default_factory=Digest)
    operators: tuple[Person, ...] = ()
    pics: tuple[Person, ...] = ()
    forms: tuple[Form, ...] = ()
    third_parties: tuple[ThirdParty, ...] = ()
    escalation: Escalating = field(default_factory=Escalating)

    def operator(self, address: str | None) -> Person | None:
        """The operator who writes from this address, or None."""
        return next((p for p in self.operators if address and p.writes_from(address)), None)

    def pic(self, address: str | None) -> Person | None:
        """The PIC who writes from this address, or None. A shared PIC address is a PIC too, called so."""
        shared = (Person("PIC", a) for a in self.pic_addresses)
        return next((p for p in (*self.pics, *shared) if address and p.writes_from(address)), None)

    def is_inside(self, address: str) -> bool:
        """Does it belong to the desk: its own address, its list, its people?"""
        known = self.operator(address) or self.pic(address)
        return bool(known) or self.is_own(address) or address.lower() == self.list_address

    def form(self, name: str | None) -> Form | None:
        return next((one for one in self.forms if one.name == name), None)

    def third_party(self, name: str) -> ThirdParty | None:
        """The third party of this name; letter case does not matter."""
        return next((one for one in self.third_parties if one.name.casefold() == name.casefold()), None)

    def is_own(self, address: str) -> bool:
        """Is this the desk itself, with or without a +token? ASCII only: a look-alike is not (T33)."""
        local, _, domain = self.address.partition("@")
        theirs, _, where = address.lower().partition("@")
        return address.isascii() and where == domain and theirs.split("+", 1)[0] == local
