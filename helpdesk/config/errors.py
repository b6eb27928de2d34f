"""What is wrong with a configuration, one line each: file, key, value, remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Loc = tuple[int | str, ...]
_SECRET_WORDS = ("password", "secret", "token", "passwd", "passphrase")
_LONGEST_VALUE = 60
_URL_PASSWORD = re.compile(r"(://[^:/@]*:).*@")


class ConfigError(Exception):
    """The configuration cannot be used; `findings` holds one line per reason, the message all of them."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Finding:
    """`loc` leads to the value, as pydantic counts; `remedy` says what is wrong and what to do."""

    loc: Loc
    remedy: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values came from, for the messages: the file as the user named it, and the variables' names by loc."""

    file: str
    data: Mapping[str, Any] = field(repr=False)
    variables: Mapping[Loc, str] = field(default_factory=dict)

    def line(self, finding: Finding) -> str:
        variable, loc = self._variable(finding.loc)
        place = f"environment: {variable}" if variable else f"{self.file}: {_place(loc, self.data)}"
        return f"{place}{_shown(loc, value_at(self.data, loc))}: {finding.remedy}"

    def _variable(self, loc: Loc) -> tuple[str | None, Loc]:
        """Return the variable that a value came from, and how much of the loc it wrote."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.variables:
                return self.variables[loc[:end]], loc[:end]
        value = value_at(self.data, loc)
        if isinstance(value, Mapping) and value and all((*loc, key) in self.variables for key in value):
            return ", ".join(self.variables[(*loc, key)] for key in value), loc
        return None, loc


def is_secret(key: int | str) -> bool:
    """Is this the name of a secret itself, not of a file or variable that holds it?"""
    return isinstance(key, str) and key.endswith(_SECRET_WORDS)


def value_at(data: Any, loc: Loc) -> Any:
    """Return the value as it was written, None where there is none."""
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)
    )


def _place(loc: Loc, data: Mapping[str, Any]) -> str:
    """Return '[sla] clock', '[[operators]] #2 address', '[sla] remind_at #1': as the user finds it in the file."""
    size = next((n for n in range(len(loc), 0, -1) if _is_table(value_at(data, loc[:n]))), 0)
    table, key = loc[:size], loc[size:]
    if not table and len(key) > 1:  # the table is not there at all
        table, key = loc[:-1], loc[-1:]
    words = [_header(table)] if table else []
    if key:
        words.append(".".join(str(step) for step in key if isinstance(step, str)))
        words += [f"#{step + 1}" for step in key if isinstance(step, int)]
    return " ".join(word for word in words if word)


def _header(table: Loc) -> str:
    name = ".".join(step for step in table if isinstance(step, str))
    number = ".".join(str(step + 1) for step in table if isinstance(step, int))
    bracketed = f"[[{name}]]" if isinstance(table[-1], int) else f"[{name}]"
    return f"{bracketed} #{number}" if number else bracketed


def _shown(loc: Loc, value: Any) -> str:
    """Return ' = "value"' as TOML; nothing for tables, for what is not there, and for secrets (T26)."""
    if value is None or _is_table(value) or any(is_secret(step) for step in loc):
        return ""
    if isinstance(value, str):
        value = _URL_PASSWORD.sub(r"\1***@", value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f" = {text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + '…'}"
