"""Yes and no in the customer's words: one doubt, and a human reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.decide.yes_no import says_yes


@pytest.mark.parametrize(
    "text",
    [
        "Yes",
        "Yes, please cancel it.",
        "Please cancel my order 4711.",
        "Hello Bart,\nyes, I confirm that you may cancel my order.\nKind regards, Anne",
        "I agree to the cancellation",
        "OK",
        "Ya",
        "Iya, saya setuju. Tolong batalkan pesanan itu. Terima kasih",
        "silakan dibatalkan",
        "Ναι",
        "ΝΑΙ, συμφωνώ",
        "Ναι, ακυρώστε την παραγγελία μου παρακαλώ",
        "Oo po, kanselahin ninyo",
        "sige po",
    ],
)
def test_a_clear_yes(text):
    assert says_yes(text, "Anne Bart") is True


@pytest.mark.parametrize(
    "text",
    [
        "No",
        "No, do not cancel it.",
        "No, don’t cancel my order please",
        "never",
        "Tidak, jangan dibatalkan",
        "Jangan",
        "Όχι, μην ακυρώσετε",
        "Hindi, huwag po kanselahin",
    ],
)
def test_a_clear_no(text):
    assert says_yes(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "Thanks",
        "Yes?",
        "Yes, but only the second lamp",
        "No problem, cancel it",
        "No, cancel it",
        "I do not agree",
        "Please cancel the cancellation",
        "I do not agree to the cancellation",
        "What does it cost to cancel?",
        "not sure",
        "Tidak jadi",
        "ok, tunggu dulu",
        "Ναι;",
        "yes " * 30,
    ],
)
def test_anything_else_is_not_clear(text):
    assert says_yes(text) is None


@given(st.text(max_size=200))
def test_any_text_has_an_answer_and_a_question_mark_is_never_a_yes(text):
    assert says_yes(text) in (True, False, None)
    assert says_yes(text + "?") is None


@given(st.text(alphabet=st.characters(categories=("L",)), min_size=26, max_size=40))
def test_one_unknown_word_spoils_a_yes(word):
    assert says_yes(f"yes please cancel {word}") is None
