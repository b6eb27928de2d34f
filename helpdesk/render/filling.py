"""A canned response is filled in: the one place where values become the words of a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.model.decision import Value
from helpdesk.model.letters import LETTERS
from helpdesk.render import cleaning
from helpdesk.render.languages import Speech
from helpdesk.render.response import Response
from helpdesk.render.sandbox import Fault
from helpdesk.render.trouble import CannedError
from helpdesk.render.variables import make_ready
from helpdesk.render.words import Words


@dataclass(frozen=True, slots=True)
class Filling:
    """A response in the language that it is written in, and what it shows; all that `fill` needs, in any process."""

    response: Response
    values: Mapping[str, Value]
    speech: Speech


def fill(filling: Filling) -> Words:
    """Raises CannedError where a value does not fit into its template, or the letter gets too large."""
    response, speech = filling.response, filling.speech
    wary = response.name in LETTERS and LETTERS[response.name].reader == "customer"
    ready = make_ready(response.names, filling.values, speech, wary=wary)
    try:
        return Words(
            cleaning.line(response.subject.render(ready)) if response.subject else "",
            response.body.render(ready).strip("\n") + "\n",
            response.html.render(ready) if response.html else None,
        )
    except Fault as fault:
        file = f"{speech.language}/{response.name}.txt"
        raise CannedError(f"{file}, line {fault.line}: {fault.what}") from None
