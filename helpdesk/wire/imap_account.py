"""What the desk must know to read one IMAP account. Plain data: nothing connects here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

Tls = Literal["implicit", "starttls", "none"]


class SecretBox(Protocol):
    """pydantic's SecretStr and whatever looks like it."""

    def get_secret_value(self) -> str: ...


Secret = Callable[[], str] | SecretBox


def reveal(secret: Secret) -> str:
    """Return the secret's text; a callable is asked each time, so that a changed file is read again."""
    return secret() if callable(secret) else secret.get_secret_value()


@dataclass(frozen=True, slots=True)
class OAuth2:
    """Where an access token comes from, by the refresh-token grant (RFC 6749 section 6). https only."""

    token_url: str
    client_id: str
    client_secret: Secret = field(repr=False)
    refresh_token: Secret = field(repr=False)
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One account and the folders to read in it.

    `oauth2` is an OAuth2 or a callable that returns an access token; without it `password` logs in.
    `after` says what becomes of a mail on the server once it is in the spool: `keep`, `seen`,
    `move:<folder>` or `delete`. Of a mail above `max_size` bytes only the headers are fetched.
    IDLE begins anew after `idle` (R58: well before the 29 minutes of RFC 2177); everything is looked at every
    `full_scan`, whatever the server told.
    """

    name: str
    host: str
    port: int
    tls: Tls
    username: str
    password: Secret | None = field(default=None, repr=False)
    oauth2: OAuth2 | Callable[[], str] | None = field(default=None, repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    poll: timedelta = timedelta(seconds=60)
    after: str = "keep"
    max_size: int = 25_000_000
    idle: timedelta = timedelta(minutes=9)
    full_scan: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if self.after not in {"keep", "seen", "delete"} and not self.move_to.strip():
            raise ValueError(f"after = {self.after!r}: write keep, seen, delete or move:<folder>")

    @property
    def move_to(self) -> str:
        """The folder of `move:<folder>`, else ''."""
        return self.after[len("move:") :] if self.after.startswith("move:") else ""

    @property
    def where(self) -> str:
        """The account as people know it, for messages."""
        return f"{self.username} at {self.host}:{self.port}"
