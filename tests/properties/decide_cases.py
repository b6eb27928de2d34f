"""Random tickets and one event of every kind, for the properties of `decide`."""

import random
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from helpdesk.decide.desk import decide
from helpdesk.decide.lifecycle import DEADLINES_OF_STATUS
from helpdesk.decide.reporting import Counting, report
from helpdesk.decide.verbs.table import VERBS
from helpdesk.model import events
from helpdesk.model.affairs import (
    Affairs,
    Consent,
    ConsentState,
    Evidence,
    GivenCard,
    Promise,
    PromiseState,
    Sent,
)
from helpdesk.model.asked import ReportAsked
from helpdesk.model.asks import Ask, CustomerAsked
from helpdesk.model.commanded import Conduct, DeskCommanded, Lookups, Past, Section, SplitOff, StaffCommanded
from helpdesk.model.decision import Decision
from helpdesk.model.events import Event, InHand, PastTurn, Turn
from helpdesk.model.forms import Answers, Escalation, FieldType, Form, FormField, FormMatch, ThirdParty
from helpdesk.model.mail import Attachment, Automatic, Emptiness, InboundMail
from helpdesk.model.orders import Order, Verb
from helpdesk.model.people import Address, Person, Role, Speaker
from helpdesk.model.policy import Announce, AssignmentMode, Cards, OnBreach, Policy, SurveyMode
from helpdesk.model.report import Beside
from helpdesk.model.ticket import Claim, Clock, Deadline, DeadlineKind, Status, Ticket, WaitingFor
from helpdesk.testing.desk import policy

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANNE = Address("Anne", "anne@customer.example")
HOUR = timedelta(hours=1)
ROOSTER = ThirdParty("rooster", "tickets@rooster.example")
FORM = Form(
    "order",
    FormMatch(sender=ANNE.address),
    (
        FormField("order", type=FieldType.INTEGER, required=True),
        FormField("name", ("Your name",), required=True),
    ),
    distribute_to=("rooster",),
    expected_in=HOUR,
    rounds=2,
)
FIGURES = report(NOW - 2 * HOUR, NOW, Counting((), ZoneInfo("UTC")), Beside(), (), ZoneInfo("UTC"))

KINDS: tuple[type[Event], ...] = (
    events.CustomerWrote, CustomerAsked, events.OperatorClaimed, events.OperatorAnswered, events.OperatorUnclear,
    events.CommandFailed, events.StaffNotProven, events.OnlyLinksAnswered,
    ReportAsked, events.CardAppealed, events.PicApproved, events.PicObjected, events.PicWrote, events.RobotWrote,
    events.OperatorAway,
    events.Rated, events.LetterRefused, events.ThirdPartyWrote,
)  # fmt: skip
ASKED = (Escalation("rooster", "bart@staff.example", opened_at=NOW - HOUR, asked_at=NOW - HOUR),)
ANSWERS = ({}, {"order": "7"}, {"order": "seven"}, {"order": "8", "name": "Anne"})


def random_policy(dice: random.Random) -> Policy:
    """Any rules that the configuration can state."""
    plain = policy()
    several = dice.choice([plain.operators, plain.operators[:1], ()])
    return replace(
        plain,
        operators=several,
        pics=dice.choice([plain.pics, ()]),
        pic_addresses=dice.choice([plain.pic_addresses, ()]),
        list_address=dice.choice([plain.list_address, None]),
        assignment=replace(
            plain.assignment,
            mode=dice.choice(list(AssignmentMode)),
            claim_window=dice.choice([timedelta(), HOUR / 4]),
            max_open=dice.choice([0, 1]),
            claim_lease=dice.choice([timedelta(), HOUR * 4]),
            announce=dice.choice(list(Announce)),
        ),
        sla=replace(
            plain.sla,
            clock=dice.choice(list(Clock)),
            on_breach=frozenset(o for o in OnBreach if dice.random() < 0.5),
        ),
        closing=replace(plain.closing, survey=dice.choice(list(SurveyMode))),
        cards=Cards(limit=dice.choice([0, 1, 3])),
        forms=dice.choice([(FORM,), ()]),
        third_parties=(ROOSTER,),
    )


def random_ticket(dice: random.Random, status: Status) -> Ticket:
    """A ticket as the store could hold it; only deadlines that its status may have."""
    kinds = sorted(DEADLINES_OF_STATUS[status])
    free = status is Status.NEW
    gone = "left@staff.example"
    staff = ("bart@staff.example", "cate@staff.example")
    return Ticket(
        number=dice.randint(1, 9999),
        subject=dice.choice(["Where is my order?", "", "Ünïcode ✓", "[#7] Re: Re:"]),
        customer=ANNE,
        created_at=NOW - 9 * HOUR,
        updated_at=NOW - HOUR,
        status=status,
        operator=None if free else dice.choice([*staff, gone]),
        language=dice.choice(["", "en", "id"]),
        first_response_at=dice.choice([None, NOW - HOUR]),
        closed_at=NOW - HOUR if status is Status.CLOSED else None,
        survey_sent_at=NOW - HOUR if status is Status.CLOSED else None,
        participants=(ANNE.address,),
        thread=dice.choice([(), ("first@customer.example",)]),
        deadlines=tuple(deadline(k) for k in kinds if dice.random() < 0.5),
        claims=tuple(Claim(a, NOW - HOUR) for a in staff if free and dice.random() < 0.4),
        fields=dice.choice([{}, {"order": 7}, {"order": 7, "name": "Anne"}]),
        tags=dice.choice(
            [
                (),
                ("no-auto-reply",),
                ("form:order",),
                ("form:order", "returned:1"),
                ("returned:2",),
                ("escalated:rooster",),
            ]
        ),
    )


def deadline(kind: DeadlineKind) -> Deadline:
    return Deadline(kind, NOW, NOW - HOUR, HOUR, Clock.CALENDAR, 1)


def random_rota(dice: random.Random, rules: Policy) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            operator,
            last_turn_at=dice.choice([None, NOW - HOUR * dice.randint(1, 99)]),
            open_tickets=dice.randint(0, 3),
            cards=dice.randint(0, 3),
            away=dice.random() < 0.2,
            suspended=dice.random() < 0.2,
            away_until=dice.choice([None, NOW + HOUR * 20]),
            away_why=dice.choice([events.OUT_OF_OFFICE, "a holiday"]),
        )
        for operator in rules.operators
    )


def random_mail(dice: random.Random) -> InboundMail:
    text = dice.choice(["Hello there.", "", "Thanks!", "5", "Line one\nline two"])
    files = (Attachment("a.pdf", "application/pdf", 10, inline=False, part=1),)
    return InboundMail(
        message_id=dice.choice([None, "x@customer.example"]),
        date=NOW,
        sender=dice.choice([ANNE, Address("", "no-reply@customer.example"), None]),
        to=(Address("", dice.choice(["help@desk.example", "milis@lists.example", "x@y.example"])),),
        subject=dice.choice(["Where is my order?", ""]),
        text=text,
        new_text=text,
        text_after_commands=text,
        attachments=dice.choice([(), files]),
        automatic=dice.choice([None, None, *Automatic]),
        automatic_reason="a header says so",
        empty=Emptiness.TEXT if text else Emptiness.EMPTY,
        language=dice.choice([None, "id", "xx"]),
    )


def every_event(dice: random.Random, rules: Policy) -> list[Event]:
    """One event of every kind, the passing of every deadline included."""
    rota = random_rota(dice, rules)
    passed = [
        events.DeadlinePassed(
            deadline=deadline(k), rota=rota, escalations=ASKED, affairs=random_affairs(dice)
        )
        for k in DeadlineKind
    ]
    ordered = [_ordered(dice, rule.verb, rota, rules) for rule in VERBS]
    return [*(_event(dice, kind, rota) for kind in KINDS), *ordered, _several(dice, ordered), *passed]


def _several(dice: random.Random, ordered: list[StaffCommanded]) -> DeskCommanded:
    """The orders of two blocks in one mail, one of them about a ticket that may not be there."""
    one, other = dice.choice(ordered), dice.choice(ordered)
    ticket = random_ticket(dice, dice.choice(list(Status)))
    sections = (
        Section(ticket.number, f"#ticket {ticket.number}", one.orders, dice.choice([ticket, None]), one),
        Section(0, "", other.orders, None, other),
    )
    given = {field.name: getattr(one, field.name) for field in fields(events.MailEvent)}
    return DeskCommanded(**given, sections=sections, text=dice.choice(["", "Words below."]))


def _history(dice: random.Random) -> tuple[Past, ...]:
    """A ticket that came, and a step on it by anybody."""
    came = {
        "status": dice.choice(list(Status)),
        "waiting_for": WaitingFor.OPERATOR,
        "tags": (),
        "operator": None,
    }
    step = {"status": dice.choice(list(Status)), "tags": ("vip",), "operator": "bart@staff.example"}
    by = dice.choice(["bart@staff.example", "clock", "desk", ANNE.address])
    last = Past(NOW - HOUR / 2, dice.choice(["solved", "merged", "split", "asked"]), by, "a reason", (), step)
    return dice.choice([(), (Past(NOW - HOUR, "created", ANNE.address, "it came", (), came), last)])


def _name_for(dice: random.Random, verb: Verb, rules: Policy) -> str:
    """What the verb's argument names."""
    if verb is Verb.ESCALATE:
        return ROOSTER.name
    if verb is Verb.FORM:
        return dice.choice(["", *(form.name for form in rules.forms)])
    return dice.choice([p.address for p in rules.operators] or ["bart@staff.example"])


def _ordered(dice: random.Random, verb: Verb, rota: tuple[Turn, ...], rules: Policy) -> StaffCommanded:
    """One order of this verb by somebody who may give it, as the reader of arguments would leave it."""
    by_pic = Role.OPERATOR not in next(rule.roles for rule in VERBS if rule.verb is verb)
    order = Order(
        verb,
        line=f"#{verb}",
        argument="a word",
        name=_name_for(dice, verb, rules),
        number=dice.choice([None, 7]),
        until=NOW + HOUR * dice.randint(1, 99),
        text=dice.choice(["", "a reason"]),
        add=dice.choice([(), ("urgent",)]),
    )
    others: list[tuple[Ticket, ...]] = [(), (random_ticket(dice, Status.OPEN),)]
    found = Lookups(
        cards={order.name: dice.choice([0, 2])},
        canned=dice.choice([{}, {order.name: "Canned words."}]),
        split=SplitOff(10_001, _split_off(dice, rota), 3, unanswered=dice.random() < 0.5),
        conduct=Conduct(dice.random() < 0.5, dice.random() < 0.5, dice.choice(others)),
        mine=tuple(random_ticket(dice, Status.OPEN) for _ in range(dice.randint(0, 2))),
        history=_history(dice),
        about={7: replace(random_ticket(dice, dice.choice(list(Status))), number=7)},
    )
    plain = _event(dice, events.PicWrote if by_pic else events.OperatorClaimed, rota)
    assert isinstance(plain, events.MailEvent)
    given = {field.name: getattr(plain, field.name) for field in fields(plain)}
    return StaffCommanded(
        **given,
        orders=(order,),
        text=dice.choice(["", "Words below."]),
        delivered=dice.random() < 0.5,
        found=found,
    )


def _event(dice: random.Random, kind: type[Event], rota: tuple[Turn, ...]) -> Event:
    own = {
        events.CustomerWrote: {
            "number": 10_000,
            "linked_to": dice.choice([None, 3]),
            "answers": dice.choice([None, *(Answers("order", said) for said in ANSWERS)]),
            "named_by_form": dice.random() < 0.2,
        },
        CustomerAsked: {
            "ask": dice.choice(list(Ask)),
            "spoken": "id",
            "wanted": "el",
            "confirmed": dice.random() < 0.5,
            "tickets": dice.choice([(), (random_ticket(dice, Status.OPEN),)]),
        },
        events.OperatorAnswered: {"delivered": dice.random() < 0.5},
        events.OperatorUnclear: {"why": "it is not clear"},
        events.CommandFailed: {"line": "#x", "problem": "no verb", "suggestion": "#close"},
        events.StaffNotProven: {"held_id": 7},
        events.PicObjected: {"text": "Not yet."},
        ReportAsked: {"name": "today", "since": NOW - 2 * HOUR, "until": NOW, "figures": FIGURES},
        events.CardAppealed: {"card": GivenCard(3, 7, "bart@staff.example", "late", NOW - HOUR)},
        events.RobotWrote: {"why": "a machine"},
        events.OperatorAway: {
            "why": "a header",
            "held": tuple(InHand(random_ticket(dice, Status.OPEN)) for _ in range(dice.randint(0, 2))),
        },
        events.ThirdPartyWrote: {"third_party": "rooster", "foreign_number": dice.choice(["", "[Ticket#7]"])},
        events.Rated: {"score": dice.randint(1, 5), "comment": "", "by": ANNE.address},
        events.LetterRefused: {
            "letter": dice.choice(["answer", "acknowledgement", "undelivered", "assignment"]),
            "audience": dice.choice("clop"),
            "recipient": ANNE.address,
            "reason": "550",
        },
    }.get(kind, {})
    if issubclass(kind, events.MailEvent):
        own = {
            **own,
            "mail": random_mail(dice),
            "speaker": _speaker(dice, kind),
            "spool_id": 1,
            "recipients": dice.choice([(), ("milis@lists.example",), ("anne@customer.example",)]),
            "sender": dice.choice(["", None, ANNE.address]),
        }
    turns = tuple(
        PastTurn(turn.operator.address, "claim", NOW - HOUR) for turn in rota if dice.random() < 0.5
    )
    return kind(
        escalations=dice.choice([(), ASKED]),
        rota=rota,
        customer_text="Where is it?",
        past_turns=turns,
        affairs=random_affairs(dice),
        **own,
    )


def random_affairs(dice: random.Random) -> Affairs:
    """Promises, consents and evidence in any state."""
    promise = Promise(NOW + HOUR * dice.randint(-9, 9), NOW - HOUR, "bart@staff.example", "a reason")
    consent = Consent("the lamp", "bart@staff.example", NOW - HOUR, id=1)
    sent = (Sent("assignment", NOW - HOUR, dice.choice([None, NOW - HOUR])),)
    return Affairs(
        promise=dice.choice([None, replace(promise, state=dice.choice(list(PromiseState)))]),
        consent=dice.choice([None, replace(consent, state=dice.choice(list(ConsentState)))]),
        evidence=dice.choice([None, Evidence(), Evidence(sent), Evidence(sent, ((NOW - HOUR, None),))]),
    )


def _split_off(dice: random.Random, rota: tuple[Turn, ...]) -> events.CustomerWrote | None:
    """The customer's latest mail as a question of its own, if there is one."""
    if dice.random() < 0.2:
        return None
    origin = replace(_event(dice, events.CustomerWrote, rota), number=10_001, linked_to=1)
    assert isinstance(origin, events.CustomerWrote)
    return origin


def _speaker(dice: random.Random, kind: type[Event]) -> Speaker:
    if kind is events.ThirdPartyWrote:
        return Speaker(Role.THIRD_PARTY, Address(ROOSTER.name, ROOSTER.address))
    if kind in (events.CustomerWrote, events.RobotWrote, CustomerAsked):
        return Speaker(Role.CUSTOMER, ANNE)
    pic = kind in (ReportAsked, events.PicApproved, events.PicObjected, events.PicWrote)
    name = "Dora" if pic else dice.choice(["Bart", "Cate"])
    person = Person(name, f"{name.lower()}@staff.example")
    return Speaker(Role.PIC if pic else Role.OPERATOR, person.mailbox, person, "signed reply address")


Case = tuple[Ticket | None, Event, Policy]


def for_every_case(seeds: range, check: Callable[[Ticket | None, Event, Policy], None]) -> int:
    """Call `check` for every status and every event under many random rules; return how often."""
    every = [case for seed in seeds for case in _cases(seed)]
    for case in every:
        check(*case)
    return len(every)


@cache
def _cases(seed: int) -> tuple[Case, ...]:
    """Made once for all properties: they look at thousands of the same cases."""
    dice = random.Random(seed)
    rules = random_policy(dice)
    return tuple(
        (_without_passed(random_ticket(dice, status), event) if status else None, event, rules)
        for status in (None, *Status)
        for event in every_event(dice, rules)
    )


_DECIDED: dict[tuple[int, int], Decision] = {}


def decided(ticket: Ticket | None, event: Event, rules: Policy) -> Decision:
    """What `decide` says of a case at NOW, asked once: cases live as long as the tests, so that ids name them."""
    key = (id(ticket), id(event))
    if key not in _DECIDED:
        _DECIDED[key] = decide(ticket, event, rules, NOW)
    return _DECIDED[key]


def _without_passed(ticket: Ticket, event: Event) -> Ticket:
    """A deadline that has passed stands no more."""
    if not isinstance(event, events.DeadlinePassed):
        return ticket
    return replace(ticket, deadlines=tuple(d for d in ticket.deadlines if d.kind is not event.deadline.kind))
