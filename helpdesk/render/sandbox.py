"""A template language too small to do harm (T11).

A template may show variables, choose with `if`, and use a handful of filters. There are no loops,
calls, attributes, assignments or joining of text, so the time and the size of a rendering grow with
the size of the template and nothing else; both are capped. What is not allowed is found in the
parsed tree, before anything is compiled: Jinja would compute `'a' * 10**9` while compiling.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.render.variables import Ready

LARGEST_TEMPLATE = 32 * 1024
LARGEST_OUTPUT = 256 * 1024
_DEEPEST = 30

_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.Tuple, nodes.List, nodes.Sub,
    nodes.Add, nodes.Neg, nodes.Keyword,
)  # fmt: skip
_FILTERS = ("capitalize", "count", "d", "default", "e", "escape", "length", "lower", "title", "trim", "truncate",
            "upper")  # fmt: skip
_TESTS = ("defined", "none")
_HINTS = {
    "For": "loops are not allowed; a list is shown by its name or with the filter `bullets`",
    "Call": "calls are not allowed",
    "Getattr": "a value has no parts: `.` is not allowed",
    "Getitem": "a value has no parts: `[...]` is not allowed",
    "Assign": "`set` is not allowed",
    "Concat": "`~` is not allowed; write the two values one after the other",
}
COMPILE_FAULTS = (TemplateError, SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
RENDER_FAULTS = (
    TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError, RecursionError,
)  # fmt: skip


@dataclass(eq=False)
class Fault(Exception):
    """Line and words for what is wrong in one template; `suggestion` may be ''."""

    line: int
    what: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled template. `starts_at` is the line of its file where it begins; `names` are the variables in it."""

    template: Template
    starts_at: int
    names: frozenset[str]

    def render(self, values: Mapping[str, Ready]) -> str:
        """Raises Fault when a value does not fit or the output is larger than 256 KB."""
        pieces: list[str] = []
        size = 0
        try:
            for piece in self.template.generate(values):
                size += len(piece)
                if size > LARGEST_OUTPUT:
                    raise Fault(self.starts_at, f"the letter is larger than {LARGEST_OUTPUT // 1024} KB")
                pieces.append(piece)
        except RENDER_FAULTS as error:
            raise Fault(self._line_of(error), str(error)) from None
        return "".join(pieces)

    def _line_of(self, error: BaseException) -> int:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename == "<template>" and f.lineno]
        return self.starts_at + (lines[-1] if lines else 1) - 1


class Sandbox:
    """Compiles templates for plain text and for HTML."""

    def __init__(self) -> None:
        self._text = _environment(autoescape=False)
        self._html = _environment(autoescape=True)

    def compile(self, source: str, known: Collection[str], starts_at: int = 1, *, html: bool = False) -> Part:
        """Raises Fault: too large, a syntax error, something not allowed, or a variable that is not `known`."""
        environment = self._html if html else self._text
        if len(source) > LARGEST_TEMPLATE:
            raise Fault(starts_at, f"the file is larger than {LARGEST_TEMPLATE // 1024} KB")
        try:
            tree = environment.parse(source)
            for node, depth in _walk(tree):
                _inspect(node, depth, known, starts_at)
            names = frozenset(name.name for name in tree.find_all(nodes.Name))
            return Part(environment.from_string(tree), starts_at, names)
        except TemplateSyntaxError as error:
            raise Fault(starts_at + error.lineno - 1, error.message or "syntax error") from None
        except Fault:
            raise
        except COMPILE_FAULTS as error:
            what = (
                "it is nested too deeply" if isinstance(error, (RecursionError, MemoryError)) else str(error)
            )
            raise Fault(starts_at, what) from None


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
        cache_size=0,
    )
    environment.globals.clear()
    own = {"quote": _quote, "bullets": _bullets}
    environment.filters = {**{name: environment.filters[name] for name in _FILTERS}, **own}
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


def _shown(value: Any) -> Any:
    """Nothing for None; a list in one line."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else value


def _quote(value: str | None) -> str:
    """Each line behind `> `, as mail programs quote."""
    quoted = "> " + str(value or "").replace("\n", "\n> ")
    return quoted.replace("> \n", ">\n").rstrip()


def _bullets(value: tuple[str, ...] | str | None) -> str:
    """Each item on a line of its own behind `- `."""
    items = (value,) if isinstance(value, str) else value or ()
    return "\n".join(f"- {item}" for item in items)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]


def _inspect(node: nodes.Node, depth: int, known: Collection[str], starts_at: int) -> None:
    line = starts_at + (node.lineno or 1) - 1
    if depth > _DEEPEST:
        raise Fault(line, "it is nested too deeply")
    if type(node) not in _NODES:
        word = type(node).__name__
        raise Fault(line, _HINTS.get(word, f"{word} is not allowed in a canned response"))
    if isinstance(node, nodes.Name) and node.name not in known:
        raise Fault(line, f"there is no variable {node.name!r} in this letter", nearest(node.name, known))
    if isinstance(node, nodes.Filter | nodes.Test):
        _inspect_filter(node, line)


def _inspect_filter(node: nodes.Filter | nodes.Test, line: int) -> None:
    is_filter = isinstance(node, nodes.Filter)
    names = (*_FILTERS, "quote", "bullets") if is_filter else _TESTS
    what = "filter" if is_filter else "test"
    if node.name not in names:
        raise Fault(line, f"the {what} {node.name!r} is not allowed", nearest(node.name, names))
    arguments = [*node.args, *(keyword.value for keyword in node.kwargs)]
    if node.dyn_args or node.dyn_kwargs or not all(isinstance(a, nodes.Const) for a in arguments):
        raise Fault(line, f"the {what} {node.name!r} takes plain numbers and texts only")


def nearest(word: str, words: Collection[str]) -> str:
    """The known word that was probably meant, or ''."""
    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.5)), "")
