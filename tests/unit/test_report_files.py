"""The chart and the tables of a report."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image

from helpdesk.model.report import Answers, DayOfReport
from helpdesk.render.chart import SIZE, Legend, bars
from helpdesk.render.spreadsheet import csv_file

LEGEND = Legend("tickets", "in time", "late")
TICKETS, IN_TIME, LATE = (68, 119, 170), (34, 136, 51), (238, 102, 119)


def days(*figures):
    start = date(2026, 11, 16)
    return [DayOfReport(start + timedelta(n), c, Answers(i, t)) for n, (c, i, t) in enumerate(figures)]


def colours(png):
    image = Image.open(io.BytesIO(png))
    assert image.size == SIZE
    return {colour: number for number, colour in image.convert("RGB").getcolors()}


def test_the_same_figures_give_the_same_picture():
    week = days((3, 2, 1), (0, 0, 0), (5, 5, 0))

    assert bars(week, LEGEND) == bars(week, LEGEND)
    assert bars(week, LEGEND) != bars(days((3, 2, 1)), LEGEND)


def test_bars_grow_with_their_figures():
    little, much = (colours(bars(days((8, n, 8 - n)), LEGEND)) for n in (2, 6))

    assert much[IN_TIME] > little[IN_TIME]
    assert much[LATE] < little[LATE]
    assert much[TICKETS] == little[TICKETS]


@pytest.mark.parametrize("length", [0, 1, 31, 365, 1098])
def test_any_length_of_time_is_a_small_picture(length):
    assert len(bars(days(*[(n % 9, n % 7, n % 3) for n in range(length)]), LEGEND)) < 30_000


def test_huge_figures_stay_on_the_paper():
    assert colours(bars(days((10**9, 0, 0)), LEGEND))[TICKETS] > 1000


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", " =1", "＝1"])
def test_a_cell_is_never_a_formula(evil):
    row = csv_file(("name",), [(evil,)]).decode("utf-8-sig").split("\r\n", 1)[1]

    assert row.lstrip('"').startswith("'")


def test_plain_cells_stay_as_they_are():
    file = csv_file(("name", "n"), [("Bart, the first", -3), (None, 4.5), ('say "hi"', 0)])

    assert file == b'\xef\xbb\xbfname,n\r\n"Bart, the first",-3\r\n,4.5\r\n"say ""hi""",0\r\n'
