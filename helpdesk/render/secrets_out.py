"""No letter shows a signed address or message id of the desk inside its words (T4).

An operator's reply quotes the letter that was sent to that operator, and the reply address in it
proves a person. Whatever has the shape of one of our tokens is taken out, whole or without its
domain, also as it stands in a link (`%2B`, `%40`); a false alarm costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_MAC = r"[a-z2-7]{16}"
_GAP = r"-(?:[ \t]{0,3}\n[> \t]{0,20})?"  # mail programs break long words after a hyphen, and quote the rest
_HEAD = rf"\d{{1,15}}{_GAP}[clohpt](?:[a-z2-7]{{8}})?"
_TOKEN = rf"{_HEAD}{_GAP}(?:[0-9a-z]{{1,7}})?{_GAP}{_MAC}"
_ID = rf"{_HEAD}\.[0-9a-f]{{32}}\.{_MAC}"
_TELLTALE = re.compile(r"-(?<=\d-)[> \t\n]{0,24}[clohptCLOHPT]")
"""Stands in each of them; the search for it runs from hyphen to hyphen, which costs next to nothing."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """Takes the tokens of one desk out of text."""

    desk_address: str

    def clean(self, text: str) -> str:
        """Signed reply addresses become the plain desk address, signed message ids vanish."""
        if not _TELLTALE.search(text):
            return text
        reply, own_id = _shapes(self.desk_address)
        return own_id.sub("", reply.sub(self.desk_address.replace("\\", r"\\"), text))


@cache
def _shapes(desk_address: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of signed reply addresses and of signed message ids."""
    local, _, domain = desk_address.partition("@")
    at = rf"(?:(?:@|%40){re.escape(domain)})?"
    reply = re.compile(rf"(?<!\d)(?:{re.escape(local)}(?:\+|%2b))?{_TOKEN}{at}", re.I)
    return reply, re.compile(rf"<?(?<!\d){_ID}{at}>?", re.I)
