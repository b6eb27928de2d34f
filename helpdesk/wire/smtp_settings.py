"""What the listener is told: where it listens and its limits (MAIL_RULES section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

Protocol = Literal["smtp", "lmtp"]
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """`port` 0 takes a free one; `max_size` is in bytes.

    A transfer may be slow for `slow_start`; from then on it must have brought `min_rate` bytes per second,
    and end within `transfer_for` (R8). One network sends at most `mails_per_minute`, unless it lies in
    `own_servers` (T19). Big mails wait in files in `folder` until the spool takes them, at most `room` bytes of
    them at once (T13).

    Connections from `proxies` begin within `proxy_header_for` with a PROXY header that names the client; of the
    proxies' own addresses nothing is believed.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    protocol: Protocol = "smtp"
    hostname: str = "localhost"
    max_size: int = 25 * 1024 * 1024
    tls_cert: Path | None = None
    tls_key: Path | None = None
    require_tls: bool = False
    max_sessions: int = 50
    max_sessions_per_ip: int = 10
    idle_timeout: timedelta = timedelta(minutes=5)
    max_recipients: int = 100
    max_errors: int = 20
    max_line: int = 64 * 1024
    max_hops: int = 50
    mails_per_minute: int = 60
    own_servers: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy_header_for: timedelta = timedelta(seconds=5)
    min_rate: int = 500
    slow_start: timedelta = timedelta(minutes=1)
    transfer_for: timedelta = timedelta(minutes=30)
    commit_for: timedelta = timedelta(minutes=2)
    folder: Path | None = None
    room: int = 32 * 1024 * 1024
