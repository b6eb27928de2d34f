"""Mails that are nothing but a phrase to the desk itself: `status`, `language id`, `send my data`, `forget me`.

The phrase stands alone, in the body or, above an empty body, in the subject. Anything more is a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.model.asks import Ask
from helpdesk.model.mail import InboundMail

PHRASES: Mapping[str, tuple[Ask, str]] = {
    "status": (Ask.STATUS, ""),
    "my tickets": (Ask.STATUS, "en"),
    "status tiket": (Ask.STATUS, "id"),
    "tiket saya": (Ask.STATUS, "id"),
    "κατάσταση": (Ask.STATUS, "el"),
    "τα αιτήματά μου": (Ask.STATUS, "el"),
    "katayuan": (Ask.STATUS, "tl"),
    "mga tiket ko": (Ask.STATUS, "tl"),
    "send my data": (Ask.DATA, "en"),
    "kirim data saya": (Ask.DATA, "id"),
    "kirimkan data saya": (Ask.DATA, "id"),
    "στείλτε τα δεδομένα μου": (Ask.DATA, "el"),
    "στείλε τα δεδομένα μου": (Ask.DATA, "el"),
    "ipadala ang aking data": (Ask.DATA, "tl"),
    "ipadala ang data ko": (Ask.DATA, "tl"),
    "forget me": (Ask.FORGET, "en"),
    "lupakan saya": (Ask.FORGET, "id"),
    "hapus data saya": (Ask.FORGET, "id"),
    "ξεχάστε με": (Ask.FORGET, "el"),
    "διαγράψτε τα δεδομένα μου": (Ask.FORGET, "el"),
    "kalimutan ako": (Ask.FORGET, "tl"),
    "burahin ang data ko": (Ask.FORGET, "tl"),
}
"""What is asked, and in which language; '' where the phrase does not tell."""

_LANGUAGE = re.compile(r"(?:language|bahasa|γλώσσα|wika) ([^\W\d_]{2,20})")
NAMES: Mapping[str, str] = {
    "english": "en",
    "inggris": "en",
    "αγγλικά": "en",
    "ingles": "en",
    "indonesia": "id",
    "indonesian": "id",
    "greek": "el",
    "ελληνικά": "el",
    "tagalog": "tl",
    "filipino": "tl",
}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Phrase:
    ask: Ask
    spoken: str
    wanted: str = ""


def phrase(mail: InboundMail, languages: tuple[str, ...]) -> Phrase | None:
    """What this mail asks of the desk itself; None: it is a question like any other."""
    if mail.attachments or mail.forwarded:
        return None
    body = mail.new_text.strip()
    return _read(body or mail.subject, languages)


def _read(words: str, languages: tuple[str, ...]) -> Phrase | None:
    if len(words) > _LONGEST:
        return None
    plain = " ".join(words.lower().split()).strip(" .!#")
    if found := PHRASES.get(plain):
        return Phrase(*found)
    named = _LANGUAGE.fullmatch(plain)
    wanted = NAMES.get(named[1], named[1]) if named else ""
    return Phrase(Ask.LANGUAGE, wanted, wanted) if wanted in languages and wanted else None
