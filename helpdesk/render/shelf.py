"""One folder of canned responses: reads it, keeps what is sound, and remembers the last good of each.

`<language>/<letter>.txt` is a mail: its `Subject:` line, an empty line, the body; `<letter>.html`
beside it is optional. `<language>/replies/<name>.txt` is a canned reply, `<language>/knowledge/<topic>.txt` a page
for operators; the `Subject:` of both is optional. `<language>/reasons.txt` is a list (`render.reasons`).
A file goes live only after trial renderings with sample values, with each value missing, and with the
largest values; until then the last good one stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from helpdesk.model.decision import Value
from helpdesk.model.letters import LETTERS
from helpdesk.render.languages import Speech
from helpdesk.render.reasons import FILE as REASONS
from helpdesk.render.reasons import Lines, read_lines
from helpdesk.render.sandbox import LARGEST_TEMPLATE, Fault, Part, Sandbox, nearest
from helpdesk.render.variables import VARIABLES, Ready, allowed, largest, make_ready, samples

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_REPLY = re.compile(r"(?:replies|knowledge)/[a-z0-9_]+")
KNOWLEDGE = "knowledge/"
_WITHOUT_SUBJECT = ("replies/", KNOWLEDGE)
_SUBJECT_LINE = "Subject:"

Key = tuple[str, str]
Stamp = tuple[tuple[int, int] | None, ...]


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


@dataclass(frozen=True, slots=True)
class Response:
    """A canned response that is sound; `subject` is None for a reply without one."""

    subject: Part | None
    body: Part
    html: Part | None = None

    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in (self.subject, self.body, self.html) if part)


@dataclass
class Shelf:
    """`refresh` reads what changed; `find` gives the last good response; `problems` are those that stand."""

    folder: Path
    speech: Speech
    sandbox: Sandbox = field(default_factory=Sandbox)
    problems: dict[Path, Problem] = field(default_factory=dict)
    _live: dict[Key, Response] = field(default_factory=dict)
    _reasons: dict[str, Lines] = field(default_factory=dict)
    _stamps: dict[Key, Stamp] = field(default_factory=dict)

    def find(self, language: str, name: str) -> Response | None:
        return self._live.get((language, name))

    def reason(self, language: str, name: str) -> Part | None:
        return self._reasons.get(language, {}).get(name)

    def broken(self, language: str, name: str) -> bool:
        """There is such a file, and no version of it was ever sound."""
        return (language, name) in self._stamps and (language, name) not in self._live

    def names(self, language: str) -> list[str]:
        return sorted(name for where, name in self._live if where == language)

    def languages(self) -> list[str]:
        return sorted({language for language, _ in self._live})

    def refresh(self) -> list[Problem]:
        """Read the files that changed since the last time; return what is wrong in those."""
        stamps = {key: _stamp(path) for key, path in self._files()}
        changed = [key for key, stamp in stamps.items() if self._stamps.get(key) != stamp]
        for key in set(self._stamps) - set(stamps):
            self._forget(key)
        self._stamps = stamps
        return [problem for key in changed if (problem := self._read(key))]

    def check(self) -> list[Problem]:
        """Read everything again, changed or not; return all that is wrong."""
        self._stamps = {}
        lonely = [
            path for path in sorted(self.folder.glob("*/**/*.html")) if not path.with_suffix(".txt").exists()
        ]
        without = [
            Problem(path, 1, f"there is no {path.stem}.txt beside it, so it is never used") for path in lonely
        ]
        return [*self.refresh(), *without]

    def path(self, key: Key) -> Path:
        return self.folder / key[0] / f"{key[1]}.txt"

    def _files(self) -> Iterator[tuple[Key, Path]]:
        for place in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if place.is_dir() and _LANGUAGE.fullmatch(place.name):
                for path in sorted(
                    (*place.glob("*.txt"), *place.glob("replies/*.txt"), *place.glob("knowledge/*.txt"))
                ):
                    yield (place.name, path.relative_to(place).with_suffix("").as_posix()), path

    def _read(self, key: Key) -> Problem | None:
        path = self.path(key)
        self._clear_problems(path)
        try:
            if key[1] == REASONS:
                self._reasons[key[0]] = self._load_reasons(path)
            else:
                self._live[key] = self._load(key[1], path)
        except _WrongFileError as wrong:
            fault = wrong.fault
            self.problems[wrong.file] = Problem(wrong.file, fault.line, fault.what, fault.suggestion)
            return self.problems[wrong.file]
        return None

    def _load_reasons(self, path: Path) -> Lines:
        try:
            return read_lines(_read_text(path), self.sandbox)
        except Fault as fault:
            raise _WrongFileError(path, fault) from None

    def _load(self, name: str, path: Path) -> Response:
        html_path = path.with_suffix(".html")
        try:
            known = _known(name)
            response = self._compile(_read_text(path), name, known)
        except Fault as fault:
            raise _WrongFileError(path, fault) from None
        try:
            if html_path.is_file():
                html = self.sandbox.compile(_read_text(html_path), known, html=True)
                self._try_out(Response(None, html), name)
                response = Response(response.subject, response.body, html)
        except Fault as fault:
            raise _WrongFileError(html_path, fault) from None
        return response

    def _compile(self, source: str, name: str, known: tuple[str, ...]) -> Response:
        subject, body, starts_at = _split(source, optional=name.startswith(_WITHOUT_SUBJECT))
        response = Response(
            None if subject is None else self.sandbox.compile(subject, known),
            self.sandbox.compile(body, known, starts_at),
        )
        self._try_out(response, name)
        return response

    def _try_out(self, response: Response, name: str) -> None:
        """Whatever the values are, the letter must come out."""
        for part in response.parts():
            for missing, values in self._trials(name):
                try:
                    part.render(values)
                except Fault as fault:
                    when = f" when {missing} is empty" if missing else ""
                    raise Fault(fault.line, fault.what + when, fault.suggestion) from None

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
        self._live.pop(key, None)
        if key[1] == REASONS:
            self._reasons.pop(key[0], None)
        self._clear_problems(self.path(key))

    def _clear_problems(self, path: Path) -> None:
        self.problems.pop(path, None)
        self.problems.pop(path.with_suffix(".html"), None)


@dataclass(eq=False)
class _WrongFileError(Exception):
    file: Path
    fault: Fault


def _known(name: str) -> tuple[str, ...]:
    if name in LETTERS or _REPLY.fullmatch(name):
        return allowed(name)
    if name.startswith(_WITHOUT_SUBJECT):
        raise Fault(1, "the name of a reply or a topic is made of small letters, digits and _")
    raise Fault(1, f"the desk writes no letter called {name!r}", nearest(name, LETTERS))


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()[: 4 * LARGEST_TEMPLATE + 4]
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Fault(line, "the file is not UTF-8") from None
    except OSError as error:
        raise Fault(1, f"the file cannot be read: {error.strerror}") from None


def _split(source: str, *, optional: bool) -> tuple[str | None, str, int]:
    """Return the subject, the body, and the line where the body begins."""
    first, _, rest = source.partition("\n")
    if not first.startswith(_SUBJECT_LINE):
        if optional:
            return None, source, 1
        raise Fault(1, f"the first line must be the subject: '{_SUBJECT_LINE} ...'")
    empty, _, body = rest.partition("\n")
    if empty.strip():
        raise Fault(2, "an empty line must follow the subject")
    return first.removeprefix(_SUBJECT_LINE).strip(), body.strip("\n"), 3 + len(body) - len(body.lstrip("\n"))


def _stamp(path: Path) -> Stamp:
    """Changes when the text or the HTML beside it changes."""
    stamps: list[tuple[int, int] | None] = []
    for file in (path, path.with_suffix(".html")):
        try:
            stat = file.stat()
            stamps.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            stamps.append(None)
    return tuple(stamps)
