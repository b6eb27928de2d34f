"""The tables as the model's Policy, which is all that `decide` ever sees of the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import get_args

import holidays as public_holidays

from helpdesk.config.root import Root
from helpdesk.config.tables import FormTable, PersonTable, Weekday
from helpdesk.model.forms import Escalating, Form, FormField, FormMatch, ThirdParty
from helpdesk.model.people import Person
from helpdesk.model.policy import (
    Assignment,
    Cards,
    Closing,
    Commands,
    Digest,
    FollowUp,
    Policy,
    Promises,
    Sla,
    Trust,
    WorkCalendar,
)

YEARS_BACK, YEARS_AHEAD = 1, 3
_WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def policy_of(root: Root, languages: tuple[str, ...], public_url: str, today: date) -> Policy:
    """Return the rules of this desk, with the holidays of last year to three years ahead of `today`."""
    desk, assignment, sla = root.desk, root.assignment, root.sla
    return Policy(
        name=desk.name,
        address=desk.address,
        calendar=work_calendar(root, days_off(root, today)),
        list_address=desk.list,
        pic_addresses=desk.pic,
        language=desk.language,
        languages=languages,
        public_url=public_url,
        assignment=Assignment(**dict(assignment)),
        sla=Sla(**dict(sla)),
        follow_up=FollowUp(**dict(root.follow_up)),
        closing=Closing(**dict(root.closing)),
        cards=Cards(**dict(root.cards)),
        digest=Digest(**dict(root.digest)),
        caps=root.limits.caps(),
        promises=Promises(**dict(root.promises)),
        trust=trust(root),
        commands=Commands(**dict(root.commands)),
        operators=tuple(map(_person, root.operators)),
        pics=tuple(map(_person, root.pic)),
        forms=tuple(map(_form, root.forms)),
        third_parties=tuple(ThirdParty(one.name, one.address, one.form) for one in root.third_parties),
        escalation=Escalating(**dict(root.escalation)),
    )


def trust(root: Root) -> Trust:
    """A server is known by its authserv-id, and by the names in `border` where its Received fields say another."""
    ids = tuple(name.lower() for name in root.trust.authserv_ids)
    border = tuple(name.lower() for name in root.trust.border)
    proxies = root.receive.smtp.proxies if root.receive.smtp else ()
    table, own = root.trust, root.limits.own_servers
    return Trust(table.require, ids, (*ids, *border), own, proxies, table.strips_forged)


def work_calendar(root: Root, holidays: Iterable[date]) -> WorkCalendar:
    calendar = root.calendar
    return WorkCalendar(
        timezone=root.desk.timezone,
        working_days=frozenset(_WEEKDAYS.index(day) for day in calendar.working_days),
        opens=calendar.hours.opens,
        closes=calendar.hours.closes,
        holidays=frozenset(holidays),
    )


def days_off(root: Root, today: date) -> frozenset[date]:
    """Return the public holidays of the country around `today`, and the configured ones."""
    country = root.calendar.country
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    found = public_holidays.country_holidays(country, years=years) if country else {}
    return frozenset(found) | frozenset(root.calendar.extra_holidays)


def _person(table: PersonTable) -> Person:
    return Person(table.name, table.address, table.aliases)


def _form(table: FormTable) -> Form:
    match = table.match
    return Form(
        name=table.name,
        match=FormMatch(match.from_, match.to, match.subject, match.list),
        fields=tuple(FormField(**dict(one)) for one in table.fields),
        reply_to_field=table.reply_to_field,
        rounds=table.rounds,
        distribute_to=table.distribute_to,
        expected_in=table.expected_in,
        expected_field=table.expected_field,
    )
