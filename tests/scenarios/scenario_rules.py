"""Rules of a scenario's desk by their plain names: mode, claim_window, remind_at, survey, limit ..."""

from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

from helpdesk.model.policy import Policy
from helpdesk.testing.desk import policy

_TABLES = ("assignment", "sla", "follow_up", "closing", "cards", "caps", "trust", "commands")


def rules(**changes: Any) -> Policy:
    """The plain policy with these keys changed; a key of a table is named without its table."""
    plain = policy()
    return replace(plain, **_inside_tables(plain, changes))


def _inside_tables(plain: Policy, changes: dict[str, Any]) -> dict[str, Any]:
    whole = {f.name for f in fields(Policy)}
    top = {name: value for name, value in changes.items() if name in whole}
    for table in _TABLES:
        old = getattr(plain, table)
        new = {f.name: _like(getattr(old, f.name), changes[f.name]) for f in fields(old) if f.name in changes}
        if new:
            top[table] = replace(old, **new)
    known = whole | {f.name for table in _TABLES for f in fields(getattr(plain, table))}
    assert set(changes) <= known, f"no such rule: {set(changes) - known}"
    return {name: _like(getattr(plain, name), value) for name, value in top.items()}


def _like(old: Any, new: Any) -> Any:
    return type(old)(new) if isinstance(old, StrEnum) else new
