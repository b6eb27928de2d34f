"""A cancellation needs the customer's own consent, on record, before it is carried out (PROCEDURE D).

It is asked for by mail. Only the customer's own reply to one of our letters can give or refuse it, and only in
words that leave no doubt; everything else goes to the operator as it is, with the hint that consent is open.
"""

from __future__ import annotations

from helpdesk.decide import deadlines, drafts
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.decide.yes_no import says_yes
from helpdesk.model.affairs import Consent, ConsentState
from helpdesk.model.decision import Value
from helpdesk.model.effects import AnswerConsent, AskConsent
from helpdesk.model.events import CustomerWrote
from helpdesk.model.reasons import because
from helpdesk.model.ticket import DeadlineKind


def ask(plan: Plan, what: str, words: str, by: str) -> None:
    """Write to the customer. Asking again while the answer is still open reminds of the same consent."""
    asked = plan.event.affairs.asked_consent
    if asked is None:
        plan.effect(AskConsent(plan.ticket.number, Consent(what, by, plan.now)))
        plan.note("consent_asked", by, because("consent_asked", said=what))
    else:
        plan.note("consent_asked", by, because("consent_again"))
    values = {**_values(plan, what), "text": words}
    drafts.to_customer(plan, "consent", values, human=True)
    drafts.copies(plan, "consent", values, human=True)


def remind(plan: Plan, consent: Consent, step: int) -> None:
    """The nudge of a ticket that waits for consent asks for the consent."""
    plan.note("nudged", CLOCK, because("consent_reminded", number=step))
    drafts.to_customer(plan, "consent", {**_values(plan, consent.what), "text": "", "step": step})


def said(plan: Plan, event: CustomerWrote) -> bool | None:
    """Did the customer say yes or no? None: nothing was asked, somebody else wrote, or it is not clear."""
    own = event.speaker.address.address.lower() == plan.ticket.customer.address.lower()
    if event.affairs.asked_consent is None or not own or not event.signed or event.mail.automatic:
        return None
    names = (
        f"{plan.operator_name} {plan.policy.name} {event.speaker.address.name} {plan.ticket.customer.name}"
    )
    return says_yes(event.mail.new_text, names)


def heard(plan: Plan, event: CustomerWrote) -> bool:
    """Put a clear yes or no on record and tell everybody; False when the mail is no such answer."""
    consent, agreed = event.affairs.asked_consent, said(plan, event)
    if consent is None or agreed is None:
        return False
    words = event.mail.new_text.strip()
    state = ConsentState.GIVEN if agreed else ConsentState.REFUSED
    plan.effect(AnswerConsent(consent.id, state, words, event.spool_id))
    what = because("consent_yes", answer=words) if agreed else because("consent_no", answer=words)
    plan.note(f"consent_{state}", event.speaker.address.address, what)
    values: dict[str, Value] = {
        "what": consent.what,
        "given": agreed,
        "text": words,
        "answer_by": plan.due(*deadlines.RESPONSE),
    }
    if plan.operator:
        drafts.to_operator(plan, plan.operator, "consent_answer", values)
    drafts.copies(plan, "consent_answer", values)
    return True


def _values(plan: Plan, what: str) -> dict[str, Value]:
    return {"what": what, "step": 0, "close_at": plan.due(DeadlineKind.AUTO_CLOSE)}
