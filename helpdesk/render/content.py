"""What is inside a letter: its words, pictures among them, files beside them (RFC 2046 5.1, RFC 2387, RFC 2392).

    mixed: [ related: [ alternative: [ text, HTML ], picture ... ], file ... ]

Each layer is there only where it has something to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.model.decision import File
from helpdesk.render.body import Entity, attachment, multipart, picture, text_part
from helpdesk.render.words import Words


def content_of(words: Words, files: Sequence[File], random_hex: str, desk_address: str) -> Entity:
    """The body of a letter. `random_hex` makes boundaries and content ids that no other letter has."""
    domain = desk_address.rpartition("@")[2]
    shown = [f for f in files if f.cid and words.html is not None]
    unique = [replace(f, cid=f"{f.cid}.{random_hex}@{domain}") for f in shown]
    html = words.html
    for before, after in zip(shown, unique, strict=True):
        html = (html or "").replace(f'"cid:{before.cid}"', f'"cid:{after.cid}"')
    content = _text(words.body, html, random_hex)
    if unique:
        pictures = [picture(f.name, f.media_type, f.content, f.cid) for f in unique]
        content = multipart("related", (content, *pictures), f"=_r{random_hex}")
    attached = [attachment(f.name, f.media_type, f.content) for f in files if f not in shown]
    if attached:
        content = multipart("mixed", (content, *attached), f"=_m{random_hex}")
    return content


def _text(body: str, html: str | None, random_hex: str) -> Entity:
    plain = text_part(body)
    if html is None:
        return plain
    return multipart("alternative", (plain, text_part(html, "html")), f"=_a{random_hex}")
