"""How the web part listens and who may look at the figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`port` 0 takes a free one.

    metrics_for_all  /healthz and /metrics answer everybody, not only this computer
    trusted_proxies  whose X-Forwarded-For names the real client
    connection_life  seconds after which any connection ends, so that slow clients cannot pile up (T19)
    """

    host: str = "127.0.0.1"
    port: int = 8080
    metrics_for_all: bool = False
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    connection_life: float = 60.0


@dataclass(frozen=True, slots=True)
class DeskFace:
    """What a page says about the desk. `language` is the fallback when the ticket names none."""

    name: str
    address: str
    language: str = "en"
