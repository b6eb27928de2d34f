"""Who takes part: customers, operators, PIC, and the addresses they write from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"
    PIC = "pic"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox. `address` is NFC text with its domain in lower case; `name` may be empty."""

    name: str
    address: str


def folded(address: str) -> str:
    """The address by which customers are counted and known again: `Anne+shop@X.example` is anne@x.example."""
    local, _, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in the configuration, who may act by mail."""

    name: str
    address: str
    aliases: tuple[str, ...] = ()

    @property
    def mailbox(self) -> Address:
        return Address(self.name, self.address)

    def writes_from(self, address: str) -> bool:
        """Exact match on ASCII only: a look-alike letter is somebody else (T33)."""
        return address.isascii() and address.lower() in {a.lower() for a in (self.address, *self.aliases)}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who wrote a mail and what makes us believe it.

    `person` is the registered operator or PIC; None for everybody else.
    `proof` says what convinced us; None when nothing but the From line says so. `doubt` is what speaks against
    it, and outweighs every proof. `tried` are all rules that were asked, with their answers.
    """

    role: Role
    address: Address
    person: Person | None = None
    proof: str | None = None
    doubt: str | None = None
    tried: tuple[str, ...] = ()
