"""What works but is probably not meant. `helpdesk check` prints these."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from helpdesk.config.root import Root
from helpdesk.model.policy import Announce, AssignmentMode, OnBreach, Require, SurveyMode

WORKER_NEEDS = 8
"""Times the size of a mail."""


def warnings_of(root: Root) -> Iterator[str]:
    """Yield one line for each; the rule is in the condition, the remedy in the line."""
    yield from _people(root)
    yield from _roads(root)
    yield from _memory(root)
    if root.trust.require is Require.ADDRESS:  # F12
        yield (
            '[trust] require = "address": whoever forges an operator\'s From line can act for them; '
            'write "verified" unless your mail server refuses forged senders'
        )
    yield from _border(root)
    yield from _proxies(root)
    if root.closing.survey is SurveyMode.AFTER_PIC and not root.pic:
        yield '[closing] survey = "after_pic": nobody can approve a closing; name somebody in [[pic]], or "at_once"'


def _border(root: Root) -> Iterator[str]:
    """R51."""
    if root.trust.border and not root.trust.authserv_ids:
        yield "[trust] border: nobody is believed without authserv_ids; name the server that checks senders, too"
    if root.trust.strips_forged and not root.trust.authserv_ids:
        yield "[trust] strips_forged: nobody is believed without authserv_ids; name the server that does it"
    if any(not name.strip("*.") for name in root.trust.border):
        yield '[trust] border = "*": what senders write themselves is believed; name your own servers only'


def _proxies(root: Root) -> Iterator[str]:
    """A balancer hands on what anybody says: it is believed when it names its clients, and in nothing else."""
    smtp, limits = root.receive.smtp, root.limits
    if smtp is None or not smtp.proxies:
        return
    if any(not network.prefixlen for network in smtp.proxies):
        yield "[receive.smtp] proxies: whoever connects may say that they are another; name your balancers only"
    chosen = limits.own_servers if "own_servers" in limits.model_fields_set else ()
    idle = [str(own) for own in chosen if any(_within(own, proxy) for proxy in smtp.proxies)]
    if idle:
        yield (
            f"[limits] own_servers: {', '.join(idle)} is a proxy of [receive.smtp], whose own address proves nothing; "
            "name the mail servers behind it, or take it out of proxies if it is none"
        )


def _within(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _memory(root: Root) -> Iterator[str]:
    """T13: an attachment is decoded, encoded anew and looked through once more before it goes out."""
    sizes = [table.max_size for table in root.receive.imap]
    if root.receive.smtp:
        sizes.append(root.receive.smtp.max_size)
    needed = WORKER_NEEDS * max(sizes, default=0)
    if needed > root.limits.worker_memory:
        yield (
            f"[limits] worker_memory: the desk worker needs {WORKER_NEEDS} times the max_size of a mail to hand on "
            f'its attachments; write "{needed // 10**6}MB" or more, or lower max_size'
        )


def _people(root: Root) -> Iterator[str]:
    if not root.operators:
        yield "[[operators]]: there are none; tickets would wait for ever, name at least one"
    if OnBreach.NOTIFY_PIC in root.sla.on_breach and not (root.desk.pic or root.pic):
        yield '[sla] on_breach = "notify_pic": there is no PIC to tell; set [desk] pic or name somebody in [[pic]]'
    staff = {address for one in root.operators for address in (one.address, *one.aliases)}
    for person in root.pic:
        if staff & {person.address, *person.aliases}:
            yield f'[[pic]] address = "{person.address}": is an operator too; their mail counts as the operator\'s'


def _roads(root: Root) -> Iterator[str]:
    if root.receive.smtp is None and not root.receive.imap:
        where = "[desk] list is set, but no" if root.desk.list else "[receive]: no"
        yield f"{where} mail can come in; add [receive.smtp] or [[receive.imap]]"
    claim = root.assignment.mode is AssignmentMode.CLAIM
    if claim and root.assignment.announce is Announce.LIST and not root.desk.list:
        yield '[assignment] mode = "claim": nobody hears of a new ticket; set [desk] list, or announce = "each"'
    if root.web is None and not root.desk.public_url:
        yield "[web]: there is none, so the survey has no page; customers can still answer it by mail"
    if root.send.transport == "maildir":
        yield '[send] transport = "maildir": letters are written to a folder and leave by nobody but you'
