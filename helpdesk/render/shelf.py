"""One folder of canned responses: reads it, keeps what is sound, and remembers the last good of each.

`<language>/<letter>.txt` is a mail: its `Subject:` line, an empty line, the body; `<letter>.html`
beside it is optional. `<language>/replies/<name>.txt` is a canned reply, `<language>/knowledge/<topic>.txt` a page
for operators; the `Subject:` of both is optional. `<language>/reasons.txt` is a list (`render.reasons`).
A file goes live only after trial renderings with sample values, with each value missing, and with the
largest values; until then the last good one stays. What stands in the folder as it was shipped has passed them in
our tests: it is compiled when it is first wanted, or a start would take twice as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from helpdesk.model.decision import Value
from helpdesk.render.languages import Speech
from helpdesk.render.reasons import FILE as REASONS
from helpdesk.render.reasons import Lines, read_lines
from helpdesk.render.response import HtmlFault, Response, compiled
from helpdesk.render.sandbox import Fault, Part
from helpdesk.render.sources import Key, Source, Stamp, WrongFileError, read, stamps
from helpdesk.render.variables import VARIABLES, Ready, allowed, largest, make_ready, samples


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file of canned responses, with what was probably meant."""

    file: Path
    line: int
    what: str
    suggestion: str = ""

    def __str__(self) -> str:
        meant = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"{self.file}, line {self.line}: {self.what}{meant}"


@dataclass
class Shelf:
    """`refresh` reads what changed; `find` gives the last good response; `problems` are those that stand.

    `shipped`: the folder that comes with the program.
    """

    folder: Path
    speech: Speech
    shipped: Path
    problems: dict[Path, Problem] = field(default_factory=dict)
    _live: dict[Key, Response] = field(default_factory=dict)
    _reasons: dict[str, Lines] = field(default_factory=dict)
    _asleep: dict[Key, Source] = field(default_factory=dict)
    _stamps: dict[Key, Stamp] = field(default_factory=dict)

    def find(self, language: str, name: str) -> Response | None:
        self._wake((language, name))
        return self._live.get((language, name))

    def reason(self, language: str, name: str) -> Part | None:
        self._wake((language, REASONS))
        return self._reasons.get(language, {}).get(name)

    def broken(self, language: str, name: str) -> bool:
        """There is such a file, and no version of it was ever sound."""
        return (language, name) in self._stamps and (language, name) not in self._sound()

    def names(self, language: str) -> list[str]:
        return sorted(name for where, name in self._sound() if where == language)

    def languages(self) -> list[str]:
        return sorted({language for language, _ in self._sound()})

    def refresh(self) -> list[Problem]:
        """Read the files that changed since the last time; return what is wrong in those."""
        return self._refresh(self.shipped)

    def check(self) -> list[Problem]:
        """Try everything again, changed or shipped or not; return all that is wrong."""
        self._stamps = {}
        lonely = [
            path for path in sorted(self.folder.glob("*/**/*.html")) if not path.with_suffix(".txt").exists()
        ]
        without = [
            Problem(path, 1, f"there is no {path.stem}.txt beside it, so it is never used") for path in lonely
        ]
        return [*self._refresh(None), *without]

    def path(self, key: Key) -> Path:
        return self.folder / key[0] / f"{key[1]}.txt"

    def _sound(self) -> set[Key]:
        """All letters, replies and pages that can be had."""
        return {key for key in (*self._live, *self._asleep) if key[1] != REASONS}

    def _refresh(self, tried: Path | None) -> list[Problem]:
        """`tried`: what stands there, too, needs no trial."""
        now = stamps(self.folder)
        changed = [key for key, stamp in now.items() if self._stamps.get(key) != stamp]
        for key in self._stamps.keys() - now.keys():
            self._forget(key)
        self._stamps = now
        return [problem for key in changed if (problem := self._read(key, tried))]

    def _read(self, key: Key, tried: Path | None) -> Problem | None:
        path = self.path(key)
        self._clear_problems(path)
        try:
            source = read(path)
            if tried and (tried == self.folder or source == _shipped_source(tried, key)):
                self._drop(key)
                self._asleep[key] = source
                return None
            self._take_up(key, source)
        except WrongFileError as wrong:
            fault = wrong.fault
            self.problems[wrong.file] = Problem(wrong.file, fault.line, fault.what, fault.suggestion)
            return self.problems[wrong.file]
        return None

    def _wake(self, key: Key) -> None:
        if source := self._asleep.get(key):
            self._take_up(key, source, trial=False)

    def _take_up(self, key: Key, source: Source, *, trial: bool = True) -> None:
        """It goes live, or it is wrong and what was there before stays."""
        if key[1] == REASONS:
            lines = self._load_reasons(self.path(key), source)
            self._drop(key)
            self._reasons[key[0]] = lines
        else:
            response = self._load(key[1], self.path(key), source, trial=trial)
            self._drop(key)
            self._live[key] = response

    def _load_reasons(self, path: Path, source: Source) -> Lines:
        try:
            return read_lines(source.text)
        except Fault as fault:
            raise WrongFileError(path, fault) from None

    def _load(self, name: str, path: Path, source: Source, *, trial: bool) -> Response:
        try:
            response = compiled(name, source)
            if trial:
                self._try_out(response)
        except Fault as fault:
            file = path.with_suffix(".html") if isinstance(fault, HtmlFault) else path
            raise WrongFileError(file, fault) from None
        return response

    def _try_out(self, response: Response) -> None:
        """Whatever the values are, the letter must come out."""
        for part in response.parts:
            for missing, values in self._trials(response.name):
                try:
                    part.render(values)
                except Fault as fault:
                    when = f" when {missing} is empty" if missing else ""
                    kind = HtmlFault if part is response.html else Fault
                    raise kind(fault.line, fault.what + when, fault.suggestion) from None

    def _trials(self, name: str) -> Iterator[tuple[str, Mapping[str, Ready]]]:
        """What was left out, and values: samples, each missing once, none at all, the largest."""
        names = allowed(name)
        full, empty, large = ({n: values[n] for n in names} for values in self._trial_values)
        yield "", full
        for gone in names:
            yield gone, {**full, gone: empty[gone]}
        yield "everything", empty
        yield "", large

    @cached_property
    def _trial_values(self) -> tuple[Mapping[str, Ready], ...]:
        chosen: tuple[dict[str, Value], ...] = (samples(VARIABLES), {}, largest(VARIABLES))
        return tuple(make_ready(VARIABLES, values, self.speech, wary=False) for values in chosen)

    def _forget(self, key: Key) -> None:
        self._drop(key)
        self._clear_problems(self.path(key))

    def _drop(self, key: Key) -> None:
        self._live.pop(key, None)
        self._asleep.pop(key, None)
        if key[1] == REASONS:
            self._reasons.pop(key[0], None)

    def _clear_problems(self, path: Path) -> None:
        self.problems.pop(path, None)
        self.problems.pop(path.with_suffix(".html"), None)


def _shipped_source(folder: Path, key: Key) -> Source | None:
    path = folder / key[0] / f"{key[1]}.txt"
    return read(path) if path.is_file() else None
