"""What is said on a ticket: letters are rendered, composed and queued, in the order in which all of it was said.

Letters are rendered here, once; every attempt to send one sends these bytes (P3). Those of one transaction are stored
together (`store.later`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

import structlog
from sqlalchemy import Connection

from helpdesk.flow.workshop import Workshop
from helpdesk.model.decision import Draft, File, Value
from helpdesk.model.people import Address
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Entry, EntryKind
from helpdesk.parse.message import attached
from helpdesk.render.compose import Composed
from helpdesk.render.filling import Filling
from helpdesk.render.words import Words
from helpdesk.render.writing import Planned, Written, write
from helpdesk.store import inbox, outbox, tickets
from helpdesk.store.later import do_now, put_off
from helpdesk.store.schema import ENTRY, OUTBOX, OUTBOX_RECIPIENT

_log = structlog.get_logger()

_OWN_WORDS = ("answer",)
"""Letters whose words stand on the ticket already, as the operator's entry."""
_STORED_IN = frozenset({ENTRY.name, OUTBOX.name, OUTBOX_RECIPIENT.name})


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry on a ticket."""

    number: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters that were begun. `in_hand`: the mail that they are written about (see `Workshop.take_up`)."""

    shop: Workshop
    planned: Sequence[Planned]
    written: Callable[[], Sequence[Written]]
    now: datetime
    in_hand: int | None


def add_entries(desk: Connection, number: int, entries: Sequence[Entry]) -> None:
    """Append entries to the ticket, before those that the letters written after this call make."""
    put_off(desk, _store, [_Said(number, entry) for entry in entries], _STORED_IN, [number])


def write_letters(shop: Workshop, desk: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    """Render, compose and queue; a letter that fails its self check is parked, never sent (F1)."""
    planned = _planned(shop, drafts, now)
    begun = [_begin(shop, some, now) for some in _sheaves(planned)]
    tickets = {draft.ticket for draft in drafts if draft.ticket}
    put_off(desk, _store, begun, _STORED_IN, tickets)
    if any(map(_has_files, planned)):
        do_now(desk)  # files are not in memory together with those of others (T13)


def _planned(shop: Workshop, drafts: Sequence[Draft], now: datetime) -> list[Planned]:
    """What others of the decision are told in the same words is filled in once."""
    planned: list[Planned] = []
    for draft in drafts:
        same = (other.filling for other in planned if _says_the_same(draft, other.draft))
        filling = next(same, None) or _filling(shop, draft, now)
        planned.append(Planned(draft, filling, shop.random_hex()))
    return planned


def _sheaves(planned: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    """Letters that are written in one go, in their order; each that has files is written alone (T13)."""
    for has_files, group in groupby(planned, _has_files):
        some = list(group)
        yield from ([one] for one in some) if has_files else [some]


def _begin(shop: Workshop, planned: Sequence[Planned], now: datetime) -> _Letters:
    given = (planned, shop.policy.name, shop.signer, now)
    if _has_files(planned[0]):  # they are fetched when their turn has come
        written: Callable[[], Sequence[Written]] = partial(
            _with_files, shop, planned[0].draft, partial(write, *given)
        )
    else:
        written = shop.aside.begin(write, *given)
    return _Letters(shop, planned, written, now, shop.in_hand)


def _store(desk: Connection, said: Sequence[_Said | _Letters]) -> None:
    """Queue what has been written, and note everything on its ticket."""
    letters: list[tuple[outbox.NewLetter, datetime]] = []
    entries: list[tuple[int, Entry]] = []
    all_written = _written([one for one in said if isinstance(one, _Letters)])
    for one in said:
        if isinstance(one, _Said):
            entries.append((one.number, one.entry))
            continue
        for planned, written in zip(one.planned, all_written.pop(), strict=True):
            draft = planned.draft
            if written.composed is None:
                _park(desk, draft, written.words.subject, written.fault, one.now)
            else:
                letters.append((_new(draft, written.composed), one.now))
                entries += _told(one, draft, written.words, written.composed)
    outbox.queue_all(desk, letters)
    tickets.add_entries(desk, entries)


def _written(begun: Sequence[_Letters]) -> list[Sequence[Written]]:
    """What was begun, the last first: who helps goes the other way, and we meet in the middle.

    A letter that kills its worker is to be blamed on its own mail, not on the one that waits for it (F4).
    """
    if not begun:
        return []
    shop, written = begun[0].shop, []
    before = shop.in_hand
    try:
        for letters in reversed(begun):
            _take_up(shop, letters.in_hand)
            written.append(letters.written())
    finally:
        _take_up(shop, before)
    return written


def _take_up(shop: Workshop, spool_id: int | None) -> None:
    if shop.in_hand != spool_id:
        shop.take_up(spool_id)


def _has_files(letter: Planned) -> bool:
    return bool(letter.draft.attach or letter.draft.files)


def _with_files(shop: Workshop, draft: Draft, begun: Callable[..., Sequence[Written]]) -> Sequence[Written]:
    return begun(attachments=_attachments(shop, draft))


def _filling(shop: Workshop, draft: Draft, now: datetime) -> Filling:
    language = draft.language or shop.policy.language
    return shop.library.filling(draft.letter, language, _values(shop, draft, now))


def _says_the_same(draft: Draft, other: Draft) -> bool:
    """The same letter of the very same values; equal ones need not read the same (a Reason is a text, too)."""
    about = (other.letter, other.language, other.ticket) == (draft.letter, draft.language, draft.ticket)
    mine, theirs = draft.values, other.values
    return about and mine.keys() == theirs.keys() and all(mine[name] is theirs[name] for name in mine)


def _values(shop: Workshop, draft: Draft, now: datetime) -> Mapping[str, Value]:
    if draft.letter != "survey" or draft.ticket is None:
        return draft.values
    token = shop.signer.survey_token(draft.ticket, now)
    url = f"{shop.policy.public_url.rstrip('/')}/survey/{token}" if shop.policy.public_url else ""
    return {**draft.values, "survey_url": url, "valid_until": now + shop.signer.survey_for}


def _attachments(shop: Workshop, draft: Draft) -> list[File]:
    """What goes with it: carried over from a mail, then made by the desk."""
    carried = [file for spool_id, parts in draft.attach for file in _of_mail(shop, spool_id, parts)]
    return [*carried, *draft.files]


def _of_mail(shop: Workshop, spool_id: int, parts: Sequence[int]) -> Iterator[File]:
    with shop.spool.read() as spool:
        raw = inbox.fetch(spool, [spool_id])[0].arrival.raw
    for one, data in attached(raw, parts, shop.limits.mail):
        yield File(one.name or f"attachment-{one.part}", one.type, data)


def _new(draft: Draft, composed: Composed) -> outbox.NewLetter:
    return outbox.NewLetter(
        ticket=draft.ticket,
        letter=draft.letter,
        audience=str(draft.audience),
        to=composed.recipients,
        cc=composed.copies,
        subject=composed.subject,
        message_id=composed.message_id,
        sender=composed.sender,
        raw=composed.raw,
        spool_id=draft.attach[0][0] if draft.attach else None,
    )


def _park(desk: Connection, draft: Draft, subject: str, reason: str, now: datetime) -> None:
    _log.error(
        "letter_parked", action="letter_parked", ticket=draft.ticket, letter=draft.letter, reason=reason
    )
    letter = outbox.NewLetter(
        ticket=draft.ticket,
        letter=draft.letter,
        audience=str(draft.audience),
        to=(draft.to.address,),
        cc=(),
        subject=subject,
        message_id="",
        sender="",
        raw=b"",
        spool_id=None,
    )
    outbox.park(desk, letter, reason, now)


def _told(letters: _Letters, draft: Draft, words: Words, composed: Composed) -> list[tuple[int, Entry]]:
    """What the customer reads stands on the ticket."""
    if not draft.ticket or draft.audience is not Audience.CUSTOMER or draft.letter in _OWN_WORDS:
        return []
    rules = letters.shop.policy
    entry = Entry(
        at=letters.now,
        kind=EntryKind.LETTER,
        sender=Address(rules.name, rules.address),
        to=(*composed.recipients, *composed.copies),
        subject=composed.subject,
        text=words.body,
        message_id=composed.message_id,
    )
    return [(draft.ticket, entry)]
