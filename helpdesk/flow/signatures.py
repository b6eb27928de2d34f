"""Our own look at DKIM signatures, where nobody else's word settles who wrote a mail ([trust] check_dkim).

dkimpy does the arithmetic over the bytes as they came; the keys come from where the workshop says.
"""

from __future__ import annotations

import re
from datetime import datetime

import structlog

from helpdesk.decide import identity
from helpdesk.decide.signatures import worth_asking
from helpdesk.flow.workshop import KeysOf, Workshop
from helpdesk.model.authentication import Finding
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Speaker
from helpdesk.model.signatures import Signature
from helpdesk.parse.signatures import read_signed

_WEAK = 1024
_OF_DKIMPY = (ValueError, ArithmeticError, LookupError, TypeError)
"""What it raises, besides its own, over bytes that are no mail, no number or no key."""
_TRYING_OUT = re.compile(rb"(?:^|;)\s*t\s*=[^;]*\by\b")

_log = structlog.get_logger()


def check(
    shop: Workshop, raw: bytes, mail: InboundMail, speaker: Speaker, now: datetime
) -> tuple[Finding, ...]:
    """`dkim=pass` of the domain in From, where it matters and the signer's key says so; nothing otherwise."""
    if shop.dkim_keys is None or not identity.needs_witness(speaker, mail, shop.policy):
        return ()
    signed = read_signed(raw, shop.limits.mail)
    domain = mail.sender.address.rpartition("@")[2] if mail.sender else ""
    worth = worth_asking(signed, domain, now) if signed else ()
    keys = shop.dkim_keys() if worth else None
    genuine = next((one for one in worth if keys and _is_genuine(raw, one, keys)), None)
    return (Finding("dkim", "pass", (("header.d", genuine.signer),)),) if genuine else ()


def _is_genuine(raw: bytes, signature: Signature, keys: KeysOf) -> bool:
    import dkim  # an extra: only desks that ask for it have it

    try:
        verifier = dkim.DKIM(raw, minkey=_WEAK)
        return bool(verifier.verify(signature.at, dnsfunc=lambda name, **_: _in_earnest(keys(name))))
    except (dkim.DKIMException, *_OF_DKIMPY) as problem:
        _log.info("dkim_not_verified", action="dkim_not_verified", why=type(problem).__name__)
        return False


def _in_earnest(key: bytes | None) -> bytes | None:
    """RFC 6376 3.6.1: with t=y "verifiers MUST NOT treat messages from signers in testing mode differently"."""
    return None if key is None or _TRYING_OUT.search(key) else key
