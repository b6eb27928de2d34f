"""The survey page shows the ticket in the customer's language, and a posted vote goes into the spool."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_helpers import ANNE, NOW, TOKEN, Desk, Page

from helpdesk.flow.receive import SpoolFailed, SpoolFull
from helpdesk.model.mail import Happening, Road
from helpdesk.web.surveys import SurveyTicket
from helpdesk.web.texts import TEXTS


def test_the_page_shows_the_ticket_and_five_answers() -> None:
    page = Desk().show()

    assert "iDuHelp!" in page.text
    assert "#7" in page.text
    assert "Sepatu saya belum sampai" in page.text
    assert [field["value"] for field in page.all("input")] == ["5", "4", "3", "2", "1"]
    assert page.chosen == []
    assert len(page.all("textarea")) == len(page.all("button")) == 1


def test_the_page_loads_nothing_but_the_desks_own_style() -> None:
    """T22: no script, no image, no other host; the form sends only to the page itself."""
    page = Desk().show()

    assert [link["href"] for link in page.all("link")] == ["../static/survey.css"]
    assert [form["action"] for form in page.all("form")] == [""]
    for tag in ("script", "img", "iframe", "style", "object", "base"):
        assert page.all(tag) == []


@pytest.mark.parametrize("language", TEXTS)
def test_the_page_speaks_the_customers_language(language: str) -> None:
    desk = Desk()
    desk.shelf.tickets[7] = SurveyTicket("?", language)
    page, thanks = desk.show(), desk.vote(score="4")

    assert page.all("html") == [{"lang": language}]
    assert TEXTS[language].question in page.text
    assert all(word in page.text for word in TEXTS[language].scores)
    assert TEXTS[language].thanks in thanks.text


def test_a_ticket_without_a_language_gets_the_desks() -> None:
    desk = Desk("id")
    desk.shelf.tickets[7] = SurveyTicket("?", "")

    assert desk.show().all("html") == [{"lang": "id"}]


def test_a_hostile_subject_stays_text() -> None:
    desk = Desk()
    desk.shelf.tickets[7] = SurveyTicket(
        "<script>alert(1)</script>{{ 7*7 }}\"'>", "en", 3, "</textarea><img src=x>"
    )
    page = desk.show()

    assert page.all("script") == page.all("img") == []
    assert "<script>alert(1)</script>{{ 7*7 }}" in page.text
    assert "</textarea><img src=x>" in page.text


def test_an_earlier_vote_is_shown_and_may_be_changed() -> None:
    desk = Desk()
    desk.shelf.tickets[7] = SurveyTicket("?", "en", 2, "slow")
    page = desk.show()

    assert page.chosen == ["2"]
    assert TEXTS["en"].voted in page.text
    assert "slow" in page.text


@pytest.mark.parametrize(("query", "chosen"), [("?r=5", ["5"]), ("?r=9", []), ("?r=", []), ("?r=<b>", [])])
def test_a_rating_link_only_preselects(query: str, chosen: list[str]) -> None:
    """T22."""
    desk = Desk()
    page = desk.show(query)

    assert page.chosen == chosen
    assert desk.votes == []


# -- voting


def test_a_vote_goes_into_the_spool_like_a_letter() -> None:
    desk = Desk()
    answer = desk.vote(score="4", comment="Quick & kind.\r\nThank you!")

    assert answer.status_code == 200
    assert "Thank you!" in answer.text
    assert "Quick &amp; kind." in answer.text
    assert desk.votes == [{"number": 7, "score": 4, "comment": "Quick & kind.\nThank you!"}]
    arrival = desk.spool.arrivals[0]
    assert (arrival.road, arrival.kind, arrival.received_at, arrival.peer) == (
        *(Road.WEB, Happening.VOTE, NOW, ANNE),
    )


def test_a_customer_may_vote_again() -> None:
    desk = Desk()
    for score in ("5", "1"):
        desk.vote(score=score)

    assert [vote["score"] for vote in desk.votes] == [5, 1]


def test_the_preselection_does_not_overrule_the_vote() -> None:
    desk = Desk()
    desk.visit("POST", f"/survey/{TOKEN}?r=5", data={"score": "1"})

    assert [vote["score"] for vote in desk.votes] == [1]


@pytest.mark.parametrize("score", ["", "0", "6", "abc"])
def test_a_bad_score_shows_the_form_again_with_what_was_written(score: str) -> None:
    desk = Desk()
    answer = desk.vote(score=score, comment="three pages of praise")

    assert answer.status_code == 422
    assert TEXTS["en"].score_missing in answer.text
    assert "three pages of praise" in answer.text
    assert desk.votes == []


def test_a_comment_that_is_too_long_comes_back_to_be_shortened() -> None:
    desk = Desk()
    answer = desk.vote(score="4", comment="ñ" * 4001)

    assert answer.status_code == 422
    assert "4,000" in answer.text
    assert "ñ" * 4001 in answer.text
    assert Page(answer.text).chosen == ["4"]
    assert desk.votes == []


def test_a_body_beyond_all_measure_is_refused() -> None:
    desk = Desk()
    answer = desk.vote(score="4", comment="a" * 200_000)

    assert answer.status_code == 422
    assert len(answer.text) < 10_000
    assert desk.votes == []


@pytest.mark.parametrize("problem", [SpoolFull("no space"), SpoolFailed("disk I/O error")])
def test_a_vote_that_cannot_be_saved_is_not_lost_silently(problem: Exception) -> None:
    desk = Desk()
    desk.spool.fail_on = [problem, None]
    failed = desk.vote(score="5", comment="keep me")
    page = Page(failed.text)
    again = desk.vote(score="5", comment="keep me")

    assert failed.status_code == 503
    assert "Retry-After" in failed.headers
    assert (page.chosen, "keep me" in page.text) == (["5"], True)
    assert str(problem) not in failed.text
    assert again.status_code == 200
    assert len(desk.votes) == 1


def test_a_vote_is_taken_even_while_the_tickets_cannot_be_read() -> None:
    desk = Desk()
    desk.shelf.broken = True
    shown, voted = desk.visit("GET", f"/survey/{TOKEN}"), desk.vote(score="5")

    assert shown.status_code == 503
    assert "helpdesk.db" not in shown.text
    assert voted.status_code == 200
    assert desk.votes[0]["number"] == 7


def test_one_ticket_cannot_fill_the_spool() -> None:
    """T20."""
    desk = Desk()
    answers = [desk.vote(score="5").status_code for _ in range(12)]
    desk.seconds += 61
    later = desk.vote(score="5")

    assert answers == [200] * 10 + [429] * 2
    assert later.status_code == 200


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["score", "comment", "r", "number"]), st.text(max_size=50)))
def test_whatever_is_posted_the_answer_is_one_of_ours(fields: dict[str, str]) -> None:
    desk = Desk()
    body = urlencode(fields, errors="replace").encode()
    answer = desk.visit("POST", f"/survey/{TOKEN}", content=body)

    assert answer.status_code in {200, 422}
    assert len(desk.votes) == (answer.status_code == 200)
    assert all(vote["number"] == 7 for vote in desk.votes)
