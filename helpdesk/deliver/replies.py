"""What an upstream's reply means for a recipient: Accepted, TryLater or Refused (R69, R70).

Replies come from strangers and end up in tickets and logs: they are cleaned and cut here (T16, T24).
"""

from __future__ import annotations

import re

from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater

REPLY_LOST = "the reply to the final dot was lost"
DROPPED_BEFORE_DOT = "the connection was lost before the final dot; nothing was handed over"
NO_SMTPUTF8 = "the address needs SMTPUTF8 (RFC 6531), which the mail server {host} does not offer"
NO_SMTPUTF8_LETTER = (
    "the letter's headers need SMTPUTF8 (RFC 6531), which the mail server {host} does not offer"
)
BAD_ADDRESS = "the address cannot be written in an SMTP envelope"
BAD_SENDER = "the sender's address cannot be written in an SMTP envelope"
TOO_BIG = "552 5.3.4 the letter has {size} bytes, the mail server {host} takes {limit}"

# R70: these speak of the session, not of the letter: closing down, out of step, TLS or login wanted.
# A wrong setting must not turn the whole outbox into failures, so they are later, never refused.
SESSION_TROUBLE = frozenset({421, 503, 530, 534, 535, 538})

_LONGEST = 500
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def cleaned(text: str) -> str:
    """One line, no controls, no surrogates, at most 500 characters."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_LONGEST]


def outcome(code: int, text: str) -> Outcome:
    """2yz is Accepted, 5yz is Refused, all else is TryLater (R70)."""
    reply = cleaned(f"{code} {text}")
    if 200 <= code < 300:
        return Accepted(reply)
    if code in SESSION_TROUBLE:
        return TryLater(reply, host_down=True)
    if 500 <= code < 600:
        return Refused(reply)
    return TryLater(reply)
