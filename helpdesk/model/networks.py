"""The addresses of those who connect, and the networks that the configuration names."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def read_peer(peer: str) -> Address | None:
    """What a socket calls its other end, without the zone; None for what is no address: a socket on this computer."""
    try:
        return plain(ip_address(peer.partition("%")[0]))
    except ValueError:
        return None


def plain(address: Address) -> Address:
    """An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) as itself."""
    return getattr(address, "ipv4_mapped", None) or address


def are_home_of(networks: Iterable[Network], address: Address) -> bool:
    return any(address in network for network in networks)
