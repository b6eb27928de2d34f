"""A domain that signs its mail, and a DNS that knows its key: only the DNS is played."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from helpdesk.wire.dkim_keys import Answer

DOMAIN = "staff.example"
SIGNED = ("from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")


@cache
def private_key(bits: int = 1024) -> rsa.RSAPrivateKey:
    """A fresh key of so many bits, also of fewer than anybody should use."""
    p, q = _prime(bits // 2), _prime(bits // 2)
    d = pow(65537, -1, (p - 1) * (q - 1))
    inner = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *inner, rsa.RSAPublicNumbers(65537, p * q)).private_key()


def _prime(bits: int) -> int:
    """A number that is prime as far as a test cares."""
    while True:
        number = random.getrandbits(bits) | 1 | (3 << (bits - 2))
        if number % 65537 != 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


def record(bits: int = 1024, tags: str = "v=DKIM1; k=rsa") -> bytes:
    """What the DNS says of the key."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = private_key(bits).public_key().public_bytes(serialization.Encoding.DER, form)
    return f"{tags}; p=".encode() + base64.b64encode(der)


def sign(
    raw: bytes,
    domain: str = DOMAIN,
    names: Iterable[str] = SIGNED,
    *,
    bits: int = 1024,
    algorithm: str = "rsa-sha256",
    length: bool = False,
) -> bytes:
    """The mail with a signature on top. `length`: the end of the body stays open (`l=`)."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    pem = private_key(bits).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signer = dkim.DKIM(raw, signature_algorithm=algorithm.encode(), minkey=bits)
    fields = [name.encode() for name in names]
    field = signer.sign(b"s1", domain.encode(), pem, include_headers=fields, length=length)
    return bytes(field) + raw


class Dns:
    """Knows `records` by name; remembers what it was asked. `fails` is raised instead of an answer."""

    def __init__(self, **records: bytes) -> None:
        self.records = {f"s1._domainkey.{DOMAIN}.": record(), **records}
        self.asked: list[str] = []
        self.fails: Exception | None = None
        self.ttl = 300.0

    def __call__(self, name: str, _: float) -> Answer:
        self.asked.append(name)
        if self.fails:
            raise self.fails
        return Answer(self.records.get(name), self.ttl)
