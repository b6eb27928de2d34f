"""What mail servers wrote on the way about a mail's sender (RFC 8601), as it stands in the mail.

These are claims: anybody can write such a field. `decide.authentication` says which are believed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`dkim=pass header.d=staff.example`: method and result in lower case, `properties` as (name, value)."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The value of a property, '' if it was not given."""
        return next((value for known, value in self.properties if known == name), "")


@dataclass(frozen=True, slots=True)
class Testimony:
    """One Authentication-Results field. `server` is its authserv-id in lower case.

    `hops`: the hosts that the Received fields above it name after `by`, topmost first; '' where one names none.
    """

    server: str
    findings: tuple[Finding, ...]
    hops: tuple[str, ...] = ()
