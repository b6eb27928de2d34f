"""What may stand in no letter to people outside (T4, T31): internal words, what proves staff, addresses of staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.testing.letters import Letter

OF_STAFF = re.compile(r"(?:(?<![0-9a-z])|(?<=[%=]2b))\d+-[oph][a-z2-7]{8}", re.I)
"""Also behind an encoded `+`; in the middle of a word it is the end of a survey link."""
NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class House:
    """Who may read everything: `staff`, whose addresses nobody else may see, and the `shared` ones of list and PIC."""

    staff: frozenset[str]
    shared: frozenset[str]


def letters_out(letters: Iterable[Letter], house: House) -> list[Letter]:
    """Those that anybody outside gets."""
    inside = house.staff | house.shared
    return [letter for letter in letters if not set(letter.recipients) <= inside]


def leaks(letters: Iterable[Letter], house: House, internal: re.Pattern[str]) -> list[str]:
    """Letters to people outside that hold what is none of their business, each with the reason."""
    found = ((letter, _leak(letter, house, internal)) for letter in letters_out(letters, house))
    return [f"{letter.name} to {letter.recipients}: {why}" for letter, why in found if why]


def _leak(letter: Letter, house: House, internal: re.Pattern[str]) -> str | None:
    for text in (letter.raw.decode("utf-8", "replace"), *_texts(letter)):
        if internal.search(text):
            return "an internal word"
        if OF_STAFF.search(text):
            return "a signed address or id of staff"
        if any(address in text for address in house.staff):
            return "an address of staff"
    return None


def _texts(letter: Letter) -> list[str]:
    """Every text in the letter, decoded, and its header."""
    parts = [part for part in letter.mail.walk() if part.get_content_maintype() == "text"]
    return [*(str(part.get_content()) for part in parts), *(str(value) for value in letter.mail.values())]  # type: ignore[attr-defined]
