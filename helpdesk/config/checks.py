"""What one key cannot know: findings that come from two values together, or from a look at the folder.

Each check yields findings; CHECKS is the list that the loader runs, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from helpdesk.config.errors import Finding, Loc
from helpdesk.config.form_checks import check_forms, check_third_parties
from helpdesk.config.policy import work_calendar
from helpdesk.decide import calendar as working_time
from helpdesk.model.ticket import Clock

if TYPE_CHECKING:
    from helpdesk.config.roads import ImapTable
    from helpdesk.config.root import Root

LONGEST_LOCAL_PART = 24
"""R7: a local part has 64 characters, and a signed reply address adds up to 40 to the desk's."""


def check_desk(root: Root) -> Iterator[Finding]:
    desk = root.desk
    local = desk.address.partition("@")[0]
    if "+" in local:
        yield Finding(("desk", "address"), 'the desk adds its own "+..." to it; write an address without "+"')
    if len(local) > LONGEST_LOCAL_PART:
        yield Finding(
            ("desk", "address"),
            f'longer than {LONGEST_LOCAL_PART} characters before the "@"; reply addresses would not fit, write less',
        )
    if desk.list and root.is_own(desk.list):
        yield Finding(("desk", "list"), "is the desk's own address; the list needs an address of its own")
    for number, address in enumerate(desk.pic):
        if root.is_own(address) or address == desk.list:
            yield Finding(
                ("desk", "pic", number), "is the desk's or the list's address; its mail would go in a circle"
            )
    if desk.state.exists() and not desk.state.is_dir():
        yield Finding(("desk", "state"), "is a file; name a folder")


def check_canned(root: Root) -> Iterator[Finding]:
    folder, language = root.desk.canned_responses, root.desk.language
    if not folder.is_dir():
        yield Finding(
            ("desk", "canned_responses"), "no such folder; helpdesk init writes one, or name another"
        )
    elif not (folder / language).is_dir():
        there = ", ".join(f'"{name}"' for name in languages(folder)) or "none"
        yield Finding(("desk", "language"), f"canned_responses has no such language; there are: {there}")


def languages(folder: Path) -> list[str]:
    """Return the names of the language folders."""
    found = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(name for name in found if name[0].isalpha() and name not in {"replies", "knowledge"})


def check_store(root: Root) -> Iterator[Finding]:
    loc: Loc = ("store", "url")
    yield from (Finding(("store", key), problem) for key, problem in root.store.secret_problems())
    if root.store.url is None:
        return
    try:
        url = make_url(root.store.url)
    except ArgumentError:
        yield Finding(loc, 'not a database address; write for example "sqlite:///var/helpdesk.db"')
        return
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        yield Finding(loc, 'must begin with "sqlite:///" or "postgresql+psycopg://"')
    elif url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        yield Finding(loc, 'names no file; write for example "sqlite:///var/helpdesk.db"')


def check_smtp(root: Root) -> Iterator[Finding]:
    smtp, here = root.receive.smtp, ("receive", "smtp")
    if smtp is None:
        return
    for key, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        path: Path | None = getattr(smtp, key)
        if path and not path.is_file():
            yield Finding((*here, key), "no such file; write where it is, relative to the configuration file")
        if path and not getattr(smtp, other):
            yield Finding((*here, key), f"needs {other} beside it")
    if smtp.require_tls and not smtp.tls_cert:
        yield Finding((*here, "require_tls"), "needs tls_cert and tls_key")
    if smtp.max_sessions_per_ip > smtp.max_sessions:
        yield Finding(
            (*here, "max_sessions_per_ip"), f"more than max_sessions ({smtp.max_sessions}); write less"
        )


def check_imap(root: Root) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, account in enumerate(root.receive.imap):
        here: Loc = ("receive", "imap", number)
        yield from (Finding((*here, key), problem) for key, problem in account.secret_problems())
        yield from _imap_login(here, account)
        if account.name in seen:
            yield Finding(
                (*here, "username"), "this mailbox is configured twice; name all its folders in one table"
            )
        if not account.folders:
            yield Finding((*here, "folders"), 'names no folder; write for example ["INBOX"]')
        seen.add(account.name)


def _imap_login(here: Loc, account: ImapTable) -> Iterator[Finding]:
    if account.tls == "none" and not is_loopback(account.host):
        yield Finding(
            (*here, "tls"), 'the password would be sent in the clear; write "implicit" or "starttls"'
        )
    if bool(account.oauth2) == account.has_secret("password"):
        yield Finding(
            (*here, "username"),
            "how to log in? set one of password_file, password_env and oauth2 (and only one)",
        )
    if account.oauth2:
        for key, problem in account.oauth2.secret_problems():
            yield Finding((*here, "oauth2", key), problem)
        for name in account.oauth2.secrets:
            if not account.oauth2.has_secret(name):
                yield Finding((*here, "oauth2", f"{name}_file"), f"missing; set it or {name}_env")


def check_send(root: Root) -> Iterator[Finding]:
    send = root.send
    yield from (Finding(("send", key), problem) for key, problem in send.secret_problems())
    if send.username and not send.has_secret("password"):
        yield Finding(("send", "username"), "has no password; set password_file or password_env")
    if send.has_secret("password") and not send.username:
        key = "password_file" if send.password_file else "password_env"
        yield Finding(("send", key), "a password without a username; set username too")
    if send.transport == "smtp" and send.username and send.tls == "none":  # R74
        yield Finding(
            ("send", "tls"), 'a password is never sent in the clear; write "starttls" or "implicit"'
        )
    if send.ca_file and not send.ca_file.is_file():
        yield Finding(
            ("send", "ca_file"), "no such file; write where it is, relative to the configuration file"
        )


def check_limits(root: Root) -> Iterator[Finding]:
    limits = root.limits
    if limits.header_value > limits.header_block:
        yield Finding(
            ("limits", "header_value"), "more than header_block; a field is a part of the block, write less"
        )
    if limits.retry_first > limits.retry_longest:
        yield Finding(("limits", "retry_first"), "longer than retry_longest; the pauses grow, write less")
    if 3 * limits.heartbeat > limits.lease:
        yield Finding(
            ("limits", "heartbeat"),
            "more than a third of lease; a node that misses two beats must live, write less",
        )
    if limits.worker_cpu > limits.worker_wall:
        yield Finding(("limits", "worker_cpu"), "longer than worker_wall; it would never act, write less")


def check_follow_up(root: Root) -> Iterator[Finding]:
    nudges, close = root.follow_up.nudge_after, root.follow_up.close_after
    for number, nudge in enumerate(nudges):
        if nudge >= close:
            yield Finding(
                ("follow_up", "nudge_after", number), "not before close_after; the nudge would never be sent"
            )
        if number and nudge <= nudges[number - 1]:
            yield Finding(
                ("follow_up", "nudge_after", number), "not after the one before it; write them in order"
            )


def check_calendar(root: Root) -> Iterator[Finding]:
    """Also: no length may take longer than working time can ever count."""
    if not root.calendar.working_days:
        yield Finding(
            ("calendar", "working_days"), 'no day is left to work; write for example ["mon", "tue"]'
        )
        return
    sla, follow_up = root.sla, root.follow_up
    lengths = [
        (("sla", "first_response"), sla.first_response, sla.clock),
        (("sla", "next_response"), sla.next_response, sla.clock),
        (("follow_up", "close_after"), follow_up.close_after, follow_up.clock),
    ]
    for loc, length, clock in lengths:
        if clock is not Clock.CALENDAR:
            try:
                working_time.add(
                    datetime(2026, 1, 1, tzinfo=UTC), length, clock, work_calendar(root, holidays=())
                )
            except working_time.CalendarError:
                yield Finding(
                    loc, f"takes more than ten years of {clock}; write less, or longer [calendar] hours"
                )


def check_trust(root: Root) -> Iterator[Finding]:
    missing = [name for name in ("dkim", "dns") if find_spec(name) is None] if root.trust.check_dkim else []
    if missing:
        yield Finding(
            ("trust", "check_dkim"),
            "dkimpy and dnspython are not installed; write false, or do: pip install 'helpdesk[dkim]'",
        )


def check_people(root: Root) -> Iterator[Finding]:
    """An address stands for one person: commands by mail are believed by it."""
    for table in ("operators", "pic"):
        owner: dict[str, str] = {}
        for number, person in enumerate(getattr(root, table)):
            places: list[Loc] = [("address",), *(("aliases", n) for n in range(len(person.aliases)))]
            for place, address in zip(places, (person.address, *person.aliases), strict=True):
                if root.is_own(address) or address == root.desk.list:
                    whose = "the list's" if address == root.desk.list else "the desk's own"
                    yield Finding((table, number, *place), f"is {whose} address; write the person's own")
                if address in owner:
                    yield Finding(
                        (table, number, *place),
                        f"belongs to {owner[address]} already; an address is one person's",
                    )
                owner.setdefault(address, person.name)
    for number, party in enumerate(root.third_parties):
        if root.is_own(party.address) or party.address == root.desk.list:
            yield Finding(
                ("third_parties", number, "address"), "is the desk's or the list's address; write theirs"
            )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


CHECKS: tuple[Callable[[Root], Iterator[Finding]], ...] = (
    check_desk,
    check_canned,
    check_store,
    check_smtp,
    check_imap,
    check_send,
    check_limits,
    check_follow_up,
    check_calendar,
    check_trust,
    check_people,
    check_third_parties,
    check_forms,
)
