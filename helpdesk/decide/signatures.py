"""Which DKIM signatures of a mail are worth asking its signer's key about? Stricter than RFC 6376 (R52).

A signature counts only if it ties down all that the desk goes by: whose mail it is, whom it was written to, which
ticket it is about, and what it is known by when it comes again (T38). What it leaves open, whoever hands the mail on
can change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from helpdesk.decide.authentication import covers
from helpdesk.model.signatures import Signature, Signed

MOST = 3
"""Signatures that are looked at, topmost first."""
NEEDED = ("from", "date", "message-id")
TIED_DOWN = (*NEEDED, "to", "cc", "subject", "in-reply-to", "references")
"""Each of these fields that the mail has must be signed, as often as it stands there."""
ALGORITHM = "rsa-sha256"


def worth_asking(signed: Signed, domain: str, now: datetime) -> tuple[Signature, ...]:
    """Those that would speak for `domain`, that of From, if they are genuine; none leaves anything open."""
    looked_at = [one for one in signed.signatures if one.at < MOST]
    return tuple(one for one in looked_at if all(rule(one, signed, domain, now) for rule in RULES))


def _of_the_domain(signature: Signature, _: Signed, domain: str, __: datetime) -> bool:
    return covers(signature.signer, domain)


def _ties_down(signature: Signature, signed: Signed, _: str, __: datetime) -> bool:
    named, counts = signature.names, signed.counts
    there = all(name in named and counts.get(name) == 1 for name in NEEDED)
    return there and all(named.count(name) >= counts.get(name, 0) for name in TIED_DOWN)


def _whole_body(signature: Signature, _: Signed, __: str, ___: datetime) -> bool:
    return "l" not in signature.tags


def _strong(signature: Signature, _: Signed, __: str, ___: datetime) -> bool:
    return signature.tags.get("a") == ALGORITHM


def _not_expired(signature: Signature, _: Signed, __: str, now: datetime) -> bool:
    expires = signature.tags.get("x")
    if expires is None:
        return True
    return expires.isdecimal() and len(expires) <= 12 and int(expires) > now.timestamp()


Rule = Callable[[Signature, Signed, str, datetime], bool]
RULES: tuple[Rule, ...] = (_of_the_domain, _ties_down, _whole_body, _strong, _not_expired)
