"""Bars for a report, as a small PNG: tickets of each day, and answers in time and late beside them.

The same figures give the same bytes. Many days are drawn as bars of several days each.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageDraw, ImageFont

from helpdesk.model.report import DayOfReport

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

SIZE = (800, 320)
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 40, 34
_MOST_BARS = 62
_MOST_LABELS = 10
_GRID_LINES = 5
_FONT_SIZE = 14

_PALETTE = (
    (255, 255, 255), (51, 51, 51), (221, 221, 221), (68, 119, 170), (34, 136, 51), (238, 102, 119),
)  # fmt: skip
"""Paper, ink, grid, tickets, in time, late: told apart by people who see few colours, too."""
_PAPER, _INK, _GRID, _TICKETS, _IN_TIME, _LATE = range(6)


@dataclass(frozen=True, slots=True)
class Legend:
    """What the three colours are called in the language of the letter."""

    tickets: str
    in_time: str
    late: str


@dataclass(frozen=True, slots=True)
class _Bar:
    day: date
    tickets: int
    in_time: int
    late: int


def bars(days: Sequence[DayOfReport], legend: Legend) -> bytes:
    """A PNG of SIZE; empty bars where nothing happened."""
    shown = _together(days)
    image = Image.new("P", SIZE, _PAPER)
    image.putpalette([value for colour in _PALETTE for value in colour])
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"  # no grey between ink and paper: few colours, small file
    font = ImageFont.load_default(_FONT_SIZE)
    highest = max((max(bar.tickets, bar.in_time + bar.late) for bar in shown), default=0)
    step = _step(highest)
    top = step * max(1, -(-highest // step))
    _draw_grid(draw, font, top, step)
    _draw_bars(draw, font, shown, top)
    _draw_legend(draw, font, legend)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _together(days: Sequence[DayOfReport]) -> list[_Bar]:
    """At most so many bars, each of as many days as that takes."""
    each = max(1, -(-len(days) // _MOST_BARS))
    stretches = (days[at : at + each] for at in range(0, len(days), each))
    return [
        _Bar(
            stretch[0].day,
            sum(day.created for day in stretch),
            sum(day.due.in_time for day in stretch),
            sum(day.due.late for day in stretch),
        )
        for stretch in stretches
    ]


def _step(highest: int) -> int:
    """The distance of grid lines: a round number, so that GRID_LINES of them reach the highest bar."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if factor * unit * _GRID_LINES >= highest:
                return factor * unit
        unit *= 10


def _draw_grid(draw: ImageDraw.ImageDraw, font: Font, top: int, step: int) -> None:
    for value in range(0, top + 1, step):
        y = _height(value, top)
        draw.line((_LEFT, y, SIZE[0] - _RIGHT, y), fill=_GRID if value else _INK)
        draw.text((_LEFT - 6, y), str(value), fill=_INK, font=font, anchor="rm")


def _draw_bars(
    draw: ImageDraw.ImageDraw,
    font: Font,
    shown: Sequence[_Bar],
    top: int,
) -> None:
    if not shown:
        return
    slot = (SIZE[0] - _LEFT - _RIGHT) / len(shown)
    width = max(1, min(24, int(slot * 0.4)))
    every = -(-len(shown) // _MOST_LABELS)
    for index, bar in enumerate(shown):
        middle = round(_LEFT + slot * (index + 0.5))
        _draw_bar(draw, (middle - width, middle - 1), (0, bar.tickets), top, _TICKETS)
        _draw_bar(draw, (middle, middle + width - 1), (0, bar.in_time), top, _IN_TIME)
        _draw_bar(draw, (middle, middle + width - 1), (bar.in_time, bar.in_time + bar.late), top, _LATE)
        if index % every == 0:
            place = (middle, SIZE[1] - _BOTTOM + 8)
            draw.text(place, bar.day.strftime("%m-%d"), fill=_INK, font=font, anchor="mt")


def _draw_bar(
    draw: ImageDraw.ImageDraw, across: tuple[int, int], between: tuple[int, int], top: int, colour: int
) -> None:
    low, high = between
    if high > low:
        draw.rectangle((across[0], _height(high, top), across[1], _height(low, top) - 1), fill=colour)


def _height(value: int, top: int) -> int:
    ground = SIZE[1] - _BOTTOM
    return round(ground - (ground - _TOP) * value / top)


def _draw_legend(draw: ImageDraw.ImageDraw, font: Font, legend: Legend) -> None:
    x = _LEFT
    for words, colour in ((legend.tickets, _TICKETS), (legend.in_time, _IN_TIME), (legend.late, _LATE)):
        draw.rectangle((x, 12, x + 11, 23), fill=colour)
        draw.text((x + 18, 18), words, fill=_INK, font=font, anchor="lm")
        x += 18 + round(draw.textlength(words, font=font)) + 28
