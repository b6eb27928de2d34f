"""Each invariant of the judge finds what it is for in evidence fed by hand, and keeps silent where all is well.

I1, I3, I5 and I7 are shown by planted bugs (tests/reliability/test_chaos_planted.py), I8 by test_chaos_soundness.
"""

from __future__ import annotations

import random
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from helpdesk.testing.chaos.evidence import Evidence, Measured, Outside
from helpdesk.testing.chaos.judge import INVARIANTS, LONGEST_DRAIN_SECONDS, MORE_FILES, MOST_MEMORY
from helpdesk.testing.chaos.mails import Mail, Writers
from helpdesk.testing.letters import Letter

WRITERS = Writers(random.Random(1))
ANNE, BART = "anne.1@customer.example", "bart@staff.example"
NOTE = WRITERS.note(Letter(b"Subject: offline nomor (1)\r\n\r\nIt is yours.\r\n", "", (BART,)))
DONE = {"state": "done", "outcome": "ticket_created", "reason": ""}
PARKED = {"state": "parked", "outcome": "failed", "reason": "unreadable"}


def evidence(*posted: Mail, measured: Measured | None = None, **found: Any) -> Evidence:
    """What was left after these mails; inbox row n is the n-th of them. `logs`, `letters`, ... go to the outside."""
    outside = Outside(
        posted=posted,
        keys={mail.message_id: {mail.message_id} for mail in posted},
        ledger=(),
        copies=(),
        letters=found.pop("letters", ()),
        logs=found.pop("logs", ()),
        secrets=found.pop("secrets", ()),
        announced=found.pop("announced", frozenset()),
    )
    rows = dict(enumerate(posted, 1))
    return Evidence(
        outside,
        measured or Measured(),
        found.pop("is_server", False),
        inbox={number: {"id": number, "dedupe_key": mail.message_id} for number, mail in rows.items()},
        rows_of={mail.message_id: [number] for number, mail in rows.items()},
        **found,
    )


def findings(name: str, seen: Evidence) -> list[str]:
    return [text for invariant in INVARIANTS[name] for _, text in invariant(seen)]


def test_i2_every_row_has_an_end_and_only_the_hopeless_are_parked() -> None:
    question, hopeless = WRITERS.question(), WRITERS.hopeless()

    assert findings("I2", evidence(question, hopeless, handled={1: DONE, 2: PARKED})) == []


@pytest.mark.parametrize(
    ("handled", "told"),
    [
        ({2: PARKED}, "inbox row 1 was never handled"),
        ({1: {**DONE, "state": "taken"}, 2: PARKED}, "inbox row 1 was never handled"),
        ({1: PARKED, 2: PARKED}, "inbox row 1 ended as parked failed: unreadable"),
        ({1: DONE, 2: DONE}, "inbox row 2 ended as done ticket_created: "),
        ({1: {**DONE, "outcome": "ignored:loop"}, 2: PARKED}, "inbox row 1 ended as done ignored:loop: "),
    ],
    ids=["no end", "in hands", "parked", "hopeless and done", "ignored"],
)
def test_i2_finds_a_row_without_its_end(handled: dict[int, Any], told: str) -> None:
    seen = evidence(WRITERS.question(), WRITERS.hopeless(), handled=handled)

    assert findings("I2", seen) == [told]


def test_i2_a_hopeless_mail_that_came_again_is_a_copy_of_what_is_parked() -> None:
    """Its first 250 was lost with the daemon."""
    hopeless, copy = WRITERS.hopeless(), {**DONE, "outcome": "duplicate"}

    def told(handled: dict[int, Any]) -> list[str]:
        seen = evidence(hopeless, hopeless, handled=handled)
        return findings("I2", replace(seen, rows_of={hopeless.message_id: [1, 2]}))

    assert told({1: PARKED, 2: copy}) == []
    assert len(told({1: copy, 2: copy})) == 2


def line(ticket: int | None, at: int, before: str | None, after: str | None) -> dict[str, Any]:
    return {"ticket": ticket, "at": at, "status_before": before, "status_after": after}


HISTORY = [
    line(1, 1, None, "new"),
    line(None, 1, None, None),
    line(1, 2, "new", "open"),
    line(1, 2, "new", "open"),  # the second line of the same decision
    line(2, 2, None, "new"),
    line(1, 3, "open", "closed"),
]
TICKETS = [{"number": 1, "status": "closed"}, {"number": 2, "status": "new"}]


def test_i4_a_whole_history_has_no_gap() -> None:
    assert findings("I4", evidence(journal=HISTORY, tickets=TICKETS)) == []


@pytest.mark.parametrize(
    ("journal", "tickets", "told"),
    [
        (
            [one for one in HISTORY if one["at"] != 2 or one["ticket"] != 1],
            TICKETS,
            "ticket 1 was new, its next line begins at open",
        ),
        (HISTORY[:-1], TICKETS, "ticket 1 is closed, its history ends elsewhere"),
        (HISTORY[:-1], [{"number": 1, "status": "open"}], ""),
        (HISTORY, [{"number": 1, "status": "closed"}, {"number": 3, "status": "new"}], "ticket 3 is new"),
    ],
    ids=["a step is missing", "the last step is missing", "none", "no history"],
)
def test_i4_finds_a_step_that_is_missing(journal: Any, tickets: Any, told: str) -> None:
    found = findings("I4", evidence(journal=journal, tickets=tickets, is_server=True))

    assert [text.startswith(told) for text in found] == ([True] if told else [])


@pytest.mark.parametrize("is_server", [False, True], ids=["sqlite", "postgresql"])
def test_i4_finds_a_number_that_is_missing_where_none_may_be(is_server: bool) -> None:
    """A sequence of PostgreSQL has gaps after every rollback."""
    journal, tickets = [line(2, 1, None, "new")], [{"number": 2, "status": "new"}]

    found = findings("I4", evidence(journal=journal, tickets=tickets, is_server=is_server))

    assert found == ([] if is_server else ["the numbers of the tickets have a gap"])


def letter(state: str) -> dict[int, Any]:
    return {7: {"id": 7, "letter": "answer", "state": state}}


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_i6_a_letter_that_has_ended_is_well(state: str) -> None:
    assert findings("I6", evidence(outbox=letter(state))) == []


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ({"outbox": letter("queued")}, "letter 7 answer is still queued"),
        ({"outbox": letter("sending")}, "letter 7 answer is still sending"),
        ({"outbox": letter("parked")}, "letter 7 answer did not pass the desk's own check"),
        ({"outbox": letter("sent"), "marks": [{"letter_id": 7}]}, "a mark of letter 7 was left behind"),
    ],
    ids=["queued", "sending", "parked", "mark"],
)
def test_i6_finds_a_letter_that_has_not_ended(left: dict[str, Any], told: str) -> None:
    assert findings("I6", evidence(**left)) == [told]


def test_i9_logs_that_name_only_ids_are_well(tmp_path) -> None:
    log = tmp_path / "log-0001"
    log.write_text(f'{{"action": "received", "message_id": "{NOTE.message_id}"}}\n')

    assert findings("I9", evidence(NOTE, logs=[log], secrets=["correct-horse-27"])) == []


@pytest.mark.parametrize("secret", [NOTE.canary, "correct-horse-27"], ids=["a word", "a password"])
def test_i9_finds_a_secret_in_a_log(tmp_path, secret: str) -> None:
    log = tmp_path / "log-0001"
    log.write_text(f'{{"action": "received", "subject": "{secret}"}}\n')

    found = findings("I9", evidence(NOTE, logs=[log], secrets=["correct-horse-27"]))

    assert found == [f"log-0001 tells {secret[:20]}"]


def sent(to: str, text: str, encoding: str = "7bit") -> Letter:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "help@desk.example", to, "Re: My order [#1]"
    message["X-Helpdesk-Letter"] = "answer"
    message.set_content(text, cte=encoding)
    return Letter(message.as_bytes(), "help@desk.example", (to,))


HARMLESS = f"We have sent it again, {WRITERS.question().canary}: write to help+1-cabcdefgh-x@desk.example."
SECRETS = {
    "an internal word": f"Anne is difficult, {NOTE.canary}.",
    "a signed address or id of staff": "Write to help+1-oabcdefgh-g22-x@desk.example.",
    "an address of staff": "Ask bart@staff.example.",
}


def test_i9_letters_may_tell_staff_everything_and_customers_what_is_theirs() -> None:
    to_staff = [sent(BART, text) for text in SECRETS.values()]

    assert findings("I9", evidence(NOTE, letters=[*to_staff, sent(ANNE, HARMLESS)])) == []
    assert findings("I9", evidence(letters=[sent(ANNE, SECRETS["an internal word"])])) == []  # nobody's note


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("why", SECRETS)
def test_i9_finds_what_a_customer_must_not_read(why: str, encoding: str) -> None:
    found = findings("I9", evidence(NOTE, letters=[sent(ANNE, SECRETS[why], encoding)]))

    assert found == [f"answer to ('{ANNE}',): {why}"]


def test_i10_a_log_of_a_killed_desk_explains_itself() -> None:
    events = [
        {"action": "worker_died", "level": "error"},
        {"action": "alarm", "level": "error"},
        {"action": "taken_in", "level": "info"},
    ]

    assert findings("I10", evidence(events=events, loose_lines=["ready"], announced={"alarm"})) == []


@pytest.mark.parametrize(
    "found",
    [
        {"loose_lines": ["Traceback (most recent call last):"]},
        {"events": [{"action": "ring_failed", "level": "error"}]},
        {"events": [{"action": "taken_in", "level": "info", "exception": "KeyError"}]},
    ],
    ids=["traceback", "error", "exception"],
)
def test_i10_finds_an_error_that_nothing_explains(found: dict[str, Any]) -> None:
    assert len(findings("I10", evidence(**found))) == 1


REST = Measured(drained=LONGEST_DRAIN_SECONDS, rss=MOST_MEMORY, files=30 + MORE_FILES, files_before=30)


@pytest.mark.parametrize("name", ["I11", "I12"])
@pytest.mark.parametrize("measured", [REST, Measured()], ids=["at the limit", "not measured"])
def test_i11_and_i12_what_is_within_its_limits_is_well(name: str, measured: Measured) -> None:
    assert findings(name, evidence(measured=measured)) == []


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("I11", {"drained": 61.0}, "it took 61 s to come to rest"),
        ("I12", {"rss": 301 * 1024**2}, "301 MB resident"),
        ("I12", {"files": 63}, "63 open files, 30 at the start"),
    ],
    ids=["slow", "memory", "files"],
)
def test_i11_and_i12_find_what_is_over_them(name: str, more: dict[str, Any], told: str) -> None:
    assert findings(name, evidence(measured=replace(REST, **more))) == [told]
