"""What a posted survey form says, and the bytes that go into the spool."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.model.fingerprint import dedupe_key
from helpdesk.web.ballot import MAX_COMMENT, Ballot, as_bytes, read_ballot, read_score


def test_a_good_vote_is_read() -> None:
    ballot = read_ballot({"score": "4", "comment": "  Quick and kind.\r\nThank you!  "})

    assert ballot == Ballot(4, "Quick and kind.\nThank you!")


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.0", " 4", "٤", "five", "04", "1\x00"])
def test_only_one_to_five_are_scores(score: str) -> None:
    ballot = read_ballot({"score": score, "comment": "kept"})

    assert ballot == Ballot(None, "kept", "score_missing")


def test_a_missing_score_is_told() -> None:
    assert read_ballot({}).problem == "score_missing"


def test_a_comment_of_exactly_the_limit_is_taken() -> None:
    """A browser counts a line break as one character and sends it as two."""
    text = "a\r\n" * (MAX_COMMENT // 2 - 1) + "ab"

    assert read_ballot({"score": "5", "comment": text}).problem == ""


def test_a_longer_comment_is_told_and_kept_for_mending() -> None:
    ballot = read_ballot({"score": "5", "comment": "é" * (MAX_COMMENT + 1)})

    assert ballot.problem == "comment_too_long"
    assert len(ballot.comment) == MAX_COMMENT + 1


def test_controls_and_lone_surrogates_go_joiners_stay() -> None:
    """T16."""
    ballot = read_ballot({"score": "1", "comment": "a\x00b\ud800c\x85d\u200de\tf"})

    assert ballot.comment == "abcd\u200de\tf"


@given(st.text(st.characters(), max_size=200), st.sampled_from("12345"))
def test_every_vote_survives_the_spool(comment: str, score: str) -> None:
    ballot = read_ballot({"score": score, "comment": comment})
    vote = json.loads(as_bytes(7, ballot))

    assert vote == {"number": 7, "score": int(score), "comment": ballot.comment}
    vote["comment"].encode("utf-8")


def test_a_comment_cannot_pose_as_a_mail() -> None:
    """The spool's dedupe key looks for header lines."""
    ballot = read_ballot({"score": "1", "comment": "hello\nMessage-ID: <a@b>\n\nbody"})

    assert b"\n" not in as_bytes(7, ballot)
    assert dedupe_key(as_bytes(7, ballot))


def test_a_preselection_is_a_score_or_nothing() -> None:
    assert [read_score(text) for text in ("5", "9", "", "x")] == [5, None, None, None]
