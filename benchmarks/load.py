"""The load of the benchmarks: seeded mails of 20 KB in the mean, as customers send them.

60 of a hundred are plain text, 25 text and HTML, 10 carry an attachment of 100 KB, 5 answer an earlier mail of
the same customer. The same seed gives the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.message import EmailMessage
from typing import NamedTuple

RECIPIENT = "help@desk.example"
_KINDS = ("plain", "alternative", "attachment", "reply")
_SHARES = (60, 25, 10, 5)
_ATTACHED_BYTES = 100_000
_DATE = "Mon, 2 Mar 2026 09:00:00 +0700"


class Mail(NamedTuple):
    sender: str
    raw: bytes


def mails(count: int, seed: int = 1, *, prefix: str = "m") -> Iterator[Mail]:
    """`prefix` keeps the ids and senders of one load apart from those of another."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(900)]
    for number in range(count):
        kind = rng.choices(_KINDS, _SHARES)[0] if number else "plain"
        about = rng.randrange(max(0, number - 50), number) if kind == "reply" else number
        yield _mail(rng, words, kind, f"{prefix}{number}", f"{prefix}{about}")


def _mail(rng: random.Random, words: list[str], kind: str, name: str, about: str) -> Mail:
    sender = f"anne.{about}@customer{int(about.lstrip('abcdefghijklmnopqrstuvwxyz')) % 97}.example"
    mail = EmailMessage()
    mail["From"] = f"Anne <{sender}>"
    mail["To"] = RECIPIENT
    mail["Subject"] = f"{'Re: ' if kind == 'reply' else ''}Order {about}"
    mail["Message-ID"] = f"<{name}@customer.example>"
    mail["Date"] = _DATE
    if kind == "reply":
        mail["In-Reply-To"] = f"<{about}@customer.example>"
    mail.set_content(_text(rng, words, 2_500 if kind == "alternative" else 6_500))
    if kind == "alternative":
        rows = "".join(f"<p>{line}</p>\n" for line in _text(rng, words, 4_500).splitlines())
        mail.add_alternative(f"<html><body>{rows}</body></html>", subtype="html")
    if kind == "attachment":
        mail.add_attachment(rng.randbytes(_ATTACHED_BYTES), "image", "jpeg", filename="lamp.jpg")
    return Mail(sender, mail.as_bytes().replace(b"\n", b"\r\n"))


def _text(rng: random.Random, words: list[str], mean: int) -> str:
    size, lines = rng.uniform(0.3, 1.7) * mean, []
    while size > 0:
        lines.append(" ".join(rng.choices(words, k=rng.randint(5, 13))))
        size -= len(lines[-1]) + 1
    return "\n".join(lines) + "\n"
