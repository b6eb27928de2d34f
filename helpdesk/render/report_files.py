"""What goes with a report by mail: a chart inside it, and two tables for a spreadsheet."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.model.decision import File
from helpdesk.model.report import Report
from helpdesk.render.chart import Legend, bars
from helpdesk.render.languages import primary
from helpdesk.render.spreadsheet import csv_file

CHART = "chart"
"""The HTML of the letter shows it as `cid:chart`."""

_LEGENDS = {
    "en": Legend("tickets", "answers in time", "late"),
    "id": Legend("tiket", "jawaban tepat waktu", "terlambat"),
    "el": Legend("aitimata", "apantiseis engkairos", "ekprothesmes"),  # the chart's font has no Greek
    "tl": Legend("mga tiket", "mga sagot na nasa oras", "huli"),
}
_BY_DAY = ("day", "tickets", "answers_in_time", "late")
_BY_OPERATOR = (
    "name", "address", "taken", "answers", "answers_in_time", "late", "first_answers", "median_seconds", "p90_seconds",
    "closed", "yellow_cards", "votes", "score",
)  # fmt: skip


def files(report: Report, language: str) -> tuple[File, ...]:
    """chart.png, days.csv and operators.csv."""
    legend = _LEGENDS.get(primary(language), _LEGENDS["en"])
    days = [(x.day.isoformat(), x.created, x.due.in_time, x.due.late) for x in report.days]
    operators = [
        (
            x.name,
            x.address,
            x.taken,
            x.answers,
            x.due.in_time,
            x.due.late,
            x.first.answers,
            _seconds(x.first.median),
            _seconds(x.first.p90),
            x.closed,
            x.cards,
            x.votes.count,
            x.votes.mean,
        )
        for x in report.operators
    ]
    return (
        File("chart.png", "image/png", bars(report.days, legend), CHART),
        File("days.csv", "text/csv", csv_file(_BY_DAY, days)),
        File("operators.csv", "text/csv", csv_file(_BY_OPERATOR, operators)),
    )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
