"""Which colleague is meant: a name, an address, or how one of them begins; nobody else has it begin so."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from helpdesk.model.people import Person


def find_person(said: str, people: Sequence[Person]) -> Person | str:
    """The one who is meant, or whom to suggest instead, in words."""
    wanted = said.casefold().strip("<> ")
    exact = [p for p in people if p.writes_from(wanted) or p.name.casefold() == wanted]
    begins = [p for p in people if p.name.casefold().startswith(wanted) or p.address.startswith(wanted)]
    for found in (exact, begins):
        if len(found) == 1:
            return found[0]
    if begins:
        return " or ".join(p.address if _shares_name(p, begins) else p.name for p in begins)
    names = {p.name.casefold(): p.name for p in people} | {p.address: p.name for p in people}
    near = [names[n] for n in difflib.get_close_matches(wanted, names, n=3)]
    return " or ".join(dict.fromkeys(near or [p.name for p in people]))


def _shares_name(person: Person, others: Sequence[Person]) -> bool:
    return sum(other.name.casefold() == person.name.casefold() for other in others) > 1
