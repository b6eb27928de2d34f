"""Carry out a Decision inside the caller's transaction: all of it or none of it.

Letters are rendered here, once; every attempt to send one sends these bytes (P3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide.notes import DESK
from helpdesk.flow import effects
from helpdesk.flow.workshop import Workshop
from helpdesk.model.decision import Decision, Draft, File, JournalLine, Value
from helpdesk.model.people import Address
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Entry, EntryKind, Ticket
from helpdesk.parse.message import attached
from helpdesk.render.canned import Words
from helpdesk.render.compose import Composed, ComposeError, compose
from helpdesk.store import deadlines, inbox, journal, outbox, people, search, tickets
from helpdesk.store.session import at_the_end

_log = structlog.get_logger()

_OWN_WORDS = ("answer",)
"""Letters whose words stand on the ticket already, as the operator's entry."""

Written = tuple[outbox.NewLetter, tuple[int, Entry] | None]
"""A letter, and the entry that it makes on a ticket."""


def apply(
    shop: Workshop,
    desk: Connection,
    ticket: Ticket | None,
    decision: Decision,
    now: datetime,
    letters: list[Written] | None = None,
) -> None:
    """Store what `decision` says about `ticket` and queue its letters. `now` is when it was decided.

    `letters`: those are added to it instead; the caller stores them, with others, in the same transaction.
    """
    if decision.number is not None:
        _change_ticket(desk, ticket, decision, decision.number, now)
    else:
        _tell_history_of_desk(desk, decision, now)
    effects.carry_out(desk, decision.effects, now)
    if letters is None:
        write_letters(shop, desk, decision.drafts, now)
    else:
        letters += _composed(shop, desk, decision.drafts, now)
    for number in _written_on(decision):
        at_the_end(desk, search.note, number)
    for beside in decision.also:
        apply(shop, desk, beside.ticket, beside.decision, now, letters)


def _written_on(decision: Decision) -> set[int]:
    """Tickets that may have more words than before: by new entries, or by letters that make one."""
    own = decision.number if decision.create or decision.entries else None
    told = (draft.ticket for draft in decision.drafts if draft.audience is Audience.CUSTOMER)
    return {number for number in (own, *told) if number}


def write_letters(shop: Workshop, desk: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    """Render, compose and queue; a letter that fails its self check is parked, never sent (F1)."""
    store_letters(desk, _composed(shop, desk, drafts, now), now)


def _composed(shop: Workshop, desk: Connection, drafts: Sequence[Draft], now: datetime) -> list[Written]:
    said: list[tuple[Draft, Words]] = []
    return [one for draft in drafts if (one := _write(shop, desk, draft, now, said))]


def store_letters(desk: Connection, written: Sequence[Written], now: datetime) -> None:
    """Queue what is written, and note it on its tickets."""
    outbox.queue_all(desk, [letter for letter, _ in written], now)
    tickets.add_entries(desk, [entry for _, entry in written if entry])


def _write(
    shop: Workshop, desk: Connection, draft: Draft, now: datetime, said: list[tuple[Draft, Words]]
) -> Written | None:
    words = _words(shop, draft, now, said)
    attachments = _attachments(shop, draft)
    try:
        composed = compose(draft, words, shop.policy, shop.signer, now, shop.random_hex(), attachments)
    except ComposeError as error:
        _park(desk, draft, words.subject, str(error), now)
        return None
    is_told = draft.audience is Audience.CUSTOMER and draft.letter not in _OWN_WORDS
    entry = (draft.ticket, _entry(shop, composed, words.body, now)) if draft.ticket and is_told else None
    return _letter(draft, composed), entry


def _words(shop: Workshop, draft: Draft, now: datetime, said: list[tuple[Draft, Words]]) -> Words:
    """What others of the decision are told in the same words (`said`) is rendered once."""
    for other, words in said:
        if _says_the_same(draft, other):
            return words
    words = shop.library.render(
        draft.letter, draft.language or shop.policy.language, _values(shop, draft, now)
    )
    said.append((draft, words))
    return words


def _says_the_same(draft: Draft, other: Draft) -> bool:
    """The same letter of the very same values; equal ones need not read the same (a Reason is a text, too)."""
    about = (other.letter, other.language, other.ticket) == (draft.letter, draft.language, draft.ticket)
    mine, theirs = draft.values, other.values
    return about and mine.keys() == theirs.keys() and all(mine[name] is theirs[name] for name in mine)


def _change_ticket(
    desk: Connection, ticket: Ticket | None, decision: Decision, number: int, now: datetime
) -> None:
    """The ticket's row and its history are one: what changes a column is told by a line (T29)."""
    lines = _history(ticket, decision, now)
    changes = dict(decision.changes)
    if decision.rating:
        changes["rating"] = decision.rating
    if decision.create:
        tickets.create(desk, number, changes, now, lines)
    elif ticket is not None:
        if not decision.allowed:
            changes = {"updated_at": ticket.updated_at}  # nothing but the line
        tickets.update(desk, number, ticket.version, changes, now, lines, ticket.journal_head)
    for line in lines:
        _log.info(line.event, action=line.event, ticket=number, status=line.status_after)
    if decision.allowed:
        _change_what_is_around(desk, decision, number, now)


def _tell_history_of_desk(desk: Connection, decision: Decision, now: datetime) -> None:
    """Lines that belong to no ticket have a chain of their own."""
    for line in decision.journal:
        journal.write(desk, journal.Line(now, line.event, line.by, line.reason, decision.reasons))
        _log.info(line.event, action=line.event)


def _history(ticket: Ticket | None, decision: Decision, now: datetime) -> list[journal.Line]:
    """The lines of a decision, all of its reasons once, on the first; one that planned no line gets one."""
    before = ticket.status if ticket else None
    after = decision.changes.get("status", before)
    noted = decision.journal or (
        JournalLine("noted", DESK, decision.reasons[-1] if decision.reasons else ""),
    )
    return [
        journal.Line(
            at=now,
            event=line.event,
            by=line.by,
            reason=line.reason,
            reasons=decision.reasons if index == 0 else (),
            status_before=before,
            status_after=after,
        )
        for index, line in enumerate(noted)
    ]


def _change_what_is_around(desk: Connection, decision: Decision, number: int, now: datetime) -> None:
    if not decision.create:
        deadlines.cancel(desk, number, decision.cancel)
    deadlines.set(desk, number, decision.set_deadlines)
    tickets.add_entries(desk, [(number, entry) for entry in decision.entries])
    own = [entry.message_id for entry in decision.entries if entry.message_id]
    for message_id in own:
        tickets.record_mail(desk, message_id, number)
    for entry_id in decision.moves:
        tickets.move_entry(desk, entry_id, number)
    for message_id in decision.changes.get("thread", ()):
        if message_id not in own:
            tickets.record_message_id(desk, message_id, number)
    _change_people(desk, decision, number, now)


def _change_people(desk: Connection, decision: Decision, number: int, now: datetime) -> None:
    if decision.clear_claims and not decision.create:
        tickets.clear_claims(desk, number)
    elif decision.add_claim:
        tickets.add_claim(desk, number, decision.add_claim)
    if decision.turn:
        people.record_turn(desk, number, decision.turn.operator, decision.turn.how, now)
    if decision.card:
        card = decision.card
        people.add_card(desk, number, card.operator, card.reason, now, card.evidence)


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


def _letter(draft: Draft, composed: Composed) -> outbox.NewLetter:
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


def _entry(shop: Workshop, composed: Composed, text: str, now: datetime) -> Entry:
    """What the customer reads stands on the ticket."""
    return Entry(
        at=now,
        kind=EntryKind.LETTER,
        sender=Address(shop.policy.name, shop.policy.address),
        to=(*composed.recipients, *composed.copies),
        subject=composed.subject,
        text=text,
        message_id=composed.message_id,
    )
