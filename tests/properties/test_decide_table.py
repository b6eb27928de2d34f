"""decide, for every status and every event under random rules: it never leaves the table, and always says why."""

from dataclasses import replace

from decide_cases import NOW, decided, for_every_case

from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.deadlines import ASKS_NOT_WHO_HAD_IT, GIVES_NOBODY_A_TURN
from helpdesk.decide.desk import HANDLERS, decide
from helpdesk.decide.lifecycle import DEADLINES_OF_STATUS, TRANSITIONS, event_name
from helpdesk.decide.verbs.table import VERBS
from helpdesk.model import events
from helpdesk.model.letters import LETTERS
from helpdesk.model.orders import Order
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import DeadlineKind, Status

SEEDS = range(25)
AT_LEAST = 25 * 7 * len(HANDLERS)


def test_every_pair_has_an_answer_on_the_table_with_a_reason():
    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        before = ticket.status if ticket else None
        ends = TRANSITIONS[before].get(event_name(event))
        after = decision.changes.get("status", before)

        assert decision.reasons
        assert all(decision.reasons)
        assert decision.allowed == (ends is not None)
        assert after == before or after in ends

    assert for_every_case(SEEDS, check) >= AT_LEAST


def test_a_refused_event_changes_nothing():
    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        if not decision.allowed:
            effects = (
                decision.changes,
                decision.entries,
                decision.cancel,
                decision.set_deadlines,
                decision.rating,
            )
            assert not any(effects)
            assert {d.letter for d in decision.drafts} <= {"unsure"}

    for_every_case(SEEDS, check)


def test_letters_use_only_the_variables_they_declare():
    def check(ticket, event, rules):
        for draft in decided(ticket, event, rules).drafts:
            assert set(draft.values) <= {"number", *LETTERS[draft.letter].variables}, draft.letter

    for_every_case(SEEDS, check)


def test_each_letter_goes_to_the_readers_it_was_written_for():
    """T4: a staff letter never goes to a customer, and proofs are bound to a person."""

    def check(ticket, event, rules):
        for draft in decided(ticket, event, rules).drafts:
            reader = LETTERS[draft.letter].reader
            if draft.audience is Audience.CUSTOMER:
                assert reader == "customer"
                assert not draft.person
            elif draft.audience is Audience.LIST:
                assert not draft.person
            else:
                assert draft.person == draft.to.address

    for_every_case(SEEDS, check)


def test_the_deadlines_left_are_ones_the_status_may_hold():
    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        if ticket is None and not decision.create:
            return
        before = ticket.deadlines if ticket else ()
        kept = [d for d in before if d.kind not in decision.cancel]
        after = decision.changes.get("status", ticket.status if ticket else Status.NEW)

        assert {d.kind for d in (*kept, *decision.set_deadlines)} <= DEADLINES_OF_STATUS[after]

    for_every_case(SEEDS, check)


def test_no_deadline_is_set_in_the_past():
    def check(ticket, event, rules):
        assert all(d.due_at > NOW for d in decided(ticket, event, rules).set_deadlines)

    for_every_case(SEEDS, check)


def test_at_most_one_acknowledgement_and_only_for_a_new_ticket():
    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        letters = [d.letter for d in decision.drafts]

        assert letters.count("acknowledgement") <= int(decision.create)
        assert letters.count("survey") <= 1

    for_every_case(SEEDS, check)


def test_who_must_not_be_answered_gets_no_automatic_letter():
    """R36: the tag of a robot's ticket keeps every automatic letter back, whatever happens."""

    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        tags = decision.changes.get("tags", ticket.tags if ticket else ())
        if NO_AUTO_REPLY in tags:
            to_customer = [d for d in decision.drafts if d.audience is Audience.CUSTOMER]
            assert all(d.human for d in to_customer)

    for_every_case(SEEDS, check)


def test_an_automatic_mail_on_a_ticket_causes_no_letter():
    def check(ticket, event, rules):
        if isinstance(event, events.RobotWrote):
            assert decided(ticket, event, rules).drafts == ()

    for_every_case(SEEDS, check)


def test_what_waits_for_somebody_rings_some_day():
    """Nothing is forgotten: whoever has the ball, there is a deadline for it."""
    response = {DeadlineKind.FIRST_RESPONSE, DeadlineKind.NEXT_RESPONSE}
    alarm = {
        Status.NEW: {DeadlineKind.CLAIM_TIMEOUT, DeadlineKind.CLAIM_WINDOW},
        Status.OPEN: response,
        Status.PENDING: {DeadlineKind.AUTO_CLOSE},
    }

    def check(ticket, event, rules):
        decision = decided(ticket, event, rules)
        before = {d.kind for d in ticket.deadlines} if ticket else set()
        after = (before - decision.cancel) | {d.kind for d in decision.set_deadlines}
        status = decision.changes.get("status", ticket.status if ticket else None)
        rung = isinstance(event, events.DeadlinePassed) and event.deadline.kind in alarm.get(status, ())
        moved = status != (ticket.status if ticket else None)
        if decision.allowed and status in alarm and (moved or rung or before & alarm[status]):
            assert after & alarm[status]

    for_every_case(SEEDS, check)


def test_the_same_case_is_decided_the_same_way_twice():
    def check(ticket, event, rules):
        assert decide(ticket, event, rules, NOW) == decide(ticket, event, rules, NOW)

    for_every_case(range(5), check)


def test_the_table_and_the_handlers_know_the_same_events():
    named = {name for row in TRANSITIONS.values() for name in row}
    handled = {name for name in named if not name.endswith("_passed") and not name.startswith("ordered_")}

    assert handled == {
        event_name(kind.__new__(kind)) for kind in HANDLERS if kind is not events.DeadlinePassed
    }


def test_the_table_and_the_verbs_know_the_same_orders():
    named = {name for row in TRANSITIONS.values() for name in row if name.startswith("ordered_")}

    assert named == {Order(rule.verb).event for rule in VERBS if rule.on_ticket}
    assert all((rule.on_ticket is None) != (rule.on_desk is None) for rule in VERBS)


HAD_IT = (events.PastTurn("bart@staff.example", "round_robin", NOW),)


def test_where_nobody_gets_a_turn_the_rota_does_not_matter():
    """`flow.standing` does not read it for these."""

    def check(ticket, event, rules):
        if isinstance(event, events.DeadlinePassed) and event.deadline.kind in GIVES_NOBODY_A_TURN:
            known, unknown = replace(event, past_turns=HAD_IT), replace(event, rota=(), past_turns=())
            assert decide(ticket, known, rules, NOW) == decide(ticket, unknown, rules, NOW)

    for_every_case(SEEDS, check)


def test_who_is_late_gives_the_ticket_to_the_next_whoever_had_it():
    """`flow.standing` does not ask who had it for these."""

    def check(ticket, event, rules):
        if isinstance(event, events.DeadlinePassed) and event.deadline.kind in ASKS_NOT_WHO_HAD_IT:
            known, unknown = replace(event, past_turns=HAD_IT), replace(event, past_turns=())
            assert decide(ticket, known, rules, NOW) == decide(ticket, unknown, rules, NOW)

    for_every_case(SEEDS, check)
