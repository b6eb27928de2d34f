"""The judge: twelve invariants of MAIL_RULES section 5, each a small function that returns what it found wrong.

    findings = judge(gather(spool, desk, outside))
    assert findings == []

No finding means something only because the planted bugs are found (tests/reliability/test_chaos_planted.py).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.deliver.replies import REPLY_LOST
from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.mails import COMMANDS, HOUSE, Mail
from helpdesk.testing.leaks import NOTHING, leaks

LONGEST_DRAIN_SECONDS = 60.0
MOST_MEMORY = 300 * 1024**2
MORE_FILES = 32
"""Connections that the desk may keep open for a while, to the sink, the mailbox and the databases; and its aide's."""

EXPLAINED = {"worker_died", "buried"}
"""Errors in the log that killing and freezing leave behind."""


_CUSTOMERS = "@customer.example"


@dataclass(frozen=True, slots=True)
class Finding:
    """`harm` is what the figures count it as: lost, ticket, command, letter, or '' for other trouble."""

    invariant: str
    harm: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


Found = Iterator[tuple[str, str]]
Invariant = Callable[[Evidence], Found]


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong, in the order of the invariants."""
    return [
        Finding(name, harm, text)
        for name, invariants in INVARIANTS.items()
        for invariant in invariants
        for harm, text in invariant(evidence)
    ]


def acknowledged_is_stored(evidence: Evidence) -> Found:
    """I1: what heard 250, or lay in the mailbox, is in the spool."""
    for mail in evidence.outside.posted:
        acks = evidence.acks(mail)
        if acks and not evidence.rows(mail):
            yield "lost", f"{_named(mail)} was acknowledged by {dict(acks)} and is not in the spool"


def every_mail_was_taken(evidence: Evidence) -> Found:
    """I1: nobody was refused for good, and the postman got rid of everything."""
    refused = {line["refused"]: line["code"] for line in evidence.outside.ledger if "refused" in line}
    for mail in evidence.outside.posted:
        if mail.message_id in refused:
            yield "lost", f"{_named(mail)} was refused with {refused[mail.message_id]}"
        elif not evidence.acks(mail):
            yield "lost", f"{_named(mail)} was never acknowledged"


def stored_is_accounted_for(evidence: Evidence) -> Found:
    """I2: every row of the spool has an end with a name; none is ignored, and parked are the hopeless ones."""
    hopeless = {number for mail in _of_kind(evidence, "hopeless") for number in _to_be_parked(evidence, mail)}
    for number in evidence.inbox:
        row = evidence.handled.get(number)
        if row is None or row["state"] == "taken":
            yield "lost", f"inbox row {number} was never handled"
        elif (row["state"] == "parked") != (number in hopeless) or row["outcome"].startswith("ignored:"):
            yield "lost", f"inbox row {number} ended as {row['state']} {row['outcome']}: {row['reason']}"


def _to_be_parked(evidence: Evidence, mail: Mail) -> Iterator[int]:
    """All rows of the mail, but for what is known as a copy of one that is parked: its 250 was lost, it came again."""
    rows = {number: evidence.handled.get(number) for number in evidence.rows(mail)}
    is_parked = any(row is not None and row["state"] == "parked" for row in rows.values())
    for number, row in rows.items():
        if not (is_parked and row is not None and row["outcome"] == "duplicate"):
            yield number


def one_ticket_per_question(evidence: Evidence) -> Found:
    """I3: by the desk's own books: who heard 250 has one ticket, and nobody has two."""
    numbers = Counter(row["customer_address"] for row in evidence.tickets)
    for mail in _of_kind(evidence, "question"):
        count = numbers.pop(mail.sender, 0)
        if count == 0 and evidence.acks(mail):
            yield "lost", f"{_named(mail)} made no ticket"
        elif count > 1:
            yield "ticket", f"{_named(mail)} made {count} tickets"
    for stranger, count in numbers.items():
        yield "ticket", f"{count} tickets of {stranger}, who has asked nothing"


def one_ticket_per_customer_as_they_see_it(evidence: Evidence) -> Found:
    """I3: from outside: the letters that a customer got tell of one number."""
    told: dict[str, set[int]] = defaultdict(set)
    for letter in evidence.seen:
        for recipient in letter.recipients:
            told[recipient].add(letter.ticket)
    for mail in _of_kind(evidence, "question"):
        if len(told[mail.sender]) > 1:
            yield "ticket", f"{mail.sender} was told of tickets {sorted(told[mail.sender])}"


def histories_have_no_gap(evidence: Evidence) -> Found:
    """I4: each line of a ticket begins where the last one ended, and the last one is what the ticket is."""
    status: dict[int, str | None] = {}
    decision: dict[int, tuple[object, ...]] = {}
    for line in evidence.journal:
        number, this = line["ticket"], (line["at"], line["status_before"], line["status_after"])
        if number is None or line["status_after"] is None or decision.get(number) == this:
            continue  # lines of one decision all tell the same step
        if number in status and line["status_before"] != status[number]:
            yield "", f"ticket {number} was {status[number]}, its next line begins at {line['status_before']}"
        status[number], decision[number] = line["status_after"], this
    for ticket in evidence.tickets:
        if status.get(ticket["number"]) != ticket["status"]:
            yield "", f"ticket {ticket['number']} is {ticket['status']}, its history ends elsewhere"
    numbers = [ticket["number"] for ticket in evidence.tickets]
    if not evidence.is_server and numbers != list(range(1, len(numbers) + 1)):
        yield "", "the numbers of the tickets have a gap"


def nothing_is_applied_twice(evidence: Evidence) -> Found:
    """I5: every other mail has one effect: one finished row, at most one entry of its ticket."""
    entries = Counter(row["message_id"] for row in evidence.entries)
    for mail in evidence.outside.posted:
        if mail.kind == "question":
            continue
        harm = "command" if mail.kind in COMMANDS else "ticket"
        effects = evidence.effective(mail)
        if len(effects) > 1 or entries[mail.message_id] > 1:
            yield harm, f"{_named(mail)} took effect {len(effects)} times, {entries[mail.message_id]} entries"
        if not effects and evidence.acks(mail):
            yield "lost", f"{_named(mail)} was acknowledged and had no effect"


def one_answer_per_answer(evidence: Evidence) -> Found:
    """I5: from outside: what an operator wrote once, the customer got in one letter."""
    letters: dict[str, set[str]] = defaultdict(set)
    for letter in evidence.seen:
        if letter.name in {"answer", "closed"} and _CUSTOMERS in letter.recipients[0]:
            for canary in letter.canaries:
                letters[canary].add(letter.message_id)
    for mail in _of_kind(evidence, "answer", "close"):
        if len(letters[mail.canary]) > 1:
            yield "command", f"{_named(mail)} reached the customer in {len(letters[mail.canary])} letters"
        if not letters[mail.canary] and evidence.acks(mail):
            yield "lost", f"the words of {_named(mail)} never reached the customer"


def letters_have_ended(evidence: Evidence) -> Found:
    """I6: after the drain nothing waits, nothing is in anybody's hands, no mark is left."""
    for letter in evidence.outbox.values():
        if letter["state"] in {"queued", "sending"}:
            yield "lost", f"letter {letter['id']} {letter['letter']} is still {letter['state']}"
        elif letter["state"] == "parked":
            yield "lost", f"letter {letter['id']} {letter['letter']} did not pass the desk's own check"
    for mark in evidence.marks:
        yield "", f"a mark of letter {mark['letter_id']} was left behind"


def accepted_is_delivered(evidence: Evidence) -> Found:
    """I7: whom the desk believes to have a letter has it; whom it gave up has not."""
    for row in evidence.recipients:
        letter = evidence.outbox[row["letter_id"]]
        got = any(c.recipient == row["recipient"] for c in evidence.copies_of.get(letter["message_id"], ()))
        if row["state"] == "accepted" and not got:
            yield "lost", f"letter {letter['id']} {letter['letter']} never reached {row['recipient']}"
        elif row["state"] in {"refused", "gave_up"} and got:
            yield "", f"letter {letter['id']} reached {row['recipient']} and is booked as {row['state']}"


def copies_are_the_letter(evidence: Evidence) -> Found:
    """I7, P3: every copy that was taken has the bytes of a letter of the outbox."""
    ours = {letter["message_id"]: letter["sha256"] for letter in evidence.outbox.values()}
    for message_id, copies in evidence.copies_of.items():
        if message_id not in ours:
            yield "letter", f"the sink took {message_id}, which the desk has not written"
        elif {copy.sha256 for copy in copies} != {ours[message_id]}:
            yield "letter", f"copies of {message_id} are not the bytes of the outbox"


def copies_are_few(evidence: Evidence) -> Found:
    """I7, P4: one copy for each reader, and one more for each crash or lost reply inside this letter's dot."""
    ids = {letter["message_id"]: letter["id"] for letter in evidence.outbox.values()}
    in_dot = Counter(
        event["letter_id"] for event in evidence.events if event.get("action") == "letter_ambiguous"
    )
    cut_off = _cut_off(evidence)
    for message_id, copies in evidence.copies_of.items():
        allowed = 1 + in_dot[ids.get(message_id, 0)]
        for recipient, count in Counter(copy.recipient for copy in copies).items():
            lost_replies = sum(not copy.told for copy in copies if copy.recipient == recipient)
            lost_replies += cut_off[ids.get(message_id, 0)]
            if count > allowed + lost_replies:
                yield "letter", f"{recipient} got {count} copies of {message_id}, {allowed} may be"


def one_letter_per_reason(evidence: Evidence) -> Found:
    """I7: one mail makes one letter of a name for a reader."""
    made: Counter[tuple[str, str, str]] = Counter()
    for row in evidence.recipients:
        letter = evidence.outbox[row["letter_id"]]
        if letter["spool_id"] in evidence.inbox:
            key = evidence.inbox[letter["spool_id"]]["dedupe_key"]
            made[key, letter["letter"], row["recipient"]] += 1
    for (_, name, recipient), count in made.items():
        if count > 1:
            yield "letter", f"{recipient} has {count} different letters {name} for one mail"


def databases_are_sound(evidence: Evidence) -> Found:
    """I8."""
    for trouble in evidence.unsound:
        yield "", trouble


def logs_keep_secrets(evidence: Evidence) -> Found:
    """I9, T24: no word of a mail, no password, no key in any log."""
    secrets = {*evidence.outside.secrets, *(mail.canary for mail in evidence.outside.posted)}
    for log in evidence.outside.logs:
        words = log.read_text(errors="replace")
        if leaked := next((secret for secret in secrets if secret in words), None):
            yield "", f"{log.name} tells {leaked[:20]}"


def letters_keep_secrets(evidence: Evidence) -> Found:
    """I9, T31: no letter that the sink took shows people outside a note, what proves staff, or their address."""
    notes = [re.escape(mail.canary) for mail in _of_kind(evidence, "note")]
    internal = re.compile("|".join(notes)) if notes else NOTHING
    for leak in leaks(evidence.outside.letters, HOUSE, internal):
        yield "", leak


def logs_explain_themselves(evidence: Evidence) -> Found:
    """I10: no traceback, and no error that killing does not explain."""
    for line in evidence.loose_lines:
        if line.startswith(("Traceback", "Exception")):
            yield "", f"unexplained in a log: {line}"
    for event in evidence.events:
        action = event.get("action")
        if action in EXPLAINED or action in evidence.outside.announced:
            continue
        if "exception" in event or event.get("level") in {"error", "critical"}:
            told = f"{action} {event.get('name', '')} {event.get('error', '')}"
            yield "", f"unexplained in a log: {told} {str(event.get('exception'))[-200:]}"


def drain_is_short(evidence: Evidence) -> Found:
    """I11."""
    seconds = evidence.measured.drained
    if seconds is not None and seconds > LONGEST_DRAIN_SECONDS:
        yield "", f"it took {seconds:.0f} s to come to rest"


def resources_come_back(evidence: Evidence) -> Found:
    """I12."""
    measured = evidence.measured
    if measured.rss is not None and measured.rss > MOST_MEMORY:
        yield "", f"{measured.rss // 1024**2} MB resident"
    before = measured.files_before
    if measured.files is not None and before is not None and measured.files > before + MORE_FILES:
        yield "", f"{measured.files} open files, {measured.files_before} at the start"


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "I1": (acknowledged_is_stored, every_mail_was_taken),
    "I2": (stored_is_accounted_for,),
    "I3": (one_ticket_per_question, one_ticket_per_customer_as_they_see_it),
    "I4": (histories_have_no_gap,),
    "I5": (nothing_is_applied_twice, one_answer_per_answer),
    "I6": (letters_have_ended,),
    "I7": (accepted_is_delivered, copies_are_the_letter, copies_are_few, one_letter_per_reason),
    "I8": (databases_are_sound,),
    "I9": (logs_keep_secrets, letters_keep_secrets),
    "I10": (logs_explain_themselves,),
    "I11": (drain_is_short,),
    "I12": (resources_come_back,),
}


def doubled_letters(evidence: Evidence) -> int:
    """How many copies readers got beyond the first, whether a crash in the dot explains them or not."""
    counts = Counter((copy.message_id, copy.recipient) for copy in evidence.outside.copies)
    return sum(counts.values()) - len(counts)


def _of_kind(evidence: Evidence, *kinds: str) -> Sequence[Mail]:
    return [mail for mail in evidence.outside.posted if mail.kind in kinds]


def _cut_off(evidence: Evidence) -> Counter[int]:
    """How often the reply to a letter's dot was lost between the sink, who wrote it, and the desk, who says so.

    Where nothing lies between them the sink knows best, and the desk is not asked.
    """
    if not evidence.outside.bad_wires:
        return Counter()
    tries = (event for event in evidence.events if event.get("action") == "letter_later")
    return Counter(event["letter_id"] for event in tries if REPLY_LOST in str(event["reasons"]))


def _named(mail: Mail) -> str:
    return f"{mail.kind} {mail.message_id}"
