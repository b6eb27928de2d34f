"""The tables that say how the desk works: who, when, by which rules. Defaults are the procedure's.

config.example.toml documents every key; a test holds the two together.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from helpdesk.config.secrets import Table
from helpdesk.config.values import (
    AtLeastOne,
    Count,
    Country,
    Host,
    Hours,
    Length,
    LengthOrNone,
    Location,
    MailAddress,
    Name,
    OpeningHours,
    Pattern,
    WebAddress,
    Zone,
)
from helpdesk.model.forms import FieldType
from helpdesk.model.policy import Announce, AssignmentMode, OnBreach, Require, SurveyMode
from helpdesk.model.ticket import Clock

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class DeskTable(Table):
    """`hostname` None: the domain of `address`; `public_url` '': where [web] listens."""

    address: MailAddress = Field(examples=["help@desk.example"])
    name: Name = "Helpdesk"
    list: MailAddress | None = None
    pic: tuple[MailAddress, ...] = ()
    language: Language = "en"
    timezone: Zone = ZoneInfo("UTC")
    hostname: Host | None = None
    public_url: WebAddress = ""
    canned_responses: Location = Path("canned_responses")
    state: Location = Path("var")


class AssignmentTable(Table):
    mode: AssignmentMode = AssignmentMode.ROUND_ROBIN
    claim_window: LengthOrNone = timedelta()
    claim_timeout: Length = timedelta(hours=2)
    claim_lease: LengthOrNone = timedelta()
    lease_clock: Clock = Clock.WORKING_HOURS
    max_open: Count = 0
    announce: Announce = Announce.LIST


class SlaTable(Table):
    first_response: Length = timedelta(hours=24)
    next_response: Length = timedelta(hours=24)
    clock: Clock = Clock.CALENDAR
    remind_at: tuple[Fraction, ...] = (0.5, 0.9)
    on_breach: frozenset[OnBreach] = frozenset(OnBreach)


class FollowUpTable(Table):
    nudge_after: tuple[Length, ...] = (timedelta(hours=24),)
    close_after: Length = timedelta(hours=48)
    clock: Clock = Clock.WORKING_DAYS


class ClosingTable(Table):
    survey: SurveyMode = SurveyMode.AFTER_PIC
    pic_timeout: Length = timedelta(hours=24)
    reopen_for: LengthOrNone = timedelta(days=14)


class CalendarTable(Table):
    working_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    hours: Hours = OpeningHours(time(8), time(16))
    country: Country = ""
    extra_holidays: tuple[date, ...] = ()


class CardsTable(Table):
    """`limit` 0: cards are counted, nobody is suspended."""

    limit: Count = 3
    period: Length = timedelta(days=90)


class CommandsTable(Table):
    undo_for: Length = timedelta(hours=1)


class PromisesTable(Table):
    remind_at: tuple[Fraction, ...] = (0.5, 0.9)


class DigestTable(Table):
    operators: bool = True


class TrustTable(Table):
    require: Require = Require.VERIFIED
    authserv_ids: tuple[Name, ...] = ()
    border: tuple[Name, ...] = ()
    strips_forged: bool = False
    check_dkim: bool = False


class PersonTable(Table):
    name: Name = Field(examples=["Rina"])
    address: MailAddress = Field(examples=["rina@staff.example"])
    aliases: tuple[MailAddress, ...] = ()


class ThirdPartyTable(Table):
    name: Name = Field(examples=["rooster"])
    address: MailAddress = Field(examples=["tickets@rooster.example"])
    form: Name | None = None


class EscalationTable(Table):
    answer_within: Length = timedelta(hours=48)
    remind_at: tuple[Fraction, ...] = (0.5,)
    clock: Clock = Clock.WORKING_DAYS


class MatchTable(Table):
    """How a form's mail is recognised; all that are given must hold."""

    from_: MailAddress | None = Field(default=None, alias="from")
    to: MailAddress | None = None
    subject: Pattern | None = None
    list: Name | None = None


class FormFieldTable(Table):
    name: Name = Field(examples=["email"])
    labels: tuple[Name, ...] = ()
    type: FieldType = FieldType.TEXT
    required: bool = False
    choices: tuple[Name, ...] = ()


class FormTable(Table):
    name: Name = Field(examples=["offline"])
    match: MatchTable = MatchTable()
    reply_to_field: str | None = None
    rounds: AtLeastOne = 3
    distribute_to: tuple[Name, ...] = ()
    expected_in: Length | None = None
    expected_field: str | None = None
    fields: tuple[FormFieldTable, ...] = ()
