"""The address of a mailing list, from the header that says it most plainly to the one that only hints (R47).

Every list program leaves other traces: its own fields, the addresses for commands (name-request, leave-name),
or an envelope sender made from its name. A bare hint counts only beside a second sign of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.headers import Headers

_MAILTO = re.compile(r"mailto:([^>?\s,]{3,320})", re.IGNORECASE)
_PLAIN = re.compile(r"[^\s;,<>\"'()]{1,100}@[^\s;,<>\"'()]{1,200}")
_NAMED = (
    "x-mailing-list", "x-beenthere", "x-ml-address", "x-listname", "x-list-address", "x-mailinglist",
    "x-original-list", "x-list-post",
)  # fmt: skip
# Headers with an address for commands, from which the list's own can be told.
_COMMANDS = (
    "list-owner", "list-subscribe", "list-unsubscribe", "list-help", "x-list-subscribe", "x-list-unsubscribe",
    "x-list-help", "x-unsubscribe", "x-ml-info", "list-digest",
)  # fmt: skip
_COMMAND_LOCAL = (
    re.compile(r"(?:leave|bounce|unsubscribe)-(.{1,80}?)-\d{2,12}[a-z]?", re.IGNORECASE),  # Lyris
    re.compile(
        r"(?:owner|subscribe|unsubscribe|join|leave|sub|unsub|bounce|help|request)-([a-z0-9].{0,80})",
        re.IGNORECASE,
    ),
    re.compile(
        r"(.{1,80}?)[-+_](?:owners?|admin|request|subscribe|unsubscribe|subscribe-.{1,80}|"
        r"unsubscribe-.{1,80}|join|leave|on|off|help|"
        r"digest|bounces?|return|ctl|confirm|errors?|sub|unsub|info)",
        re.IGNORECASE,
    ),
)
_ENVELOPE_LOCAL = (
    re.compile(r"bounce-(.{1,80}?)-\d{2,12}", re.IGNORECASE),
    re.compile(r"owner-(.{1,80})", re.IGNORECASE),
    re.compile(r"(.{1,80}?)-return-\d{1,12}-?.{0,150}", re.IGNORECASE),  # ezmlm
    re.compile(r"(.{1,80}?)[-+](?:bounces?|owner|admin|errors?|request)(?:[-+].{0,150})?", re.IGNORECASE),
)
_SOFTWARE = (
    "x-mailman-version", "list-software", "x-list-software", "x-listserver", "x-mlserver", "x-ml-name", "x-ml-count",
    "x-listprocessor-version", "x-list", "x-list-host", "x-sequence", "x-lyris-message-id", "x-topica-id",
    "x-mail-count", "x-listmember", "x-ecartis-version", "x-listar-version", "x-lsv-listid", "x-loop",
    "x-google-group-id", "x-yahoo-newman-property", "x-egroups-return", "x-list-archive", "x-mailing-list-name",
)  # fmt: skip
_LISTSERV = re.compile(rb"listserv-tcp/ip|\(listserv", re.IGNORECASE)
_LYRIS_ID = re.compile(r"<?(?:lyris|lyr\d|listmanager)-?\d", re.IGNORECASE)
_NOT_A_LIST = re.compile(
    r"(?:majordomo|listserv|mailman|sympa|ecartis|minimalist|root|postmaster|unsubscribe|leave|bounces?|"
    r".{0,60}no-?reply)",
    re.IGNORECASE,
)


def list_address(headers: Headers, identity: str | None) -> str | None:
    found = _stated(headers) or _of_mailing_list(headers)
    if found:
        return found
    signs = _signs(headers, identity)
    if signs == 0:
        return None
    return (
        _by_envelope(headers)
        or _by_name(headers)
        or _by_software(headers)
        or _by_commands(headers)
        or _by_id(headers, identity)
    )


def _stated(headers: Headers) -> str | None:
    """Fields whose only purpose is to tell it."""
    for name in ("list-post", *_NAMED[:2]):
        if found := _address_in(headers.line(name, 600)):
            return found
    for value in headers.fields.get("delivered-to", ()):
        text = value[:300].decode("latin-1")
        if text.lower().startswith("mailing list ") and (found := _address_in(text)):
            return found
    return next((found for name in _NAMED[2:] if (found := _address_in(headers.line(name, 600)))), None)


def _of_mailing_list(headers: Headers) -> str | None:
    """`list milis@lists.example; contact milis-owner@lists.example`, or the contact alone (ezmlm)."""
    value = headers.line("mailing-list", 600)
    found = _address_in(value)
    if found and value.lower().lstrip().startswith("contact"):
        return _told_by(found, _COMMAND_LOCAL) or found
    return found


def _address_in(value: str) -> str | None:
    match = _MAILTO.search(value)
    written = match[1] if match else (plain[0] if (plain := _PLAIN.search(value)) else "")
    local, at, domain = written.strip("<>\"'.").rpartition("@")
    return f"{local}@{domain.lower()}" if at and local and "." in domain else None


def _signs(headers: Headers, identity: str | None) -> int:
    """How many things say that a list had this mail in its hands."""
    precedence = headers.line("precedence", 40).lower()
    fields = sum(1 for name in headers.fields if name.startswith(("list-", "x-list-")))
    software = sum(1 for name in _SOFTWARE if name in headers)
    lyris = bool(_LYRIS_ID.match(headers.text("message-id")))
    return (
        (identity is not None)
        + (precedence in {"list", "bulk"})
        + fields
        + software
        + lyris
        + _is_listserv(headers)
    )


def has_list_software(headers: Headers) -> bool:
    """Did a list program sign its work? The list itself may stay unknown."""
    return any(name in headers for name in _SOFTWARE if name != "x-loop") or _is_listserv(headers)


def _is_listserv(headers: Headers) -> bool:
    return any(_LISTSERV.search(value) for value in headers.fields.get("received", ())[:20])


def _by_envelope(headers: Headers) -> str | None:
    """owner-milis, milis-bounces+anne=customer.example, bounce-milis-123 in the fields that carry bounces."""
    for name in ("sender", "errors-to", "x-sender", "return-path", "resent-sender", "x-envelope-from"):
        address = _address_in(headers.line(name, 400))
        if address and (found := _told_by(address, _ENVELOPE_LOCAL)):
            return found
    return None


def _told_by(address: str, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    local, _, domain = address.rpartition("@")
    for pattern in patterns:
        match = pattern.fullmatch(local)
        if match and not _NOT_A_LIST.fullmatch(match[1]):
            return f"{match[1]}@{domain}"
    return None


def _by_name(headers: Headers) -> str | None:
    """fml, distribute and others tell the name; whose address begins with it?"""
    names = {
        headers.line(n, 100).split(" ")[0].strip("<>").lower()
        for n in ("x-ml-name", "x-list", "x-sequence", "x-mailing-list-name")
    }
    for address in _people(headers, "reply-to", "resent-to", "sender", "to", "cc"):
        if address.rpartition("@")[0].lower() in names - {""}:
            return address
    return None


def _by_software(headers: Headers) -> str | None:
    """Programs that put the list itself into Sender (LISTSERV, LetterRip, CommuniGate) or Reply-To."""
    known = (
        "list-software",
        "x-list-software",
        "x-listserver",
        "x-mlserver",
        "x-listprocessor-version",
        "x-lyris-message-id",
    )
    lyris = bool(_LYRIS_ID.match(headers.text("message-id")))
    if not (_is_listserv(headers) or lyris or any(name in headers for name in known)):
        return None
    told = next((a for a in _people(headers, "sender") if not _is_personal(headers, a)), None)
    if told and not lyris:
        return told
    return _by_commands(headers) or next(
        (a for a in _people(headers, "reply-to", "return-path") if not _is_personal(headers, a)), None
    )


def _is_personal(headers: Headers, address: str) -> bool:
    """The writer's own address, or one for commands."""
    local = address.rpartition("@")[0]
    writers = {a.lower() for a in _people(headers, "from")}
    return address.lower() in writers or bool(_NOT_A_LIST.fullmatch(local))


def _by_commands(headers: Headers) -> str | None:
    """leave-milis-123T, milis-unsubscribe, owner-milis; or the list itself with a command as subject."""
    for name in _COMMANDS:
        value = headers.text(name)[:2_000]
        for match in _MAILTO.finditer(value):
            address = _address_in(match[0])
            if address and (found := _told_by(address, _COMMAND_LOCAL)):
                return found
            names_a_command = value[match.end() :].lower().startswith("?subject=")
            if address and name.startswith("x-list") and names_a_command:
                return address
    return None


def _by_id(headers: Headers, identity: str | None) -> str | None:
    """`milis.lists.example` is milis@lists.example on most servers."""
    if not identity:
        return None
    if "@" in identity:
        return identity
    local, _, domain = identity.partition(".")
    told = any(name in headers for name in ("list-unsubscribe", "list-help", "list-archive", "precedence"))
    return f"{local}@{domain}" if told and local and "." in domain else None


def _people(headers: Headers, *names: str) -> Iterator[str]:
    for name in names:
        for person in read_addresses(headers.text(name)[:2_000]).addresses[:10]:
            if "@" in person.address:
                yield person.address
