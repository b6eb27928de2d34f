"""When is a subject new?"""

import pytest

from helpdesk.decide.subjects import new_subject
from helpdesk.model.subjects import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Re: My order", "My order"),
        ("SV: VS: my   order!", "My order"),
        ("Re: [milis] [#12] My order", "My order"),
        ("My order", "My order of Monday"),
        ("Fwd: order of Monday", "My order of Monday"),
        ("答复: 我的订单", "我的订单"),
        ("", "Re: "),
    ],
)
def test_prefixes_tags_and_names_of_lists_make_no_new_subject(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Lamps", "My order"), ("My order", ""), ("My lamps", "My order"), ("[Lamps]", "[Chairs]")],
)
def test_other_words_are_another_subject(one: str, other: str) -> None:
    assert not alike(one, other)


def test_an_empty_subject_and_a_ticket_whose_subjects_are_unknown_offer_nothing() -> None:
    assert new_subject("Re:", ["My order"]) == ""
    assert new_subject("Lamps", []) == ""
    assert new_subject("Lamps", ["My order", "Re: lamps"]) == ""
    assert new_subject("Lamps", ["My order"]) == "Lamps"
