"""Where letters are handed over, and how long each step may take.

Promises: credentials are never used on a connection without TLS (R74), and no secret shows in a `repr` (T26).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Tls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. R67: the figures of RFC 5321 4.5.3.2, a connect timeout, and a bound on all before the dot.

    `before_dot` and `dot` together are the longest time a letter can be in delivery; the lease on a
    letter must be longer (see `flow.send.LEASE`).
    """

    connect: float = 30
    banner: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    before_dot: float = 900
    quit: float = 5


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """`ca_file`: certificates to trust besides the system's; `idle`: seconds to keep an unused connection."""

    host: str
    port: int = 25
    tls: Tls = Tls.NONE
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    local_hostname: str | None = None
    timeouts: Timeouts = Timeouts()
    ca_file: Path | None = None
    idle: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tls", Tls(self.tls))
        if self.username is not None and self.tls is Tls.NONE:  # R74
            raise ValueError(
                f'[send] username is set but tls = "none" for {self.host}: a password is never sent in the '
                'clear; set tls = "starttls" (port 587) or tls = "implicit" (port 465), or remove username'
            )

    @property
    def hello(self) -> str:
        """The name for EHLO: the configured one, else this machine's where it has a usable one."""
        name = (self.local_hostname or socket.gethostname()).strip()
        return name if name.isascii() and name.isprintable() and name and " " not in name else "localhost"
