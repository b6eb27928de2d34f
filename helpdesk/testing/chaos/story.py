"""Six mails in which a desk does all it can: a question, a reply, a claim, an answer, its end, and copies of them.

Each mail is written when the letter it answers has come, so the same happens in every run, whatever dies
meanwhile; `told` is what must be equal then.
"""

from __future__ import annotations

from collections import Counter

from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.mails import Mail, carried
from helpdesk.testing.chaos.range import Range

_BART, _PIC = "bart@staff.example", "pic@desk.example"


def six_mails(around: Range) -> None:
    """Returns when the last letter of the story has come. Raises TimeoutError when one does not come."""
    writers = around.writers
    question = _posted(around, writers.question())
    anne = question.sender
    reply = _posted(around, writers.reply(around.letter("acknowledgement", anne)))
    _copied(around, question, 1)
    announced = around.letter("new_ticket", _BART)
    _posted(around, writers.claim(announced))
    assigned = around.letter("assignment", _BART)
    _copied(around, reply, 2)
    answer = _posted(around, writers.answer(assigned))
    around.letter("answer", anne)
    _copied(around, answer, 3)
    around.letter("nudge", anne, which=2)
    _posted(around, writers.close(assigned))
    around.letter("close_notice", _PIC)


def three_by_mailbox(around: Range) -> None:
    """Three questions, one after the other, that come by the mailbox only."""
    for _ in range(3):
        question = around.writers.question()
        around.postman.put(question)
        around.letter("acknowledgement", question.sender)


def told(evidence: Evidence) -> Counter[tuple[str, int, tuple[str, ...]]]:
    """Which letters went to whom, by their names; copies of one letter count once."""
    people = [(seen.name, seen.ticket, tuple(sorted(seen.recipients))) for seen in evidence.seen]
    return Counter(people)


def _posted(around: Range, mail: Mail) -> Mail:
    around.postman.post(mail)
    return mail


def _copied(around: Range, mail: Mail, hop: int) -> None:
    """It comes once more, by the mailbox; the next one comes when this one has been read."""
    around.postman.put(mail, carried(mail.raw, "imap", hop))
    around.mailbox_is_read()
