"""What letters to PIC tell: alarms, findings of the audit, and what speaks for or against a yellow card."""

from __future__ import annotations

from collections.abc import Mapping

_BY_HAND = "somebody changed the database past the desk; compare with a backup from before"

NOTICES: Mapping[str, str] = {
    # alarms
    "alarm_parked": "In the inbox, parked: number {why}",
    "alarm_reason": "Reason: {why}",
    "and_more": "{names} and more",
    "alarm_mailbox": "{what}: not read for {number} min",
    "alarm_waits": "Letter {letter} waits since {when}, for {number} min.",
    "alarm_attempt": "The last attempt: {why}",
    "alarm_quiet": "By {road}: {number} mails in the last {hours} h; in the same {hours} h of the {weeks} weeks before "
    "(the latest first): {usual}. By chance that happens less than once in ten million looks.",
    "alarm_disk_low": "{what} has {free} GB free; below {floor} GB no mail is taken any more.",
    "alarm_disk_full": "{what} has {free} GB free, and {floor} GB must remain: no mail is taken now, "
    "senders try again.",
    "alarm_deadline": "Deadline {what} of ticket {why}: its decision fails with {error}, and is tried again.",
    "alarm_flood": "Letters not written since {when}: {number}. The first: {why}.",
    # evidence
    "evidence_began": "{when}  the time began",
    "evidence_delivered": "{when}  {letter}: delivered {until}",
    "evidence_lost": "{when}  {letter}: not delivered ({why})",
    "evidence_away": "{when}  away",
    "evidence_down": "{when}  the desk was down, until {until}",
    "evidence_due": "{when}  the answer was due",
    "still_on_its_way": "still on its way",
    # findings
    "found_at": "{where}: {why}",
    "place_ticket": "ticket {number}",
    "place_line": "line {number}",
    "place_ticket_line": "ticket {number}, line {line}",
    "place_desk": "the desk",
    "no_such_mail": "inbox row {number} was handled ({what}), but the spool holds no such mail",
    "ticket_not_there": "inbox row {number} became {what} on a ticket that is not there",
    "lost_row": "inbox row {number} (by {road}) is unaccounted for: the desk has worked beyond it "
    "and says nothing of it",
    "unknown_outcome": "inbox row {number} (by {road}) is unaccounted for: {what!r} is no outcome "
    "that this helpdesk knows",
    "does_not_follow": "the line does not follow from the one before it: it, or one before it, is not as written. "
    f"{_BY_HAND}",
    "lines_of_none": f"its {{number}} lines tell of a ticket that is not there. {_BY_HAND}",
    "nothing_told": "no line tells how it came to be, so nothing proves that it is as it should be",
    "newest_is_other": "the newest line is not the one that was written last, or the head was changed. "
    f"{_BY_HAND}",
    "begins_otherwise": f"it begins with status {{after}}, the line before it ended with {{before}}. {_BY_HAND}",
    "field_untold": f"no line tells its {{what}}. {_BY_HAND}",
    "field_differs": f"its {{what}} is {{said}}, its history says {{told}}. {_BY_HAND}",
}
