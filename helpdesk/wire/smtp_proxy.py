"""The PROXY header that a balancer puts before a connection, v1 and v2: who it is (HAProxy's proxy-protocol.txt).

The header is read by aiosmtpd. What the library leaves to its caller is decided here: what counts as broken, and that
a connection of the balancer's own (`LOCAL`, `UNKNOWN`: health checks) keeps the balancer's address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address

from aiosmtpd.proxy_protocol import AF, PROTO, V2_CMD, ProxyData, get_proxy

from helpdesk.model.networks import Network, are_home_of, plain, read_peer


class NoClientNamed(Exception):
    """A proxy's connection that does not begin with a PROXY header that can be used; the message says why."""


def lies_in(peer: str, networks: Iterable[Network]) -> bool:
    """Is this address in one of the networks? What is no address, as a socket on this computer, is in none."""
    address = read_peer(peer)
    return address is not None and are_home_of(networks, address)


async def client_behind(reader: asyncio.StreamReader, proxy: str) -> str:
    """Read the header off the stream and return the address of the client, or `proxy` where it speaks for itself.

    Raises NoClientNamed. Nothing behind the header is taken from the stream.
    """
    try:
        header = await get_proxy(reader)
    except asyncio.IncompleteReadError as error:
        raise NoClientNamed("no header") from error
    if header.version == 2 and header.command == V2_CMD.LOCAL and _complete(header):
        return proxy  # the specification: discard the protocol block, the family included
    if not header.valid:
        raise NoClientNamed(header.error or "no header")
    return _named(header, proxy)


def _complete(header: ProxyData) -> bool:
    """The library takes a LOCAL without addresses for a torn one; it has read the whole of it then."""
    return header.valid or header.error == "PROXYv2 truncated address"


def _named(header: ProxyData, proxy: str) -> str:
    if header.protocol == PROTO.DGRAM:
        raise NoClientNamed("no stream")  # the specification: the connection must be aborted
    if header.family not in (AF.INET, AF.INET6) or header.src_addr is None:
        return proxy  # UNKNOWN, UNSPEC, or a socket on its computer: whoever it is, we cannot tell
    client = plain(ip_address(str(header.src_addr)))
    near = read_peer(proxy)
    if client.is_unspecified or client.is_multicast:
        raise NoClientNamed(f"{client} is nobody's address")
    # Loopback is the balancer's own computer, which is not ours unless it stands here.
    return proxy if client.is_loopback and not (near and near.is_loopback) else str(client)
