"""The words of one part, for readers that judge machines: a bounded beginning, decoded and cleaned."""

from __future__ import annotations

from helpdesk.parse import charsets
from helpdesk.parse.clean import clean_text
from helpdesk.parse.html import html_to_text
from helpdesk.parse.mime import Part

NOTICE = 32 * 1024


def leaf_text(part: Part, limit: int = NOTICE) -> str:
    """At most `limit` encoded bytes of a leaf as text; HTML loses its tags."""
    text, _ = charsets.decode(part.data(limit), part.content.get("charset") or None)
    if part.type == "text/html" or text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        text = html_to_text(text, part.headers.limits)
    return clean_text(text)


def shown_text(root: Part, limit: int = NOTICE) -> str:
    """What a mail says itself, its inner mails left out: plain parts first, HTML where there is nothing else."""
    leaves = [leaf for leaf in root.leaves() if leaf.type.startswith("text/") or leaf is root][:6]
    plain = [leaf for leaf in leaves if leaf.type not in {"text/html", "text/rfc822-headers"}]
    texts = [leaf_text(leaf, limit) for leaf in plain]
    if not any(text.strip() for text in texts):
        texts = [leaf_text(leaf, limit) for leaf in leaves if leaf.type == "text/html"]
    return "\n".join(texts)
