"""[trust] check_dkim: questions to a DNS server that answers, denies, fails or is silent."""

import socket
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from helpdesk.wire.dkim_keys import DnsTimeout, ask_dns

KEY = "s1._domainkey.staff.example."


def answer(wire):
    """A key in two strings for KEY, no TXT for `none.`, a failure for `broken.`, silence for `silent.`."""
    question = dns.message.from_wire(wire)
    name = question.question[0].name.to_text()
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.RA
    if name.startswith("silent."):
        return None
    if name == KEY:
        reply.answer.append(dns.rrset.from_text(name, 500, "IN", "TXT", '"v=DKIM1; " "p=AAAA"'))
    elif name.startswith("broken."):
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif not name.startswith("none."):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


@pytest.fixture(autouse=True)
def server(monkeypatch):
    resolver = dns.resolver.Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", listening.getsockname())
        thread.join()


def serve(listening):
    while True:
        wire, peer = listening.recvfrom(4096)
        if not wire:
            return
        reply = answer(wire)
        if reply:
            listening.sendto(reply, peer)


def test_a_key_in_several_strings_comes_whole_with_its_time_to_live():
    found = ask_dns(KEY, 2.0)

    assert (found.text, found.ttl) == (b"v=DKIM1; p=AAAA", 500)


@pytest.mark.parametrize(
    "name", ["nobody.example.", "none.example.", "broken.example.", "a..b", "x" * 70 + "."]
)
def test_a_name_that_has_none_or_is_none_gives_no_key(name):
    assert ask_dns(name, 0.5).text is None


def test_a_silent_server_is_left_after_the_time_given():
    began = time.monotonic()

    with pytest.raises(DnsTimeout):
        ask_dns("silent.example.", 0.3)

    assert time.monotonic() - began < 2
