"""The PROXY header: whom it names, in both versions, whole and byte by byte, and what is no header."""

import asyncio
import struct
from ipaddress import ip_network

import pytest

from helpdesk.testing.rubber import V2_SIGNATURE, proxy_header
from helpdesk.wire.smtp_proxy import NoClientNamed, client_behind, lies_in

BALANCER = "10.0.0.5"
BEHIND = b"EHLO c.example\r\n"
V4 = bytes([192, 0, 2, 9, 10, 0, 0, 5]) + struct.pack("!HH", 4711, 25)
V6 = bytes.fromhex("20010db8" + "00" * 11 + "09") + bytes(16) + struct.pack("!HH", 4711, 25)
MAPPED = bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 9]) + bytes(16) + struct.pack("!HH", 4711, 25)
TLV = b"\x04\x00\x03abc"


def v2(command: int, family: int, block: bytes = b"") -> bytes:
    return V2_SIGNATURE + struct.pack("!BBH", command, family, len(block)) + block


async def _read(pieces, proxy):
    reader = asyncio.StreamReader()
    task = asyncio.create_task(client_behind(reader, proxy))
    for piece in pieces:
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()
    return await task, await reader.read()


def client_of(header, proxy=BALANCER):
    """Fed whole and byte by byte; what stands behind the header must be left to the session."""
    whole = asyncio.run(_read([header + BEHIND], proxy))
    bytewise = asyncio.run(_read([bytes([byte]) for byte in header + BEHIND], proxy))

    assert whole == bytewise
    assert whole[1] == BEHIND
    return whole[0]


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711 25\r\n",
        b"PROXY TCP6 ::ffff:192.0.2.9 ::ffff:10.0.0.5 4711 25\r\n",
        v2(0x21, 0x11, V4),
        v2(0x21, 0x11, V4 + TLV),
        v2(0x21, 0x21, MAPPED),
        proxy_header("v1", ("192.0.2.9", 4711), ("10.0.0.5", 25)),
        proxy_header("v2", ("192.0.2.9", 4711), ("10.0.0.5", 25)),
    ],
)
def test_the_client_is_whom_the_header_names(header):
    assert client_of(header) == "192.0.2.9"


@pytest.mark.parametrize(
    "header",
    [b"PROXY TCP6 2001:db8::9 2001:db8::5 4711 25\r\n", v2(0x21, 0x21, V6), v2(0x21, 0x21, V6 + TLV)],
)
def test_also_an_ipv6_client(header):
    assert client_of(header) == "2001:db8::9"


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n",
        v2(0x20, 0x00),
        v2(0x20, 0x11, V4),
        v2(0x20, 0x11),
        v2(0x20, 0x00, TLV),
        v2(0x21, 0x00),
        v2(0x21, 0x10, V4),
        v2(0x21, 0x31, bytes(216)),
    ],
    ids=["unknown", "unknown with words", "local", "local with addresses", "local with a family", "local with a TLV",
         "unspecified", "half specified", "a socket"],
)  # fmt: skip
def test_of_a_health_check_or_an_unknown_client_it_is_the_balancer_itself(header):
    assert client_of(header) == BALANCER


def test_loopback_behind_a_balancer_elsewhere_is_not_this_computer():
    header = b"PROXY TCP4 127.0.0.1 127.0.0.1 4711 25\r\n"

    assert client_of(header) == BALANCER
    assert client_of(header, proxy="127.0.0.2") == "127.0.0.1"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"EHLO c.example\r\n",
        b"PROX",
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711 25",
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711\r\n",
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711 25 x\r\n",
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711 99999\r\n",
        b"PROXY TCP4 2001:db8::9 2001:db8::5 4711 25\r\n",
        b"PROXY TCP4 nobody 10.0.0.5 4711 25\r\n",
        b"PROXY TCP4 0.0.0.0 10.0.0.5 4711 25\r\n",
        b"PROXY TCP4 224.0.0.1 10.0.0.5 4711 25\r\n",
        b"PROXY TCP4 192.0.2.9 10.0.0.5 4711 25\n",
        b"PROXY " + b"x" * 120 + b"\r\n",
        b"PROXY " + b"x" * 200_000,
        b"PROXY\r\n",
        V2_SIGNATURE[:11],
        V2_SIGNATURE[:11] + b"x" + bytes(20),
        v2(0x11, 0x11, V4),
        v2(0x22, 0x11, V4),
        v2(0x21, 0x11, V4[:8]),
        v2(0x21, 0x12, V4),
        v2(0x21, 0x11, V4)[:-1],
    ],
)
def test_anything_else_is_refused(sent):
    with pytest.raises(NoClientNamed, match=r"."):
        asyncio.run(_read([sent], BALANCER))


@pytest.mark.parametrize(
    ("peer", "inside"),
    [("10.0.0.5", True), ("::ffff:10.0.0.5", True), ("10.0.0.6", False), ("fe80::1%eth0", False), ("local", False),
     ("", False)],
)  # fmt: skip
def test_who_is_a_proxy(peer, inside):
    assert lies_in(peer, [ip_network("10.0.0.5/32")]) is inside
