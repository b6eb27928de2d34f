"""Access tokens for XOAUTH2 and OAUTHBEARER, fetched in the poller's own thread (R62).

Promises: a token is used for at most 80 % of its life; after a refusal by the mail server the next
one is fresh; only https is spoken, redirects are not followed; no secret ends in an error's text.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from helpdesk.wire.imap_account import OAuth2, reveal

USED_SHARE_OF_LIFE = 0.8
ASSUMED_LIFE_SECONDS = 3600.0
TIMEOUT_SECONDS = 15.0
MAX_ANSWER_BYTES = 100_000


class TokenRefused(Exception):
    """The token server gave no access token; renew the refresh token of this account."""


class TokenUnreachable(Exception):
    """The token server cannot be asked now; look at `token_url` and the network."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # a redirect would carry the secrets elsewhere
        return None


@dataclass(slots=True)
class TokenSource:
    """Call it for an access token; `forget()` after the mail server refused one. For one thread."""

    oauth2: OAuth2
    monotonic: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _good_until: float = 0.0
    _renewed: str = field(default="", repr=False)

    def __call__(self) -> str:
        if not self._token or self.monotonic() >= self._good_until:
            self._refresh()
        return self._token

    def forget(self) -> None:
        self._token = ""

    def _refresh(self) -> None:
        asked_at = self.monotonic()
        answer = ask(self.oauth2, self._renewed or reveal(self.oauth2.refresh_token))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isprintable():
            raise TokenRefused(f"{self.oauth2.token_url} answered without an access_token")
        life = answer.get("expires_in")
        seconds = (
            float(life) if isinstance(life, int | float | str) and _is_number(life) else ASSUMED_LIFE_SECONDS
        )
        # RFC 6749 section 6: "The authorization server MAY issue a new refresh token"
        renewed = answer.get("refresh_token")
        self._renewed = renewed if isinstance(renewed, str) else self._renewed
        self._token, self._good_until = token, asked_at + USED_SHARE_OF_LIFE * seconds


def ask(oauth2: OAuth2, refresh_token: str) -> dict[str, object]:
    """Return the token server's JSON object; raise TokenRefused or TokenUnreachable."""
    if not oauth2.token_url.startswith("https://"):
        raise TokenRefused(
            f"token_url {oauth2.token_url} is not https: the secrets would be readable on the way"
        )
    form = {
        "grant_type": "refresh_token",
        "client_id": oauth2.client_id,
        "client_secret": reveal(oauth2.client_secret),
        "refresh_token": refresh_token,
    } | ({"scope": oauth2.scope} if oauth2.scope else {})
    request = urllib.request.Request(  # noqa: S310 - https was checked above
        oauth2.token_url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"}
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as answer:
            parsed = json.loads(answer.read(MAX_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            kind = TokenRefused if 400 <= error.code < 500 and error.code != 429 else TokenUnreachable
            raise kind(f"{oauth2.token_url} answered {error.code} {_reason(error)}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise TokenUnreachable(f"{oauth2.token_url}: {type(error).__name__}: {error}") from None
    if not isinstance(parsed, dict):
        raise TokenUnreachable(f"{oauth2.token_url} answered something else than a JSON object")
    return parsed


def _reason(error: urllib.error.HTTPError) -> str:
    """The `error` code of RFC 6749 section 5.2, e.g. invalid_grant; nothing else of the answer is repeated."""
    try:
        code = json.loads(error.read(MAX_ANSWER_BYTES))["error"]
    except (ValueError, KeyError, TypeError, OSError, HTTPException):
        return ""
    return str(code)[:60] if str(code).isprintable() else ""


def _is_number(text: object) -> bool:
    try:
        return float(str(text)) > 0
    except ValueError:
        return False
