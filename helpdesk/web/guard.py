"""What stands between the pages and strangers: counting, closed doors, headers, and bodies that end.

- `Tally`        how often in a minute, per key, in bounded memory (T21)
- `is_local`     is this a program on the same computer, asking by itself?
- `read_form`    a form body of bounded size, in bounded time
- `Hardened`     the same safe headers on every answer, errors included (T22)
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 64 * 1024  # 4,000 characters of four bytes each, percent-encoded, are 48,000
READ_WITHIN = 15.0
_MOST_KEYS = 10_000
_IPV6_HOME = 64  # one household or attacker holds a whole /64 (T19)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page is the key to it
    "X-Robots-Tag": "noindex",
}


class BodyTooBig(Exception):
    """The form is bigger than any that the page can send."""


class BodyTooSlow(Exception):
    """The form did not arrive in time."""


class Tally:
    """Counts what each key did in the last `per` seconds; the longest quiet keys are forgotten first."""

    def __init__(self, limit: int, monotonic: Callable[[], float], per: float = 60.0) -> None:
        self._limit = limit
        self._per = per
        self._monotonic = monotonic
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def add(self, key: str) -> None:
        self._times.setdefault(key, deque(maxlen=self._limit)).append(self._monotonic())
        self._times.move_to_end(key)
        if len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)

    def full(self, key: str) -> bool:
        """Has `key` reached the limit within the span?"""
        times = self._times.get(key)
        return times is not None and len(times) == self._limit and self._monotonic() - times[0] < self._per


def client_of(request: Request) -> str:
    """Return the client's address, '' when the road does not tell."""
    return request.client.host if request.client else ""


def home_of(address: str) -> str:
    """Return what is counted as one visitor: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:
        return address
    return str(ipaddress.ip_network((ip, _IPV6_HOME), strict=False))


def is_local(request: Request) -> bool:
    """Tell whether a program on this computer asks by itself.

    A proxy on this computer brings strangers in: whoever comes through one is not local, even if the
    proxy forgets to name them.
    """
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via")):
        return False
    try:
        ip = ipaddress.ip_address(client_of(request))
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


async def read_form(request: Request) -> dict[str, str]:
    """Return the first value of each field of a posted form; raises BodyTooBig or BodyTooSlow."""
    try:
        async with asyncio.timeout(READ_WITHIN):
            body = await _read_body(request)
    except TimeoutError:
        raise BodyTooSlow from None
    try:
        fields = parse_qs(body.decode("latin-1"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BodyTooBig
    return bytes(body)


class Hardened:
    """ASGI wrapper: `HEADERS` on whatever the app answers, and nothing kept by browsers or proxies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_hardened)
