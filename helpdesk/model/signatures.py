"""The DKIM signatures of a mail as they stand in it (RFC 6376 3.5): claims, until the signer's key says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """`at`: the how manieth DKIM-Signature field, topmost 0. `tags` as written, `names` the fields of `h=` in order.

    `signer` and all `names` are in lower case.
    """

    at: int
    signer: str
    names: tuple[str, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """`counts`: how often each field, in lower case, stands in the mail's header."""

    counts: Mapping[str, int]
    signatures: tuple[Signature, ...]
