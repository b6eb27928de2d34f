"""One canned response: its text becomes templates that may show the variables of its letter.

To another process goes its text, which is compiled there once: templates are code of this process.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from helpdesk.model.letters import LETTERS
from helpdesk.render.sandbox import Fault, Part, Sandbox, nearest
from helpdesk.render.sources import Source
from helpdesk.render.variables import allowed

_REPLY = re.compile(r"(?:replies|knowledge)/[a-z0-9_]+")
KNOWLEDGE = "knowledge/"
_WITHOUT_SUBJECT = ("replies/", KNOWLEDGE)
_SUBJECT_LINE = "Subject:"
_MOST_KNOWN = 256


class HtmlFault(Fault):
    """What is wrong stands in the HTML."""


@dataclass(frozen=True, slots=True)
class Response:
    """Sound templates; `subject` is None for a reply without one. `names` are the variables that they use."""

    name: str
    source: Source
    subject: Part | None
    body: Part
    html: Part | None
    names: frozenset[str]

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in (self.subject, self.body, self.html) if part)

    def __reduce__(self) -> tuple[Callable[[str, Source], Response], tuple[str, Source]]:
        return compiled, (self.name, self.source)


@lru_cache(maxsize=_MOST_KNOWN)
def compiled(name: str, source: Source) -> Response:
    """Raises Fault for what is wrong in the text, HtmlFault for the HTML."""
    sandbox = _sandbox()
    known = _known(name)
    subject, body, starts_at = _split(source.text, optional=name.startswith(_WITHOUT_SUBJECT))
    first = None if subject is None else sandbox.compile(subject, known)
    text = sandbox.compile(body, known, starts_at)
    html = None if source.html is None else _compiled_html(source.html, known, sandbox)
    names = frozenset().union(*(part.names for part in (first, text, html) if part))
    return Response(name, source, first, text, html, names)


def _compiled_html(source: str, known: tuple[str, ...], sandbox: Sandbox) -> Part:
    try:
        return sandbox.compile(source, known, html=True)
    except Fault as fault:
        raise HtmlFault(fault.line, fault.what, fault.suggestion) from None


@cache
def _sandbox() -> Sandbox:
    return Sandbox()


def _known(name: str) -> tuple[str, ...]:
    if name in LETTERS or _REPLY.fullmatch(name):
        return allowed(name)
    if name.startswith(_WITHOUT_SUBJECT):
        raise Fault(1, "the name of a reply or a topic is made of small letters, digits and _")
    raise Fault(1, f"the desk writes no letter called {name!r}", nearest(name, LETTERS))


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
