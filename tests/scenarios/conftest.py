"""Every scenario gets desks of its own; `open_desk` takes the rules that differ from the plain ones.

All of them run on SQLite and on PostgreSQL; `-m postgres` and `-m "not postgres"` choose. On PostgreSQL those of
ON_SERVER_ALWAYS and ON_SERVER_TOO run in every test run; the others, which hold words and rules more than SQL, in
`make chaos`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from scenario_rules import rules

from helpdesk.testing import postgres
from helpdesk.testing.desk import Desk

ON_SERVER_ALWAYS = {
    "test_a1_question_becomes_ticket",
    "test_a2_operators_claim",
    "test_a7_customer_writes_back",
    "test_daily_report",
    "test_letters_that_do_not_arrive",
    "test_threads_found",
    "test_trouble_and_restarts",
}
"""Races, counting, searching, once-only things: where the two databases could differ."""

ON_SERVER_TOO = {
    "test_a_ticket_may_be_with_several_third_parties",
    "test_the_third_party_is_reminded_then_operator_and_pic_are_told",
    "test_a_merge_can_be_undone",
    "test_later_replies_by_the_old_address_come_to_the_ticket_that_stays",
    "test_what_a_third_party_was_asked_on_the_part_it_answers_on_the_whole",
    "test_a_block_tells_the_customer_once_and_keeps_what_they_write",
    "test_a_block_ends_the_promises_of_all_tickets_of_the_customer",
    "test_the_customers_yes_is_recorded_with_their_words_and_mail",
    "test_a_new_date_in_time_moves_the_promise",
    "test_a_merge_takes_the_promise_along",
    "test_each_card_holds_what_was_sent_when_and_whether_it_was_delivered",
    "test_cards_expire_and_the_operator_is_back_on_the_rota",
    "test_an_answer_that_was_received_in_time_counts_though_it_is_handled_later",
    "test_fields_are_merged_over_several_mails",
    "test_the_same_request_is_answered_once_a_day",
    "test_who_is_forgotten_leaves_numbers_and_states_only",
    "test_the_history_of_who_was_forgotten_still_verifies",
    "test_a_confirmation_expires",
    "test_an_address_that_the_customer_has_seen_proves_nobody",
    "test_no_more_than_ten_unanswered_questions_a_day",
}
"""Single tests of the other files that touch the store in a way of their own: escalations, merges, blocks, promises,
consents, cards, fields, requests, erasure, held mails, burnt addresses. About 33 s of a worker."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        always = item.path.stem in ON_SERVER_ALWAYS or getattr(item, "originalname", "") in ON_SERVER_TOO
        rare = item.path.parent == here and not always
        if rare and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.chaos)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest) -> Iterator[Callable[[], str | None]]:
    """Gives the url of a database for one more desk; None where its stores shall be files."""
    with ExitStack() as databases:
        if request.param == "sqlite":
            yield lambda: None
        else:
            yield lambda: databases.enter_context(postgres.a_database(upgraded=True))


@pytest.fixture
def open_desk(tmp_path: Path, new_url: Callable[[], str | None]) -> Iterator[Callable[..., Desk]]:
    """Open a desk: `open_desk(mode="claim", claim_window=timedelta(minutes=15))`."""
    opened: list[Desk] = []

    def open_one(**changes: object) -> Desk:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Desk(folder, rules(**changes), url=new_url()))
        return opened[-1]

    yield open_one
    for desk in opened:
        desk.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """The plain desk: round robin, list, PIC, English and Indonesian, identity proven by signed addresses."""
    return open_desk()


@pytest.fixture
def claim_desk(open_desk: Callable[..., Desk]) -> Desk:
    """The milis: operators claim by an empty Reply All, the first one wins."""
    return open_desk(mode="claim")
