"""Unforgeable reply addresses, message ids and survey links (F12, R33, T3, T21).

A reply address is `help+<number>-<kind><person>-<expiry>-<mac>@desk.example`:
- number   the ticket (kind h: the held mail)
- kind     c customer, l list, o operator, p PIC, h confirmation of a held mail, t third party
- person   8 letters that stand for the registered address it was issued to; none for c and l
- expiry   days since 1970 in base 36; none for c, l and t, whose holders prove no person of the desk.
           Three more digits tell the letters of one day apart, so that each address can be burnt alone
- mac      80 bits of HMAC-SHA256 over all of the above
Lower case only: mail systems fold the case of addresses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LIFE = timedelta(days=30)


class Audience(StrEnum):
    """Whom a letter was written for; the reply proves no more than that."""

    CUSTOMER = "c"
    LIST = "l"
    OPERATOR = "o"
    PIC = "p"
    HELD = "h"
    THIRD_PARTY = "t"


@dataclass(frozen=True, slots=True)
class Token:
    """What a signed reply address or message id says. `number` is a ticket, for HELD a held mail.

    `serial`: three digits in base 36 that differ from letter to letter; '' where no letter need be told apart.
    """

    number: int
    audience: Audience
    person: str = ""
    expires_on: int | None = None
    serial: str = ""

    def expired(self, now: datetime) -> bool:
        return self.expires_on is not None and days(now) > self.expires_on


_TOKEN = re.compile(r"(\d{1,15})-([clohpt])([a-z2-7]{8})?-([0-9a-z]{1,7})?-([a-z2-7]{16})")
_SERIAL = 3
_MESSAGE_ID = re.compile(r"(\d{1,15})-([clohpt])([a-z2-7]{8})?\.([0-9a-f]{32})\.([a-z2-7]{16})@(.+)")
_SURVEY = re.compile(r"(\d{1,15})-([0-9a-z]{1,6})-([a-z2-7]{26})")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and verifies for one desk. `secret` is 32 random bytes kept in the state folder.

    A reply address proves its person for `staff_for`, a survey link works for `survey_for`.
    """

    secret: bytes
    desk_address: str
    staff_for: timedelta = LIFE
    survey_for: timedelta = LIFE

    def reply_address(self, token: Token) -> str:
        local, _, domain = self.desk_address.partition("@")
        return f"{local}+{self._token_text(token)}@{domain}"

    def read_address(self, address: str) -> Token | None:
        """Return what one of our +addresses proves; None if it is not ours or forged."""
        local, _, domain = self.desk_address.partition("@")
        theirs, _, where = address.lower().rpartition("@")
        if where != domain.lower() or not theirs.startswith(local.lower() + "+"):
            return None
        match = _TOKEN.fullmatch(theirs[len(local) + 1 :])
        if not match:
            return None
        token = Token(int(match[1]), Audience(match[2]), match[3] or "", *_expiry(match[4] or ""))
        return token if hmac.compare_digest(self._token_text(token), match[0]) else None

    def message_id(self, token: Token, random_hex: str) -> str:
        """A message id (without <>) of this desk; `random_hex` is 32 hex digits."""
        body = f"{token.number}-{token.audience}{token.person}.{random_hex}"
        return f"{body}.{self._mac('id', body)}@{self.desk_address.partition('@')[2]}"

    def read_message_id(self, message_id: str) -> Token | None:
        """Return what an id of ours proves; None if it is not ours or forged."""
        match = _MESSAGE_ID.fullmatch(message_id)
        if not match:
            return None
        body = f"{match[1]}-{match[2]}{match[3] or ''}.{match[4]}"
        if not hmac.compare_digest(self._mac("id", body), match[5]):
            return None
        return Token(int(match[1]), Audience(match[2]), match[3] or "")

    def survey_token(self, number: int, now: datetime) -> str:
        body = f"{number}-{_base36(days(now + self.survey_for))}"
        return f"{body}-{self._mac('survey', body, 26)}"

    def read_survey_token(self, token: str, now: datetime) -> int | None:
        """Return the ticket number; None if the token is wrong or has expired."""
        match = _SURVEY.fullmatch(token)
        if not match:
            return None
        body = f"{match[1]}-{match[2]}"
        if not hmac.compare_digest(self._mac("survey", body, 26), match[3]):
            return None
        return int(match[1]) if days(now) <= int(match[2], 36) else None

    def _token_text(self, token: Token) -> str:
        expiry = "" if token.expires_on is None else _base36(token.expires_on) + token.serial
        body = f"{token.number}-{token.audience}{token.person}-{expiry}"
        return f"{body}-{self._mac('reply', body)}"

    def _mac(self, purpose: str, body: str, length: int = 16) -> str:
        digest = hmac.digest(self.secret, f"{purpose}:{body}".encode(), hashlib.sha256)
        return _base32(digest, length)


def serial(random_hex: str) -> str:
    """The serial of a letter, from the random digits that make its message id its own."""
    return _base36(int(random_hex, 16) % 36**_SERIAL).rjust(_SERIAL, "0")


def _expiry(text: str) -> tuple[int | None, str]:
    """The day and the serial; addresses of older letters have a day alone, of three or, from 2097 on, four digits."""
    day, number = (text[:-_SERIAL], text[-_SERIAL:]) if len(text) > _SERIAL + 1 else (text, "")
    return (int(day, 36) if day else None), number


def person_code(address: str) -> str:
    """Eight letters that stand for a registered address and stay the same when the config is reordered."""
    digest = hashlib.sha256(address.lower().encode()).digest()
    return _base32(digest, 8)


def days(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).days


def _base32(digest: bytes, length: int) -> str:
    """The first letters; Python writes them five bits at a time, so no more bytes than they hold."""
    return base64.b32encode(digest[: (length * 5 + 7) // 8]).decode().lower()[:length]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
