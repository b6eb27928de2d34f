"""The desk's canned responses: finds the right one for a letter and a language, and fills it in.

The order of search: the letter's language, the desk's, English; first in the desk's own folder, then
among those shipped with the program, so that a letter always has words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import helpdesk
from helpdesk.model.decision import Value
from helpdesk.model.letters import LETTERS
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import Reason
from helpdesk.render import reasons
from helpdesk.render.filling import Filling, fill
from helpdesk.render.languages import Speech, fallbacks, primary
from helpdesk.render.response import KNOWLEDGE, Response
from helpdesk.render.sandbox import Fault, Part
from helpdesk.render.shelf import Problem, Shelf
from helpdesk.render.trouble import CannedError
from helpdesk.render.variables import allowed, common, samples
from helpdesk.render.words import Words


class Library:
    """All canned responses of one desk. `problems` lists every file that is not live now."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        self._policy = policy
        own_speech = _own_speech(policy)
        shipped = shipped_folder()
        self._own, self._shipped = Shelf(folder, own_speech, shipped), Shelf(shipped, own_speech, shipped)
        self._shipped_read = False
        self.refresh()

    @property
    def problems(self) -> list[Problem]:
        return sorted(self._own.problems.values(), key=lambda p: p.file)

    def refresh(self) -> list[Problem]:
        """Read the files that changed. A broken one never goes live: the last good stays, the Problem returns."""
        return self._own.refresh()

    def follow(self, policy: Policy) -> None:
        """Work under another policy from now on; what was read, and the last good of each file, stay."""
        self._policy = policy
        self._own.speech = self._shipped.speech = _own_speech(policy)
        self.refresh()

    def check(self) -> list[Problem]:
        """Read every file again and return all that is wrong, with file, line and a suggestion."""
        problems = self._own.check()
        if not self._own.folder.is_dir():
            problems.append(
                Problem(self._own.folder, 1, "there is no such folder; `helpdesk init` makes one")
            )
        return problems

    def languages(self) -> list[str]:
        """The languages of the desk's own folder that hold something usable."""
        return self._own.languages()

    def names(self, language: str) -> list[str]:
        """Every canned response of the desk's own folder in this language; replies as `replies/<name>`."""
        return self._own.names(primary(language))

    def filling(self, name: str, language: str, values: Mapping[str, Value]) -> Filling:
        """A letter, `replies/<name>` or `knowledge/<topic>`, and what fills it in. Values a template may use but did
        not get are empty; others are ignored.

        Raises CannedError when there is no such letter.
        """
        found = self._find(name, language)
        if found is None and name not in LETTERS:
            raise CannedError(f"the desk writes no letter called {name!r}")
        if found is None:
            raise CannedError(f"there are no words for {name!r}, neither in {self._own.folder} nor shipped")
        spoken, response = found
        everything = {**values, **common(self._policy, spoken, values.get("number"))}
        shown = {key: self._said(value, spoken) for key, value in everything.items() if key in response.names}
        return Filling(response, shown, Speech(spoken, self._policy.calendar.timezone))

    def render(self, name: str, language: str, values: Mapping[str, Value]) -> Words:
        """The same in words."""
        return fill(self.filling(name, language, values))

    def reply(self, name: str, language: str, values: Mapping[str, Value]) -> str | None:
        """The words of a canned reply that operators insert by name; None if there is none of that name."""
        if self._find(f"replies/{name}", language) is None:
            return None
        return self.render(f"replies/{name}", language, values).body

    def topics(self, language: str) -> tuple[str, ...]:
        """The topics of the knowledge pages, the desk's own and the shipped, that this language can be answered on."""
        shelves = (self._own, self._shipped_shelf())
        order = fallbacks(language, self._policy.language)
        names = (name for shelf in shelves for spoken in order for name in shelf.names(spoken))
        return tuple(sorted({n.removeprefix(KNOWLEDGE) for n in names if n.startswith(KNOWLEDGE)}))

    def page(self, topic: str, language: str) -> str | None:
        """The knowledge page of a topic; None if there is none."""
        if self._find(f"{KNOWLEDGE}{topic}", language) is None:
            return None
        return self.render(f"{KNOWLEDGE}{topic}", language, {}).body

    def preview(self, name: str, language: str, values: Mapping[str, Value] | None = None) -> Words:
        """The letter or `replies/<name>` with sample values; `values` replace samples. Raises CannedError."""
        if self._find(name, language) is None:
            raise CannedError(
                f"there is no canned response called {name!r}; `helpdesk canned list` shows all"
            )
        return self.render(name, language, {**samples(allowed(name)), **(values or {})})

    def _said(self, value: Value, language: str) -> Value:
        """A reason in the language of the letter that quotes it."""
        if isinstance(value, tuple):
            return tuple(str(self._said(one, language)) for one in value)
        if not isinstance(value, Reason):
            return value
        try:
            return reasons.say(value, lambda name: self._reason(language, name), language)
        except Fault:  # values that its line cannot show: the English sentence can
            return str(value)

    def _reason(self, language: str, name: str) -> Part | None:
        return self._own.reason(language, name) or self._shipped_shelf().reason(language, name)

    def _find(self, name: str, language: str) -> tuple[str, Response] | None:
        """The response and the language it is in; a file that was never sound is replaced by the shipped one."""
        order = fallbacks(language, self._policy.language)
        for spoken in order:
            if response := self._own.find(spoken, name):
                return spoken, response
            if self._own.broken(spoken, name) and (response := self._shipped_one(spoken, name)):
                return spoken, response
        return next(((s, response) for s in order if (response := self._shipped_one(s, name))), None)

    def _shipped_one(self, language: str, name: str) -> Response | None:
        return self._shipped_shelf().find(language, name)

    def _shipped_shelf(self) -> Shelf:
        if not self._shipped_read:
            self._shipped.refresh()
            self._shipped_read = True
        return self._shipped


def _own_speech(policy: Policy) -> Speech:
    return Speech(primary(policy.language) or "en", policy.calendar.timezone)


def shipped_folder() -> Path:
    """The canned responses that come with the program: in the wheel, or in the repository."""
    package = Path(helpdesk.__file__).parent
    installed = package / "_shipped" / "canned_responses"
    return installed if installed.is_dir() else package.parent / "canned_responses"
