"""A report in words and small tables, as the templates of `report` and `daily_report` get it."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.model.columns import columns, hours
from helpdesk.model.decision import Value
from helpdesk.model.policy import Policy
from helpdesk.model.report import Answers, Report

_MOST_DAYS = 62
_HEADS = {
    "en": (
        (
            "operator",
            "taken",
            "answers",
            "in time",
            "late",
            "kept %",
            "median h:mm",
            "closed",
            "cards",
            "score",
        ),
        ("day", "tickets", "in time", "late"),
    ),
    "id": (
        (
            "operator",
            "diambil",
            "jawaban",
            "tepat",
            "telat",
            "tepat %",
            "median j:mm",
            "ditutup",
            "kartu",
            "nilai",
        ),
        ("hari", "tiket", "tepat", "telat"),
    ),
    "el": (
        (
            "χειριστής",
            "ανέλαβε",
            "απαντήσεις",
            "εγκαίρως",
            "αργά",
            "εγκ. %",
            "διάμεσος ω:λλ",
            "έκλεισε",
            "κάρτες",
            "βαθμός",
        ),
        ("ημέρα", "αιτήματα", "εγκαίρως", "αργά"),
    ),
    "tl": (
        (
            "operator",
            "kinuha",
            "mga sagot",
            "nasa oras",
            "huli",
            "tupad %",
            "panggitna o:mm",
            "isinara",
            "mga kard",
            "marka",
        ),
        ("araw", "mga tiket", "nasa oras", "huli"),
    ),
}


def values(figures: Report, policy: Policy) -> dict[str, Value]:
    """Everything the letter `report` may say."""
    zone = policy.calendar.timezone
    last = (figures.until - timedelta(microseconds=1)).astimezone(zone).date()
    first = figures.since.astimezone(zone).date()
    return {
        "period": first.isoformat() if first == last else f"{first} – {last}",
        "tickets_created": figures.created,
        "tickets_closed": figures.closed,
        "auto_closed": figures.auto_closed,
        "reopened_again": figures.reopened,
        **in_time(figures.first, figures.following),
        "first_answers": figures.speed.answers,
        "first_median": hours(figures.speed.median),
        "first_p90": hours(figures.speed.p90),
        "votes": figures.votes.count,
        "score": "" if figures.votes.mean is None else f"{figures.votes.mean:.2f}",
        "promises_kept": figures.promises_kept,
        "promises_broken": figures.promises_broken,
        "promises_open": figures.promises_open,
        "cards_given": figures.cards,
        "by_operator": _by_operator(figures, policy.language),
        "by_day": _by_day(figures, policy.language),
    }


def in_time(first: Answers, following: Answers) -> dict[str, Value]:
    """Was the time to answer kept? Numbers of waits that ended, and per cent, empty if none did."""
    return {
        "first_in_time": first.in_time,
        "first_late": first.late,
        "first_kept": _per_cent(first),
        "next_in_time": following.in_time,
        "next_late": following.late,
        "next_kept": _per_cent(following),
    }


def _per_cent(answers: Answers) -> str:
    return "" if answers.kept is None else f"{answers.kept} %"


def _by_operator(figures: Report, language: str) -> str:
    rows = [
        (
            one.name or one.address,
            str(one.taken),
            str(one.answers),
            str(one.due.in_time),
            str(one.due.late),
            "" if one.due.kept is None else str(one.due.kept),
            hours(one.first.median),
            str(one.closed),
            str(one.cards),
            "" if one.votes.mean is None else f"{one.votes.mean:.2f}",
        )
        for one in figures.operators
    ]
    return columns([_heads(language)[0], *rows]) if rows else ""


def _by_day(figures: Report, language: str) -> str:
    """Days on which something happened; empty where they are too many for a letter (the attached table has all)."""
    days = [day for day in figures.days if day.created or day.due.kept is not None]
    if not days or len(days) > _MOST_DAYS:
        return ""
    rows = [(str(x.day), str(x.created), str(x.due.in_time), str(x.due.late)) for x in days]
    return columns([_heads(language)[1], *rows])


def _heads(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _HEADS.get(language.split("-")[0], _HEADS["en"])
