"""Mailing lists: which one carried this mail, and who wrote it when the list put itself into From (R47, R48)."""

from __future__ import annotations

import re

from helpdesk.model.mail import ListInfo
from helpdesk.model.people import Address
from helpdesk.parse import limits
from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.clean import clean_line
from helpdesk.parse.headers import Headers

_ID = re.compile(r"<([^<>\s]{1,250})>")
_MAILTO = re.compile(r"mailto:([^>?\s]{3,320})", re.IGNORECASE)
_MAILING_LIST = re.compile(r"(?:list )?([^\s;,<>]{1,100}@[^\s;,<>]{1,200})", re.IGNORECASE)
_VIA = re.compile(r"(.{1,200}?)\s+(?:via|über|par le biais de|lewat|melalui)\s+.{1,200}", re.IGNORECASE)
_OWNER = re.compile(r"owner-([\w.+-]{1,100})@([\w.-]{1,200})", re.IGNORECASE)
_SENDER = re.compile(
    r"([\w.+-]{1,100}?)-(?:bounces?|owner|admin|errors|request)(?:\+[^@]{0,150})?@([\w.-]{1,200})",
    re.IGNORECASE,
)
_ORIGINALS = (
    "x-original-from",
    "x-original-sender",
    "x-google-original-from",
    "author",
    "original-from",
    "x-mailfrom",
)


def read_list(headers: Headers, sender: Address | None) -> ListInfo | None:
    """None if no mailing list had this mail in its hands."""
    identity = _list_id(headers)
    address = _list_address(headers, identity)
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


def _list_address(headers: Headers, identity: str | None) -> str | None:
    """From the header that says it most plainly to the one that only hints at it."""
    for name in ("list-post", "x-mailing-list", "mailing-list", "x-beenthere", "x-ml-address", "x-listname"):
        if found := _address_in(headers.line(name, 600)):
            return found
    if sender := _from_sender(headers):
        return sender
    if identity and "@" in identity:
        return identity
    if (
        identity
        and "." in identity
        and any(n in headers for n in ("list-unsubscribe", "list-help", "precedence"))
    ):
        local, _, domain = identity.partition(".")
        return f"{local}@{domain}" if local and "." in domain else None
    return None


def _address_in(value: str) -> str | None:
    match = _MAILTO.search(value) or _MAILING_LIST.search(value)
    if not match:
        return None
    local, at, domain = match[1].strip("<>\"'").rpartition("@")
    return f"{local}@{domain.lower()}" if at and local and "." in domain else None


def _from_sender(headers: Headers) -> str | None:
    """`owner-chess@lists.example` or `chess-bounces@lists.example` in Sender, with list headers beside it."""
    value = headers.line("sender", 400) or headers.line("errors-to", 400)
    match = _OWNER.search(value) or _SENDER.search(value)
    if not match or match[1].lower() == "majordomo":
        return None
    precedence = headers.line("precedence", 40).lower()
    if precedence not in {"list", "bulk"} and "list-id" not in headers and "x-mailman-version" not in headers:
        return None
    return f"{match[1]}@{match[2].lower()}"


def _is_munged(headers: Headers, sender: Address | None, address: str | None) -> bool:
    if sender is None:
        return False
    if address and sender.address.lower() == address.lower():
        return True
    return _is_via(headers, sender)


def _is_via(headers: Headers, sender: Address | None) -> bool:
    marks = ("list-id", "x-original-from", "x-original-sender", "reply-to", "cc")
    return bool(sender and _VIA.fullmatch(sender.name)) and any(name in headers for name in marks)


def _original(headers: Headers, sender: Address | None, address: str | None) -> Address | None:
    """Who really wrote: the header a list leaves, else the one Reply-To or Cc that is not the list (R48)."""
    name = _name_before_via(sender)
    for header in (*_ORIGINALS, "reply-to", "cc"):
        listed = read_addresses(headers.text(header)).addresses
        others = [
            a
            for a in listed
            if a.address and a.address.lower() not in {address, sender.address if sender else ""}
        ]
        if len(others) == 1 or (header in _ORIGINALS and others):
            return Address(others[0].name or name, others[0].address)
    return None


def _name_before_via(sender: Address | None) -> str:
    match = _VIA.fullmatch(sender.name) if sender else None
    return clean_line(match[1].strip("'\" "), limits.NAME) if match else ""
