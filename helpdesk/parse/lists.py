"""Mailing lists: which one carried this mail, and who wrote it when the list put itself into From (R47, R48)."""

from __future__ import annotations

import re

from helpdesk.model.mail import ListInfo
from helpdesk.model.people import Address
from helpdesk.parse import limits
from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.clean import clean_line
from helpdesk.parse.headers import Headers
from helpdesk.parse.listaddress import list_address

_ID = re.compile(r"<([^<>\s]{1,250})>")
_VIA_WORD = (
    r"(?:via|über|uber|durch|par le biais de|par|tramite|attraverso|mediante|a través de|através de|por|"
    r"lewat|melalui|"
    r"przez|через|чрез|prostřednictvím|gennem|gjennom|genom|kautta|üzerinden|aracılığıyla|μέσω|通过|透過|経由)"
)
_VIA = re.compile(rf"['\"]?(.{{1,200}}?)['\"]?\s+\(?{_VIA_WORD}\s+.{{1,200}}", re.IGNORECASE)
_YAHOO = re.compile(r"(.{0,200}?)\s?([^\s@\[\]]{1,100}@[^\s@\[\]]{3,200}) \[.{1,100}\]")
_DMARC = re.compile(r"[0-9a-f]{8,40}-dmarc-request", re.IGNORECASE)
_ORIGINALS = (
    "x-original-from", "x-original-sender", "x-google-original-from", "x-original-from-address", "author",
    "original-from", "x-from", "x-mailfrom", "x-original-author",
)  # fmt: skip


def read_list(headers: Headers, sender: Address | None) -> ListInfo | None:
    """None if no mailing list had this mail in its hands."""
    identity = _list_id(headers)
    address = list_address(headers, identity)
    if identity is None and address is None and _is_via(headers, sender):
        address = sender.address if sender else None  # nothing but its From betrays the list
    if identity is None and address is None:
        return None
    munged = _is_munged(headers, sender, address)
    return ListInfo(identity, address, munged, _original(headers, sender, address) if munged else None)


def _list_id(headers: Headers) -> str | None:
    value = headers.line("list-id", 600)
    if not value:
        return None
    match = _ID.search(value)
    return match[1].lower() if match else clean_line(value.split(" ")[-1], 250).lower() or None


def _is_munged(headers: Headers, sender: Address | None, address: str | None) -> bool:
    """The list is in From instead of the writer (DMARC). A list's own news, From alone, are not munged."""
    if sender is None:
        return False
    if _encoded_address(sender) or _DMARC.fullmatch(sender.address.rpartition("@")[0]):
        return True
    if address and sender.address.lower() == address.lower():
        return True
    return _is_via(headers, sender)


def _is_via(headers: Headers, sender: Address | None) -> bool:
    marks = ("list-id", "x-original-from", "x-original-sender", "reply-to", "cc")
    return bool(sender and _VIA.fullmatch(sender.name)) and any(name in headers for name in marks)


def _original(headers: Headers, sender: Address | None, address: str | None) -> Address | None:
    """Who really wrote: From itself if it still tells, the header a list leaves, else the one Reply-To or Cc (R48)."""
    name = _name_before_via(sender)
    if sender and (told := _encoded_address(sender)):
        return Address(_YAHOO.sub(r"\1", name or sender.name).strip(" '\""), told)
    for header in (*_ORIGINALS, "reply-to", "cc"):
        listed = read_addresses(headers.text(header)).addresses
        others = [a for a in listed if "@" in a.address and not _is_the_list(a, sender, address)]
        if len(others) == 1 or (header in _ORIGINALS and others):
            return Address(others[0].name or name, others[0].address)
    return None


def _is_the_list(other: Address, sender: Address | None, address: str | None) -> bool:
    return other.address.lower() in {(address or "").lower(), sender.address.lower() if sender else ""}


def _encoded_address(sender: Address) -> str | None:
    """anne=customer.example@groups.example, anne=40customer.example@dmarc.example, "anne@customer.example [milis]"."""
    local, _, domain = sender.address.rpartition("@")
    user, equals, host = local.rpartition("=40") if "=40" in local else local.rpartition("=")
    if equals and user and "." in host and (domain.startswith("dmarc.") or _VIA.fullmatch(sender.name)):
        return f"{user}@{host.lower()}"
    match = _YAHOO.fullmatch(sender.name) if sender.name.endswith("]") else None
    return match[2] if match else None


def _name_before_via(sender: Address | None) -> str:
    match = _VIA.fullmatch(sender.name) if sender else None
    return clean_line(match[1].strip("'\" "), limits.NAME) if match else ""
