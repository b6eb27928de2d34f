"""For every status and event under random rules: no consent is used that was not given, no card without a letter."""

from decide_cases import decided, for_every_case

from helpdesk.decide.deadlines import RESPONSE
from helpdesk.model import events
from helpdesk.model.affairs import ConsentState, PromiseState
from helpdesk.model.effects import AnswerConsent, SettlePromise, UseConsent
from helpdesk.model.ticket import DeadlineKind

SEEDS = range(15)
MANY_SEEDS = range(60)  # a card needs an open ticket that is late, an operator who is there, and proof


def test_a_consent_is_used_only_when_it_was_given():
    def check(ticket, event, rules):
        consent = event.affairs.consent
        for effect in decided(ticket, event, rules).effects:
            if isinstance(effect, UseConsent):
                assert consent.state is ConsentState.GIVEN

    for_every_case(SEEDS, check)


def test_only_a_customers_own_mail_answers_a_consent():
    def check(ticket, event, rules):
        effects = decided(ticket, event, rules).effects
        if any(isinstance(effect, AnswerConsent) for effect in effects):
            assert isinstance(event, events.CustomerWrote)
            assert event.signed
            assert event.speaker.address.address == ticket.customer.address

    for_every_case(SEEDS, check)


def test_a_card_is_given_only_for_a_response_of_which_the_operator_knew():
    given = 0

    def check(ticket, event, rules):
        nonlocal given
        decision = decided(ticket, event, rules)
        if decision.card is None:
            return
        assert event.deadline.kind in RESPONSE
        known = event.affairs.evidence
        assert known is None or (not known.away and any(x.delivered_at for x in known.sent))
        assert not any(t.away for t in event.rota if t.operator.address == decision.card.operator)
        given += 1

    for_every_case(MANY_SEEDS, check)
    assert given > 0


def test_a_promise_ends_once_and_takes_its_deadlines_with_it():
    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        ends = [effect for effect in decision.effects if isinstance(effect, SettlePromise)]

        assert len(ends) <= 1
        if ends and ends[0].state is not PromiseState.MOVED:
            kept = [d for d in ticket.deadlines if d.kind not in decision.cancel]
            new = {d.kind for d in decision.set_deadlines}
            assert DeadlineKind.PROMISE not in {d.kind for d in kept} or DeadlineKind.PROMISE in new

    for_every_case(SEEDS, check)
