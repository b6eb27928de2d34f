"""May we believe what mail servers wrote about a mail's sender? (R51, R52, R54; RFC 8601, RFC 9989)

Only fields of a configured server count. What stands above every Received field but our own listener's is a server's
of ours. Below one that our own servers wrote stand the fields of Postfix's milters, and directly under them those that
a stranger wrote in its name: there a word against the sender counts, and a word for them only where the server is
known to take forged fields out (`Trust.strips_forged`). Below a foreign server's nothing counts.

Where two fields contradict each other the upper one is the later one and counts. The domain must be the very one in
From, or a parent of it that has a dot: whoever owns `staff.example` speaks for `mail.staff.example`, never the other
way round. DMARC's own verdict needs no such comparison of ours; it names the domain in From.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from helpdesk.model.authentication import Finding, Testimony
from helpdesk.model.mail import Arrival, InboundMail, Road
from helpdesk.model.networks import are_home_of, read_peer
from helpdesk.model.policy import Policy, Trust

_BY_IMAP = Road.IMAP
_SOCKET = "local"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`vouched`: why the From domain is believed, `denied`: why it is not; both None where nobody says anything.

    `logins` are the user names with which somebody submitted this mail to a server of ours. `unheard`: what would
    have vouched, if it did not stand where anybody can write it.
    """

    vouched: str | None = None
    denied: str | None = None
    logins: tuple[str, ...] = ()
    unheard: str | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """`sound`: no stranger can have written it."""

    server: str
    finding: Finding
    sound: bool = True

    @property
    def text(self) -> str:
        return f"{self.finding.method}={self.finding.result} by {self.server}"


OURSELVES = "this desk"


def judge(mail: InboundMail, arrival: Arrival, policy: Policy, own: tuple[Finding, ...] = ()) -> Verdict:
    """What servers that we trust say about the domain in From, and then what we found out ourselves: `own`."""
    domain = mail.sender.address.rpartition("@")[2] if mail.sender else ""
    if mail.sender_doubtful or not domain or not domain.isascii():
        return Verdict()
    said = (*_said(mail, arrival, policy.trust), *(_Said(OURSELVES, finding) for finding in own))
    denied = next((f"{one.text} for {domain}" for one in said if _denies(one.finding, domain)), None)
    sound = tuple(one for one in said if one.sound)
    vouched = None if denied else _vouched(sound, mail, domain)
    unheard = None if denied or vouched else _vouched(said, mail, domain)
    logins = tuple(one.finding.get("smtp.auth").lower() for one in sound if _logged_in(one.finding))
    return Verdict(vouched, denied, logins, unheard)


def trusted(mail: InboundMail, arrival: Arrival, trust: Trust) -> tuple[Testimony, ...]:
    """The fields that stand below none but our own servers' Received fields, topmost first."""
    if not _handed_in_by_own_server(arrival, trust):
        return ()
    stamped = _stamps(arrival)
    return tuple(
        one
        for one in mail.testimonies
        if one.server in trust.authserv_ids
        and len(one.hops) >= stamped
        and all(_own(host, trust) for host in one.hops[stamped:])
    )


def _stamps(arrival: Arrival) -> int:
    """Our own listener's Received stands on top."""
    return 0 if arrival.road is _BY_IMAP else 1


def _handed_in_by_own_server(arrival: Arrival, trust: Trust) -> bool:
    """Whoever reaches our port by another way than through the border may write what they like above.

    A balancer is no border, even where it stands on one's own computer: it hands on what anybody says.
    """
    if arrival.road is _BY_IMAP or arrival.peer == _SOCKET:
        return True
    address = read_peer(arrival.peer)
    if address is None:
        return False
    return are_home_of(trust.own_servers, address) and not are_home_of(trust.proxies, address)


def _own(host: str, trust: Trust) -> bool:
    return any(fnmatchcase(host, pattern) for pattern in trust.border)


def _said(mail: InboundMail, arrival: Arrival, trust: Trust) -> Iterator[_Said]:
    """Every finding, the first about each subject only."""
    seen: set[tuple[str, str]] = set()
    for testimony in trusted(mail, arrival, trust):
        sound = trust.strips_forged or len(testimony.hops) == _stamps(arrival)
        for finding in testimony.findings:
            key = (finding.method, _subject(finding))
            if key not in seen:
                seen.add(key)
                yield _Said(testimony.server, finding, sound)


def _subject(finding: Finding) -> str:
    """Whom a finding is about: a mail has one DMARC verdict and one envelope, but any number of signatures."""
    return finding.get("header.d") or finding.get("header.i") if finding.method == "dkim" else ""


def _denies(finding: Finding, domain: str) -> bool:
    named = finding.get("header.from").lower()
    return (finding.method, finding.result) == ("dmarc", "fail") and named in ("", domain)


def _logged_in(finding: Finding) -> bool:
    return (finding.method, finding.result) == ("auth", "pass") and bool(finding.get("smtp.auth"))


def _vouched(said: tuple[_Said, ...], mail: InboundMail, domain: str) -> str | None:
    open_ended = any(covers(signer, domain) for signer in mail.partly_signed)
    for rule in RULES:
        for one in said:
            if one.finding.result == "pass" and rule(one.finding, domain, open_ended):
                return f"{one.text} for {domain}"
    return None


def _dmarc(finding: Finding, domain: str, open_ended: bool) -> bool:
    """With an open-ended signature nobody knows which of the two, signature or server, convinced DMARC."""
    return finding.method == "dmarc" and finding.get("header.from").lower() == domain and not open_ended


def _dkim(finding: Finding, domain: str, open_ended: bool) -> bool:
    signer = finding.get("header.d") or finding.get("header.i").rpartition("@")[2]
    return finding.method == "dkim" and covers(signer.lower(), domain) and not open_ended


def _spf(finding: Finding, domain: str, _: bool) -> bool:
    sender = finding.get("smtp.mailfrom").rpartition("@")[2]
    return finding.method == "spf" and covers(sender.lower(), domain)


Rule = Callable[[Finding, str, bool], bool]
RULES: tuple[Rule, ...] = (_dmarc, _dkim, _spf)


def covers(owner: str, domain: str) -> bool:
    """The same domain, or a parent of it that is more than a top-level domain."""
    return owner == domain or ("." in owner.strip(".") and domain.endswith(f".{owner}"))
