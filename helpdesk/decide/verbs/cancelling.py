"""A cancellation, with the customer's consent: `#cancel` asks for it, `#cancel done` says it was carried out."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import assignment, consents, operators
from helpdesk.decide.customers import entry_of
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import Reading, VerbRule, writer
from helpdesk.model.affairs import Consent, ConsentState
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.effects import UseConsent
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind

_DONE = ("done", "selesai")
_WORDS = "cancelled"


def _what(order: Order, _: Reading) -> Order | Misunderstood:
    """What shall be cancelled, in plain words; `done` names the canned reply that says so."""
    done = order.argument.lower() in _DONE
    return replace(order, name=_WORDS) if done else replace(order, text=order.argument)


def _cancel(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    return _carried_out(plan, order, event) if order.name == _WORDS else _ask(plan, order, event)


def _ask(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Nothing is cancelled yet; it is the customer's turn, and silence is asked about as after any answer."""
    person, consent = writer(event), plan.event.affairs.consent
    if consent and consent.state is ConsentState.GIVEN:
        return Misunderstood(order.line, because("agreed", answer=consent.answer), "#cancel done")
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, person, "cancel")
    words = event.text.strip()
    if words:
        plan.record(entry_of(event, EntryKind.OPERATOR, plan.now, words))
    operators.count_as_answer(plan)
    operators.wait_for_customer(plan)
    consents.ask(plan, order.text or plan.ticket.subject, "" if event.delivered else words, person.address)
    return None


def _carried_out(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Only with the customer's consent on record; the ticket is closed with words that say so."""
    consent = plan.event.affairs.consent
    if consent is None or consent.state is not ConsentState.GIVEN:
        problem, remedy = _why_not(consent)
        return Misunderstood(order.line, problem, remedy)
    person = writer(event)
    plan.effect(UseConsent(consent.id))
    plan.note("cancelled", person.address, because("with_consent", answer=consent.answer))
    own = "" if event.delivered else event.text
    words = "\n\n".join(filter(None, (event.found.canned.get(_WORDS, "").strip(), own.strip())))
    operators.close(plan, event, person, words, delivered=event.delivered)
    return None


def _why_not(consent: Consent | None) -> tuple[str, str]:
    match consent.state if consent else None:
        case ConsentState.ASKED:
            return because("not_agreed_yet"), because("wait_or_ask")
        case ConsentState.REFUSED:
            answer = consent.answer if consent else ""
            return because("refused", answer=answer), because("close_or_ask")
        case ConsentState.USED:
            return because("consent_used"), because("ask_for_more")
        case _:
            return because("never_asked"), "#cancel"


CANCEL = VerbRule(
    Verb.CANCEL,
    usage="#cancel [WHAT], #cancel done",
    meaning=because("help_cancel"),
    read=_what,
    on_ticket=_cancel,
    takes_words=True,
    moves=True,
)
