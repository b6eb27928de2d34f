"""Public keys of DKIM signers from the DNS, for a worker that must not wait for it ([trust] check_dkim).

- 2 s for all keys of one mail, whatever the resolver does
- after a timeout nobody is asked for 5 minutes; logged once
- 20 questions a minute, so that forged signatures cost no more than that
- answers are kept as long as their TTL says, within bounds, also that there is no key

Without an answer there is no key, and the mail proves nothing: its writer is asked, as ever.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog

SECONDS = 2.0
PAUSE = 300.0
QUESTIONS, PER = 20, 60.0
SHORTEST, LONGEST = 60.0, 3600.0
KEPT = 200

_log = structlog.get_logger()


class DnsTimeout(Exception):
    """No answer in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`text`: the first TXT record, None if there is none; `ttl` in seconds."""

    text: bytes | None
    ttl: float = 0.0


Ask = Callable[[str, float], Answer]
"""Asks the DNS for the TXT record of a name, for so many seconds at most. Raises DnsTimeout."""


class DkimKeys:
    """Called once for each mail, it gives what looks up that mail's keys. `clock` counts seconds."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._known: OrderedDict[str, tuple[float, bytes | None]] = OrderedDict()
        self._asked: deque[float] = deque(maxlen=QUESTIONS)
        self._silent_until = float("-inf")

    def __call__(self) -> Callable[[bytes], bytes | None]:
        until = self._clock() + SECONDS
        return lambda name: self._key(name.decode("ascii", "replace").lower(), until)

    def _key(self, name: str, until: float) -> bytes | None:
        now = self._clock()
        if name in self._known and self._known[name][0] > now:
            return self._known[name][1]
        if not self._may_ask(now, until):
            return None
        self._asked.append(now)
        try:
            answer = self._ask(name, until - now)
        except DnsTimeout:
            self._silent_until = self._clock() + PAUSE
            _log.warning("dns_silent", action="dns_silent", pause=PAUSE)
            return None
        self._keep(name, answer)
        return answer.text

    def _may_ask(self, now: float, until: float) -> bool:
        spent = len(self._asked) == QUESTIONS and self._asked[0] > now - PER
        return now >= self._silent_until and now < until and not spent

    def _keep(self, name: str, answer: Answer) -> None:
        self._known.pop(name, None)
        self._known[name] = (self._clock() + min(max(answer.ttl, SHORTEST), LONGEST), answer.text)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)


def ask_dns(name: str, seconds: float) -> Answer:
    """Ask the servers that this machine is set up with. A name that cannot be had is one without a key."""
    import dns.exception  # an extra: only desks that ask for it have it
    import dns.resolver

    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=seconds, raise_on_no_answer=False)
    except (dns.exception.Timeout, dns.resolver.NoResolverConfiguration, OSError) as problem:
        raise DnsTimeout from problem
    except dns.exception.DNSException:
        return Answer(None)
    records = [b"".join(record.strings) for record in found.rrset or ()]
    return Answer(records[0] if records else None, found.chaining_result.minimum_ttl)
