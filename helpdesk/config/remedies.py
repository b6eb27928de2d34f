"""From what pydantic found to what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from helpdesk.config.errors import Finding, Loc, is_secret
from helpdesk.config.values import suggestion

_KINDS = {
    "string_type": 'not a text; write it in quotes: "..."',
    "list_type": "not a list; write [...]",
    "tuple_type": "not a list; write [...]",
    "frozen_set_type": "not a list; write [...]",
    "model_type": "not a table; write [{key}] and its keys below it",
    "model_attributes_type": "not a table; write [{key}] and its keys below it",
    "dict_type": "not a table; write [{key}] and its keys below it",
    "path_type": 'not a path; write it in quotes: "..."',
    "int_parsing": "not a whole number; write for example 10",
    "int_type": "not a whole number; write for example 10",
    "int_from_float": "not a whole number; write for example 10",
    "int_parsing_size": "not a whole number of a sensible size; write for example 10",
    "finite_number": "not a number that can be counted with; write for example 10",
    "float_parsing": "not a number; write for example 0.5",
    "float_type": "not a number; write for example 0.5",
    "bool_parsing": "neither yes nor no; write true or false",
    "bool_type": "neither yes nor no; write true or false",
}
_PATTERNS = {
    "language": 'not a language code; write for example "en" or "id"',
    "token_url": 'not an https address; write for example "https://login.desk.example/token"',
}


def findings(model: type[BaseModel], errors: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return one finding for each of pydantic's errors."""
    return [Finding(tuple(error["loc"]), _remedy(model, tuple(error["loc"]), error)) for error in errors]


def _remedy(model: type[BaseModel], loc: Loc, error: Mapping[str, Any]) -> str:
    kind, key, context = error["type"], str(loc[-1]), error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return _unknown(key, known_keys(model, loc[:-1]), is_table=isinstance(error["input"], dict | list))
    if kind == "missing":
        return _missing(key, model, loc)
    if kind in {"enum", "literal_error"}:
        return _choices(model, loc, error["input"])
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
        return "out of range; " + _range(model, loc)
    if kind == "string_pattern_mismatch":
        return _PATTERNS[key]
    if kind.startswith("date"):
        return 'not a date; write for example "2026-12-24"'
    if kind == "tuple_type" and _table_at(model, loc):
        return f"not a list of tables; write [[{key}]]"
    return _KINDS[kind].format(key=key) if kind in _KINDS else str(error["msg"])


def _unknown(key: str, known: list[str], *, is_table: bool) -> str:
    if is_secret(key) and f"{key}_file" in known:
        return (
            f"a secret does not belong in this file; write it to a file of mode 0600 and name that in {key}_file, "
            f"or name an environment variable in {key}_env"
        )
    what = "table" if is_table else "key"
    return f"no such {what}{suggestion(key, known) or '; there are: ' + ', '.join(known)}"


def _missing(key: str, model: type[BaseModel], loc: Loc) -> str:
    field = field_at(model, loc)
    if table := _table_at(model, loc):
        lines = " and ".join(
            _example(name, info) for name, info in _fields(table).items() if info.is_required()
        )
        return f"missing; write [{key}] and below it {lines}"
    return f"missing; write for example {_example(key, field)}" if field else "missing"


def _example(key: str, field: FieldInfo) -> str:
    return f'{key} = "{field.examples[0]}"' if field.examples else key


def _choices(model: type[BaseModel], loc: Loc, value: Any) -> str:
    field = field_at(model, loc)
    words = _words(field.annotation) if field else []
    listed = ", ".join(f'"{word}"' for word in words)
    return f"not one of {listed}{suggestion(value, words) if isinstance(value, str) else ''}"


def _range(model: type[BaseModel], loc: Loc) -> str:
    field = field_at(model, loc)
    metadata = [*(field.metadata if field else []), *_metadata(field.annotation if field else None)]
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    found = {
        name: getattr(item, name)
        for item in metadata
        for name in words
        if getattr(item, name, None) is not None
    }
    return "write a number of " + " and ".join(f"{words[name]} {limit:g}" for name, limit in found.items())


def _metadata(annotation: Any) -> list[Any]:
    inner = [item for part in get_args(annotation) for item in _metadata(part)]
    constraints = [
        item
        for extra in getattr(annotation, "__metadata__", ())
        for item in getattr(extra, "metadata", [extra])
    ]
    return constraints + inner


def _words(annotation: Any) -> list[str]:
    """Return the texts that a Literal or an enumeration allows, however deep it is wrapped."""
    if isinstance(annotation, type) and hasattr(annotation, "__members__"):
        return [str(member.value) for member in annotation.__members__.values()]
    if isinstance(annotation, str):
        return [annotation]
    return [word for part in get_args(annotation) for word in _words(part)]


def known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys of the table at `loc`, as they are written."""
    table = _table_at(model, loc)
    return list(_fields(table)) if table else []


def field_at(model: type[BaseModel], loc: Loc) -> FieldInfo | None:
    """Return the field that a loc leads to; list positions do not count."""
    names = [step for step in loc if isinstance(step, str)]
    table = _table_at(model, tuple(names[:-1]))
    return _fields(table).get(names[-1]) if table and names else None


def _table_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    table: type[BaseModel] | None = model
    for step in loc:
        if isinstance(step, str):
            field = _fields(table).get(step) if table else None
            table = table_of(field.annotation) if field else None
    return table


def _fields(table: type[BaseModel]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in table.model_fields.items()}


def table_of(annotation: Any) -> type[BaseModel] | None:
    """Return the table inside an annotation such as `tuple[ImapTable, ...]` or `WebTable | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := table_of(part))), None)
