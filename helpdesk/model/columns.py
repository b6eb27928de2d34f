"""Small tables and lengths of time as plain text, for letters and terminals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

_MINUTE = timedelta(minutes=1)


def columns(rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """Rows of one length: the first `words` columns stand to the left, the others (numbers) to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if i < words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def hours(span: timedelta | None) -> str:
    """`27:05` for a day, three hours and five minutes; '' for None."""
    if span is None:
        return ""
    minutes = span // _MINUTE
    return f"{minutes // 60}:{minutes % 60:02}"
