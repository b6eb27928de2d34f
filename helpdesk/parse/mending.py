"""Quoted lines that lost their `>`: the tail of a long one, wrapped by a mailer that did not mark it.

Such a tail stands without an empty line between two quoted ones (or below the last), goes on in the middle of
a sentence or of a link, and is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence

_WRAPPED_AT = 60
_LONGEST_TAIL = 100


def mend(lines: Sequence[str], labels: list[str], own: str, quotation: str) -> None:
    """Relabel in place."""
    for at in range(1, len(lines)):
        if labels[at] != own or labels[at - 1] != quotation or len(lines[at]) > _LONGEST_TAIL:
            continue
        last = at + 1 == len(lines)
        if not last and labels[at + 1] != quotation:
            continue
        if _goes_on(lines[at - 1].rstrip(), lines[at].strip(), last=last) or _is_link_tail(
            lines[at - 1], lines[at].strip()
        ):
            labels[at] = quotation


def _goes_on(above: str, tail: str, *, last: bool) -> bool:
    """The line above was full and asked nothing, the tail begins small."""
    return (
        not last
        and len(above) >= _WRAPPED_AT
        and not above.endswith(("?", ":"))
        and (tail[:1].islower() if above.endswith((".", "!")) else not tail[:1].isupper())
    )


def _is_link_tail(above: str, tail: str) -> bool:
    """A link broken out of the quotation: "(https://..." above without its end, or alone with a stray mark."""
    if above.count("(") > above.count(")") or above.rstrip().endswith("<"):
        return " " not in tail
    return tail.startswith(("(http", "<http")) and tail.endswith((">", ")"))
