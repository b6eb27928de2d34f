"""flufl.bounce for the shapes of bounce that our own readers do not know. Only for mail of mail systems (R44)."""

from __future__ import annotations

import email

from helpdesk.model.mail import BounceRecipient
from helpdesk.parse import limits
from helpdesk.parse.clean import clean_line
from helpdesk.parse.mime import Part


def ask_flufl(root: Part) -> tuple[BounceRecipient, ...]:
    """The failed addresses that flufl.bounce finds; a mail it cannot read has none (R44)."""
    if root.end - root.start > limits.FALLBACK_BOUNCE or len(list(root.leaves())) > 30:
        return ()
    from flufl.bounce import all_failures

    try:
        message = email.message_from_bytes(root.raw)
        if not root.headers.text("from").strip():  # some detectors fall over an empty From (R44)
            del message["From"]
            message["From"] = "unknown@unknown.invalid"
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001  a library that raises IndexError and more on a stranger's mail (R44)
        return ()
    found = {_plain(a): BounceRecipient(_plain(a), None, "failed") for a in sorted(permanent)}
    for address in sorted(temporary):
        found.setdefault(_plain(address), BounceRecipient(_plain(address), None, "delayed"))
    return tuple(r for a, r in found.items() if a)[: limits.BOUNCE_RECIPIENTS]


def _plain(address: bytes) -> str:
    return clean_line(address.decode("utf-8", "replace"), 320)
