"""How values become columns: UTC instants, clean text, JSON, spans. Equal on SQLite and PostgreSQL."""

# ruff: noqa: ARG002 - the signatures are SQLAlchemy's
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

# T16: PostgreSQL refuses NUL, both refuse lone surrogates, SQLite's length() stops at NUL
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_NUL = "\\u0000"
"""How JSON writes it; who writes these six letters himself costs a second look."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_LONGEST_KEY = 400

Id = BigInteger().with_variant(Integer(), "sqlite")


def clean_text(text: str) -> str:
    """Replace what no database stores (T16); joiners that scripts need stay."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """Clean text for subjects and names: without the marks that turn the reading direction round (T16)."""
    return _BIDI.sub("", clean_text(text))


def as_key(text: str) -> str:
    """The text as a `Key` has it."""
    cleaned = clean_text(text)
    if len(cleaned) <= _LONGEST_KEY:
        return cleaned
    return cleaned[:_LONGEST_KEY] + "#" + hashlib.sha256(cleaned.encode()).hexdigest()


class CleanText(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_text(value)


class CleanLine(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_line(value)


class Key(TypeDecorator[str]):
    """Text that is looked up. A very long one is cut and hashed: PostgreSQL's index has a limit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else as_key(value)


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, microseconds kept. On SQLite text that sorts."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=True) if native else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is UTC and dialect.name == "sqlite":
            return _as_text(value)  # nearly all
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = _to_utc(value)
        if dialect.name == "postgresql":
            return utc
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return instant.astimezone(UTC)


@lru_cache(maxsize=64)
def _as_text(value: datetime) -> str:
    """Of one in UTC; what is stored together happened at the same instant."""
    return value.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _to_utc(value: datetime) -> datetime:
    """A mail may be dated in the year 1 or 9999, where the time zone leads out of the calendar."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if value.year == 1 else _LATEST


class Span(TypeDecorator[timedelta]):
    """A timedelta as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """Lists and mappings of text, numbers and yes/no, as JSON text. Tuples come back as lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = _texts_as_json(value) if _are_texts(value) else _as_json(value)
        if text.isascii() and _NUL not in text:
            return text
        return _as_json(cleaned(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _texts_as_json(texts: Sequence[str]) -> str:
    """As `_as_json` writes them, which takes ten times as long to get ready for more."""
    return f"[{', '.join(map(encode_basestring, texts))}]"


def cleaned(value: Any) -> Any:
    """The value as it is read again: lists for tuples, texts as they are stored."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value
