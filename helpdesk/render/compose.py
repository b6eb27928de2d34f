"""The one place where the bytes of a letter are written, once; every attempt sends these (P3, T8).

What may be relied on: exactly the intended header fields in this order, the intended recipients, ids verbatim
(F2), nothing of a stranger's text outside its encoded place (F1), no signed address of anybody else
(T4). The finished bytes are read again by two readers before they leave; a difference is a
ComposeError, and the letter is parked instead of sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from helpdesk.model.decision import Draft, File
from helpdesk.model.letters import LETTERS
from helpdesk.model.signing import Audience, Signer, Token, days, person_code, serial
from helpdesk.render import cleaning, header_words, selfcheck
from helpdesk.render.body import Entity
from helpdesk.render.content import content_of
from helpdesk.render.secrets_out import Eraser
from helpdesk.render.subject import tagged
from helpdesk.render.words import Words

_PROVES_A_PERSON = frozenset({Audience.OPERATOR, Audience.PIC, Audience.HELD})


class ComposeError(Exception):
    """A letter that must not be sent: its address is impossible, or its bytes are not what was meant.

    The message names the letter and the reason; the letter is parked and PIC are told.
    """


@dataclass(frozen=True, slots=True)
class Composed:
    """`sender` is the envelope sender, '' for the null sender; `message_id` has no <>."""

    raw: bytes
    message_id: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    copies: tuple[str, ...] = ()


def compose(
    draft: Draft,
    words: Words,
    desk_name: str,
    signer: Signer,
    now: datetime,
    random_hex: str,
    attachments: Sequence[File] = (),
) -> Composed:
    """Write a letter. `random_hex` are 32 hex digits; `attachments` are what the draft names and carries.

    Raises ComposeError; its `__cause__` is None, its message is for operators.
    """
    eraser = Eraser(signer.desk_address)
    try:
        recipient = header_words.ascii_address(draft.to)
    except header_words.BadAddressError as error:
        raise ComposeError(f"letter {draft.letter}: {error}") from None
    copies = _copies(draft, recipient)
    token = _token(draft)
    message_id = signer.message_id(token, random_hex)
    clean = _cleaned(words, eraser)
    theirs = draft.audience is Audience.THIRD_PARTY  # what they call the ticket may look like a tag of ours
    subject = clean.subject if theirs else tagged(clean.subject, draft.ticket)
    content = content_of(clean, attachments, random_hex, signer.desk_address)
    fields = (
        *_addresses(
            draft, desk_name, signer, _reply_token(token, signer, now, random_hex), recipient, copies
        ),
        ("Subject", header_words.text(subject)),
        ("Date", format_datetime(now.astimezone(UTC))),  # R75
        ("Message-ID", header_words.ids([message_id])),
        *_thread(draft, token, signer),
        *_automatic(draft),
        *((("X-Helpdesk-Ticket", str(draft.ticket)),) if draft.ticket is not None else ()),
        ("X-Helpdesk-Letter", draft.letter),
        ("MIME-Version", "1.0"),
        *content.headers,
    )
    raw = Entity(fields, content.content).whole()
    found = selfcheck.differences(raw, [name for name, _ in fields], recipient, copies)
    if found:
        raise ComposeError(f"letter {draft.letter} to {recipient}: the self check found {found} (F1)")
    return Composed(raw, message_id, subject, _envelope_sender(draft, signer), (recipient,), copies)


def _copies(draft: Draft, recipient: str) -> tuple[str, ...]:
    """Who else reads it. Only customers have such company (R71); an impossible address must not stop the letter."""
    assert not draft.cc or draft.audience is Audience.CUSTOMER, (
        f"{draft.letter} proves a person: it has one reader"
    )
    found: dict[str, None] = {}
    for one in draft.cc:
        with suppress(header_words.BadAddressError):
            found[header_words.ascii_address(one)] = None
    found.pop(recipient, None)
    return tuple(found)


def _cleaned(words: Words, eraser: Eraser) -> Words:
    html = None if words.html is None else eraser.clean(words.html)
    return Words(eraser.clean(words.subject), eraser.clean(words.body), html)


def _addresses(
    draft: Draft, desk_name: str, signer: Signer, token: Token, recipient: str, copies: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """From is always the desk (R76, DMARC); the reply address is the ticket's own, signed for this reader alone."""
    wary = draft.audience is Audience.CUSTOMER and not draft.human
    name = cleaning.person_name(draft.to.name) if wary else draft.to.name  # F13
    return (
        ("From", header_words.mailbox(_author(draft, desk_name), signer.desk_address)),
        ("To", header_words.mailbox(name, recipient)),
        *((("Cc", header_words.mailboxes(copies)),) if copies else ()),
        ("Reply-To", header_words.mailbox(desk_name, signer.reply_address(token))),
    )


def _reply_token(token: Token, signer: Signer, now: datetime, random_hex: str) -> Token:
    """What proves a person expires, and is another one in each letter."""
    if token.audience not in _PROVES_A_PERSON:
        return token
    return replace(token, expires_on=days(now + signer.staff_for), serial=serial(random_hex))


def _author(draft: Draft, desk_name: str) -> str:
    """`Rina (iDuHelp!)` where an operator wrote to the customer, else the desk's name."""
    operator = draft.values.get("operator_name")
    to_customer = draft.letter in LETTERS and LETTERS[draft.letter].reader == "customer"
    return f"{operator} ({desk_name})" if draft.human and operator and to_customer else desk_name


def _token(draft: Draft) -> Token:
    return Token(draft.number, draft.audience, person_code(draft.person) if draft.person else "")


def _thread(draft: Draft, mine: Token, signer: Signer) -> tuple[tuple[str, str], ...]:
    """In-Reply-To and References; an id that was signed for somebody else would prove that person (T4)."""

    def may_show(message_id: str) -> bool:
        owner = signer.read_message_id(message_id)
        return (
            owner is None
            or owner.audience is Audience.CUSTOMER
            or (owner.audience, owner.person) == (mine.audience, mine.person)
        )

    parent = [i for i in (draft.in_reply_to,) if i and may_show(i)]
    chain = [i for i in draft.references if may_show(i) and i not in parent]
    fields = (("In-Reply-To", header_words.ids(parent)), ("References", header_words.ids([*chain, *parent])))
    return tuple((name, value) for name, value in fields if value)


def _automatic(draft: Draft) -> tuple[tuple[str, str], ...]:
    """RFC 3834 5. A human's words carry nothing; to the list nothing that list managers refuse (INTERFACE 3)."""
    if not _is_automatic(draft):
        return ()
    kind = "auto-replied" if draft.replied else "auto-generated"
    return (("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All"))


def _envelope_sender(draft: Draft, signer: Signer) -> str:
    return "" if _is_automatic(draft) else signer.desk_address


def _is_automatic(draft: Draft) -> bool:
    return not draft.human and draft.audience is not Audience.LIST
