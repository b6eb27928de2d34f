"""A ticket that a decision opens beside its own keeps the promises that every decision keeps."""

from decide_cases import decided, for_every_case

from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.lifecycle import DEADLINES_OF_STATUS, TRANSITIONS, event_name
from helpdesk.model.letters import LETTERS
from helpdesk.model.signing import Audience


def every_opened(check):
    """Call `check` with the event's name, the ticket, its decision and the one that opens another; return how often."""
    count = 0

    def look(ticket, event, rules):
        nonlocal count
        decision = decided(ticket, event, rules)
        for beside in decision.also:
            if beside.ticket is None and beside.decision.number is not None:
                count += 1
                check(event_name(event), ticket, decision, beside.decision)

    for_every_case(range(25), look)
    return count


def test_it_is_new_linked_and_where_the_table_allows():
    def check(name, ticket, decision, opened):
        assert decision.allowed
        assert opened.allowed
        assert opened.create
        assert opened.number != decision.number == ticket.number
        assert opened.changes["status"] in TRANSITIONS[None][name]
        assert {d.kind for d in opened.set_deadlines} <= DEADLINES_OF_STATUS[opened.changes["status"]]
        assert opened.reasons
        assert {line.event for line in opened.journal} & {line.event for line in decision.journal}

    assert every_opened(check) > 100


def test_its_letters_are_its_own_and_none_goes_where_none_may():
    def check(_, ticket, __, opened):
        for draft in opened.drafts:
            assert draft.ticket == draft.number == opened.number
            assert set(draft.values) <= {"number", *LETTERS[draft.letter].variables}
            if draft.audience is Audience.CUSTOMER and NO_AUTO_REPLY in ticket.tags:
                assert draft.human

    assert every_opened(check) > 100
