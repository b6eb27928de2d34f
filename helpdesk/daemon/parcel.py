"""How calls and what they return are handed to another process of ours: pickled, with a short way for frozen data.

A dataclass with slots is pickled by a Python function that asks for its fields each time, and made again by another:
a mail of a hundred lines takes three times as long as here, where it is its class and what that is called with.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any


class _Packer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        kind: Any = type(value)
        values_of = _values_of(kind)
        return NotImplemented if values_of is None else (kind, values_of(value))


@cache
def _values_of(kind: Any) -> Callable[[Any], tuple[Any, ...]] | None:
    """What gets from an instance the arguments that make it anew; None where pickle knows better."""
    if not is_dataclass(kind) or hasattr(kind, "__post_init__") or "__reduce__" in vars(kind):
        return None
    its = fields(kind)
    if len(its) < 2 or not all(field.init and not field.kw_only for field in its):
        return None
    return attrgetter(*(field.name for field in its))


def pack(value: object) -> bytes:
    packed = io.BytesIO()
    _Packer(packed, pickle.HIGHEST_PROTOCOL).dump(value)
    return packed.getvalue()


def unpack(packed: bytes) -> Any:
    """Only for what comes from a process of ours, on a line that nobody else can write to."""
    return pickle.loads(packed)  # noqa: S301
