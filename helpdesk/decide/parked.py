"""Letters to PIC that belong to no ticket: a mail was set aside, something needs an admin."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.model.alarms import AlarmName
from helpdesk.model.decision import Draft, Value
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import recognised
from helpdesk.model.signing import Audience


def park_notice(spool_id: int, reason: str, policy: Policy) -> tuple[Draft, ...]:
    """Tell PIC which inbox row could not be handled, and why."""
    return to_pics("parked", {"spool_id": spool_id, "reason": recognised(reason)}, policy)


def alarm_notice(name: AlarmName, lines: tuple[str, ...], policy: Policy) -> tuple[Draft, ...]:
    """Tell PIC what somebody must look after; `lines` hold the particulars."""
    return to_pics("alarm", {"alarm": name.value, "text": lines}, policy)


def to_pics(letter: str, values: Mapping[str, Value], policy: Policy) -> tuple[Draft, ...]:
    shared = tuple(Address("", a) for a in policy.pic_addresses)
    readers = shared or tuple(p.mailbox for p in policy.pics)
    return tuple(
        Draft(
            letter=letter,
            to=to,
            audience=Audience.PIC,
            number=0,
            ticket=None,
            values=values,
            person=to.address,
        )
        for to in readers
    )
