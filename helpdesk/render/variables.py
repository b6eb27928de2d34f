"""The words a template may use: what kind each is, how it is made ready, and a sample of it.

A value is text, a number, yes/no or a list of text when it reaches a template; never an object
(T11). Strangers' text is cleaned here, once, for every letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from helpdesk.model.decision import Value
from helpdesk.model.letters import LETTERS, TICKET
from helpdesk.model.policy import Policy
from helpdesk.render import cleaning, subject
from helpdesk.render.languages import Speech, opening_hours

Ready = str | int | tuple[str, ...] | None


class Kind(StrEnum):
    LINE = "line"
    NAME = "name"
    SUBJECT = "subject"
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes/no"
    LIST = "list"
    INSTANT = "time"
    SPAN = "span"


REPLY_VARIABLES = (*TICKET, "customer_name", "operator_name", "subject", "new_date", "reason", "missing")
"""What canned replies (`replies/<name>.txt`) may use."""

_LONGEST_NAME = 80
_LONGEST_ITEM = 200
_MOST_ITEMS = 100
_MOST_DIGITS = 18
_LONG = "The parcel came on Monday.\nIt was empty.\n\nWhat shall I do?"
_WHEN = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)

VARIABLES: dict[str, tuple[Kind, Value]] = {
    "desk_name": (Kind.LINE, "The desk"),
    "request": (Kind.LINE, "status"),
    "desk_address": (Kind.LINE, "help@desk.example"),
    "hours": (Kind.LINE, "Monday to Friday, 08:00–16:00"),
    "timezone": (Kind.LINE, "Asia/Jakarta"),
    "public_url": (Kind.LINE, "https://desk.example"),
    "number": (Kind.NUMBER, 12),
    "tag": (Kind.LINE, "[#12]"),
    "customer_name": (Kind.NAME, "Anne"),
    "customer_address": (Kind.LINE, "anne@customer.example"),
    "operator_name": (Kind.NAME, "Bart"),
    "winner_name": (Kind.NAME, "Cate"),
    "new_operator_name": (Kind.NAME, "Cate"),
    "given_by": (Kind.NAME, "Bart"),
    "note": (Kind.TEXT, "She writes English.\nThe order is 4711."),
    "pic_name": (Kind.NAME, "Dora"),
    "answer_by": (Kind.INSTANT, _WHEN),
    "claim_until": (Kind.INSTANT, _WHEN),
    "close_at": (Kind.INSTANT, _WHEN),
    "due_at": (Kind.INSTANT, _WHEN),
    "expected_at": (Kind.INSTANT, _WHEN),
    "asked_at": (Kind.INSTANT, _WHEN),
    "new_date": (Kind.INSTANT, _WHEN),
    "old_date": (Kind.INSTANT, _WHEN),
    "reopen_until": (Kind.INSTANT, _WHEN),
    "survey_at": (Kind.INSTANT, _WHEN),
    "valid_until": (Kind.INSTANT, _WHEN),
    "until": (Kind.INSTANT, _WHEN),
    "won_at": (Kind.INSTANT, _WHEN),
    "won_before": (Kind.SPAN, timedelta(seconds=14)),
    "open_tickets": (Kind.NUMBER, 5),
    "max_open": (Kind.NUMBER, 5),
    "subject": (Kind.SUBJECT, "My parcel is empty"),
    "text": (Kind.TEXT, _LONG),
    "words": (Kind.TEXT, "Can you see where it went?"),
    "ready": (Kind.TEXT, "Please tell us:\n- your order number"),
    "details": (Kind.TEXT, "Order: 4711\nName: Anne"),
    "form": (Kind.TEXT, "Order: 4711\nName:"),
    "given_back": (Kind.LIST, ("#12 My parcel is empty: Cate",)),
    "staying": (Kind.LIST, ("#7 Where is my bill?",)),
    "missing": (Kind.LIST, ("the order number", "your telephone number")),
    "wrong": (Kind.LIST, ("Telephone: none",)),
    "attachments": (Kind.LIST, ("parcel.jpg", "bill.pdf")),
    "left_out": (Kind.LINE, "film.mp4 (21504 KB)"),
    "waiting": (Kind.LIST, ("#12, 2026-11-26 07:30 UTC",)),
    "linked_to": (Kind.NUMBER, 7),
    "step": (Kind.NUMBER, 1),
    "card": (Kind.YES_NO, True),
    "cards": (Kind.NUMBER, 1),
    "card_limit": (Kind.NUMBER, 3),
    "reopened": (Kind.YES_NO, True),
    "late": (Kind.YES_NO, False),
    "given": (Kind.YES_NO, True),
    "consent_open": (Kind.YES_NO, False),
    "copy": (Kind.YES_NO, False),
    "delivered": (Kind.YES_NO, False),
    "third_party": (Kind.LINE, "rooster"),
    "foreign_number": (Kind.LINE, "[Ticket#2026113010001]"),
    "new_subject": (Kind.LINE, "Another order"),
    "spool_id": (Kind.NUMBER, 345),
    "day": (Kind.LINE, "2026-11-26"),
    "since": (Kind.INSTANT, _WHEN),
    "received": (Kind.NUMBER, 14),
    "unaccounted": (Kind.NUMBER, 0),
    "roads": (Kind.TEXT, "      received  ticketed  refused\nsmtp        14        12        2"),
    "tickets": (Kind.TEXT, "open     5\npending  2"),
    "overdue": (Kind.NUMBER, 1),
    "cards_given": (Kind.NUMBER, 0),
    "letters_sent": (Kind.NUMBER, 31),
    "letters_failed": (Kind.NUMBER, 1),
    "letters_waiting": (Kind.NUMBER, 2),
    "proved": (Kind.NUMBER, 9),
    "findings": (Kind.LIST, ("ticket 3, line 17: the line does not follow from the one before it",)),
    "head": (Kind.LINE, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 (219)"),
    "parked_now": (Kind.NUMBER, 0),
    "due_today": (Kind.NUMBER, 2),
    "back_today": (Kind.NUMBER, 1),
    "promised_today": (Kind.NUMBER, 1),
    "period": (Kind.LINE, "2026-11-16 – 2026-11-22"),
    "tickets_created": (Kind.NUMBER, 34),
    "tickets_closed": (Kind.NUMBER, 21),
    "auto_closed": (Kind.NUMBER, 6),
    "reopened_again": (Kind.NUMBER, 1),
    "first_in_time": (Kind.NUMBER, 31),
    "first_late": (Kind.NUMBER, 2),
    "first_kept": (Kind.LINE, "93 %"),
    "next_in_time": (Kind.NUMBER, 44),
    "next_late": (Kind.NUMBER, 0),
    "next_kept": (Kind.LINE, "100 %"),
    "first_answers": (Kind.NUMBER, 33),
    "first_median": (Kind.LINE, "2:10"),
    "first_p90": (Kind.LINE, "19:45"),
    "votes": (Kind.NUMBER, 12),
    "score": (Kind.LINE, "4.58"),
    "promises_kept": (Kind.NUMBER, 3),
    "promises_broken": (Kind.NUMBER, 1),
    "promises_open": (Kind.NUMBER, 2),
    "by_operator": (
        Kind.TEXT,
        "operator  taken  answers\nBart         18       40\nCate         16       37",
    ),
    "by_day": (Kind.TEXT, "day         tickets  in time  late\n2026-11-16        8       17     0"),
    "alarm": (Kind.LINE, "disk"),
    "mode": (Kind.LINE, "claim"),
    "how": (Kind.LINE, "claim"),
    "letter": (Kind.LINE, "answer"),
    "recipient": (Kind.LINE, "anne@customer.example"),
    "what": (Kind.LINE, "order 4711"),
    "why_no_card": (Kind.LINE, ""),
    "evidence": (
        Kind.TEXT,
        "Mon 2026-11-23 09:00  assignment: delivered Mon 2026-11-23 09:00\nTue 2026-11-24 09:00  the answer was due",
    ),
    "reason": (Kind.LINE, "the supplier delivers later"),
    "why": (Kind.LINE, "there are only two words above the quoted letter"),
    "line": (Kind.LINE, "#clsoe"),
    "problem": (Kind.LINE, "there is no command #clsoe"),
    "suggestion": (Kind.LINE, "#close"),
    "survey_url": (Kind.LINE, "https://desk.example/survey/12-g8k-abcdefghijklmnopqrstuvwxyz"),
}


def allowed(name: str) -> tuple[str, ...]:
    """The variables of one letter, or of any canned reply (`replies/...`) or page (`knowledge/...`)."""
    return (
        REPLY_VARIABLES
        if name.startswith(("replies/", "knowledge/"))
        else (*TICKET, *LETTERS[name].variables)
    )


def common(policy: Policy, language: str, number: Value) -> dict[str, Value]:
    """What every letter may say about the desk and its ticket."""
    return {
        "desk_name": policy.name,
        "desk_address": policy.address,
        "hours": opening_hours(policy.calendar, language),
        "timezone": str(policy.calendar.timezone),
        "public_url": policy.public_url,
        "tag": subject.tag(number if isinstance(number, int) else None),
    }


def make_ready(
    names: Iterable[str], values: Mapping[str, Value], speech: Speech, *, wary: bool
) -> dict[str, Ready]:
    """Every allowed name with its value as a template sees it; None where none was given.

    `wary`: the reader may be a stranger with a forged address, so a name must look like one (F13).
    """
    return {name: _ready(name, values.get(name), speech, wary=wary) for name in names}


def _ready(name: str, value: Value, speech: Speech, *, wary: bool) -> Ready:
    """Each kind has one type in templates, whatever was given: the trial renderings then speak for all letters."""
    kind = VARIABLES[name][0]
    if kind is Kind.SUBJECT:
        return subject.base(_as_text(value, speech)) or speech.no_subject
    if value is None:
        return None
    if kind is Kind.NUMBER:
        return value if isinstance(value, int) else _as_number(_as_text(value, speech))
    if kind is Kind.LIST:
        items = value if isinstance(value, tuple) else _as_text(value, speech).splitlines()
        return tuple(filter(None, (cleaning.line(item, _LONGEST_ITEM) for item in items[:_MOST_ITEMS])))
    text = _as_text(value, speech)
    if kind is Kind.NAME:
        return (
            cleaning.person_name(text)
            if wary and name == "customer_name"
            else cleaning.line(text, _LONGEST_NAME)
        )
    return cleaning.block(text) if kind is Kind.TEXT else cleaning.line(text)


def _as_text(value: Value, speech: Speech) -> str:
    if isinstance(value, bool):
        return speech.yes if value else ""
    if isinstance(value, datetime):
        return speech.instant(value)
    if isinstance(value, timedelta):
        return speech.span(value)
    if isinstance(value, tuple):
        return "\n".join(value)
    return "" if value is None else str(value)


def _as_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def samples(names: Iterable[str]) -> dict[str, Value]:
    return {name: VARIABLES[name][1] for name in names}


def largest(names: Iterable[str]) -> dict[str, Value]:
    """Values as big as strangers can make them, for the trial rendering."""
    big: dict[Kind, Value] = {
        Kind.TEXT: "x" + "\n" * (cleaning.LONGEST_BLOCK - 2) + "x",
        Kind.LINE: "x" * cleaning.LONGEST_LINE,
        Kind.SUBJECT: "x" * cleaning.LONGEST_LINE,
        Kind.NAME: "x" * _LONGEST_NAME,
        Kind.LIST: ("x" * _LONGEST_ITEM,) * _MOST_ITEMS,
    }
    return {name: big.get(VARIABLES[name][0], VARIABLES[name][1]) for name in names}
