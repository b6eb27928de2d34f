"""The tables that say where bytes come in, go out and are kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from helpdesk.config.secrets import SecretTable, Table
from helpdesk.config.values import AtLeastOne, Length, Location, Network, Port, Size

Tls = Literal["implicit", "starttls", "none"]


def _read_after(value: str) -> str:
    if value not in {"keep", "seen", "delete"} and not (value.startswith("move:") and value[5:].strip()):
        raise ValueError(
            'not one of "keep", "seen", "delete" and "move:<folder>"; write for example "move:Done"'
        )
    return value


class StoreTable(SecretTable):
    """`url` None: SQLite in the state folder. It may hold a password only when it comes from the environment."""

    url: str | None = Field(default=None, repr=False)
    password_file: Location | None = None
    password_env: str | None = None


class SmtpTable(Table):
    """The listener."""

    host: str = "127.0.0.1"
    port: Port = 8025
    protocol: Literal["smtp", "lmtp"] = "smtp"
    max_size: Size = 25_000_000
    tls_cert: Location | None = None
    tls_key: Location | None = None
    require_tls: bool = False
    max_sessions: AtLeastOne = 50
    max_sessions_per_ip: AtLeastOne = 10
    idle_timeout: Length = timedelta(seconds=300)
    max_recipients: AtLeastOne = 100
    proxies: tuple[Network, ...] = ()


class OAuth2Table(SecretTable):
    """Where access tokens for a mailbox come from (RFC 6749 section 6)."""

    secrets: ClassVar[tuple[str, ...]] = ("client_secret", "refresh_token")
    token_url: Annotated[str, Field(pattern=r"^https://[^\s]+$")] = Field(
        examples=["https://login.desk.example/token"]
    )
    client_id: str = Field(examples=["helpdesk"])
    client_secret_file: Location | None = None
    client_secret_env: str | None = None
    refresh_token_file: Location | None = None
    refresh_token_env: str | None = None
    scope: str = ""


class ImapTable(SecretTable):
    """A mailbox to read. `port` goes with `tls`: 993, or 143 when it is not implicit."""

    host: str = Field(examples=["imap.desk.example"])
    port: Port = 993
    tls: Tls = "implicit"
    username: str = Field(examples=["help"])
    password_file: Location | None = None
    password_env: str | None = None
    oauth2: OAuth2Table | None = None
    folders: tuple[str, ...] = ("INBOX",)
    poll: Length = timedelta(seconds=60)
    after: Annotated[str, AfterValidator(_read_after)] = "keep"
    max_size: Size = 25_000_000

    @model_validator(mode="before")
    @classmethod
    def _port_of_tls(cls, table: Any) -> Any:
        return _with_port(table, {"none": 143, "starttls": 143})

    @property
    def name(self) -> str:
        """What the account is called in cursors and messages."""
        return f"{self.username}@{self.host}"

    def password(self) -> str:
        return self.secret("password")


class ReceiveTable(Table):
    smtp: SmtpTable | None = None
    imap: tuple[ImapTable, ...] = ()


class SendTable(SecretTable):
    """`maildir` None: `outgoing` in the state folder. `port` goes with `tls`: 25, 587 or 465."""

    transport: Literal["smtp", "maildir"] = "smtp"
    host: str = "127.0.0.1"
    port: Port = 25
    tls: Tls = "none"
    username: str | None = None
    password_file: Location | None = None
    password_env: str | None = None
    ca_file: Location | None = None
    maildir: Location | None = None
    retry_for: Length = timedelta(days=5)

    @model_validator(mode="before")
    @classmethod
    def _port_of_tls(cls, table: Any) -> Any:
        return _with_port(table, {"starttls": 587, "implicit": 465})

    def password(self) -> str | None:
        """Return the password for `username`, None where none is used."""
        return self.secret("password") if self.username else None


class WebTable(Table):
    host: str = "127.0.0.1"
    port: Port = 8080
    metrics_for_all: bool = False
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")


def _with_port(table: Any, ports: dict[str, int]) -> Any:
    if isinstance(table, dict) and "port" not in table and table.get("tls") in ports:
        return {**table, "port": ports[table["tls"]]}
    return table


def under(state: Path, given: Path | None, name: str) -> Path:
    """Return the given place or, without one, `name` in the state folder."""
    return given or state / name
