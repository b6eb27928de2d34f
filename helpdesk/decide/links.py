"""An answer that is only a link is not a good answer: its writer hears of it before the customer does (PROCEDURE A5).

It is held. An empty reply, `ok` or `#send` sends it as it is; a reply with words is the answer in its place. The
ticket does not change meanwhile, and the response clock runs on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from helpdesk.decide.operators import only_links, only_told, sent_back
from helpdesk.decide.received import Meaning, Received, of_mail
from helpdesk.decide.verbs.table import RULES
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Decision
from helpdesk.model.events import OnlyLinksAnswered, OperatorAnswered
from helpdesk.model.mail import Emptiness, InboundMail
from helpdesk.model.orders import Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Ticket

_SEND_IT = re.compile(r"\s*#?\s*(?:send|kirim|ok|oke|okay|okey|ya|yes)\s*[.!]?\s*", re.I)


def held_until_confirmed(received: Received, meaning: Meaning) -> Meaning:
    """What the mail means, unless it would send the customer nothing but links for the first time."""
    match meaning:
        case OperatorAnswered(delivered=False):
            words = received.mail.text_after_commands or received.mail.new_text
        case StaffCommanded(delivered=False) if _answers_with_its_text(meaning):
            words = meaning.text
        case _:
            return meaning
    files = any(not a.inline for a in received.mail.attachments)
    if received.as_it_is or files or not only_links(words):
        return meaning
    return OnlyLinksAnswered(**of_mail(received))


def sends_as_it_is(mail: InboundMail) -> bool:
    """Is this reply to `links_only` a plain yes? Anything else is a new answer."""
    bare = mail.empty is Emptiness.EMPTY and not mail.command_lines
    return not mail.attachments and (bare or bool(_SEND_IT.fullmatch(mail.new_text)))


def held_back(ticket: Ticket | None, event: OnlyLinksAnswered, policy: Policy, now: datetime) -> Decision:
    """Nothing goes to the customer; the writer is asked for a few words."""
    assert ticket is not None
    draft = sent_back(ticket, event, "links_only", {"customer_name": ticket.customer.name})
    draft = replace(draft, audience=Audience.HELD, number=event.held_id)
    reason = because("links_held")
    return only_told(ticket, event, policy, now, draft, reason)


def _answers_with_its_text(event: StaffCommanded) -> bool:
    """Is the text below the orders the whole of an answer? Canned words make it more than links."""
    return not any(o.verb is Verb.CANNED or RULES[o.verb].takes_words for o in event.orders)
