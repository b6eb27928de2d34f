"""What counts as a word, and as the same word, is decided here and by no database."""

import pytest

from helpdesk.store.words import LONGEST_TEXT, LONGEST_WORD, MOST_BYTES, merged, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Parcel LATE, order #1234/A!", ["parcel", "late", "order", "1234", "a"]),
        ("Café, CAFÉ, cafe\u0301, ＣＡＦＥ", ["cafe"] * 4),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Ο ΔΡΌΜΟΣ δρόμος", ["ο", "δρομοσ", "δρομοσ"]),
        ("anne@customer.example", ["anne", "customer", "example"]),
        ("foo_bar 100%_sure", ["foo", "bar", "100", "sure"]),
        ("İstanbul", ["istanbul"]),
        ("注文が届かない 25", ["注", "文", "か", "届", "か", "な", "い", "25"]),
        ("mot\x00clé \ud800 \u200e", ["mot", "cle"]),
        ("?!*\"'() - ^ :", []),
    ],
)
def test_case_accents_and_forms_are_folded_and_signs_are_no_words(text, words):
    assert words_in(text) == words


def test_words_are_known_by_their_beginning_and_texts_end_somewhere():
    assert words_in("x" * 100) == ["x" * LONGEST_WORD]
    assert "late" not in words_in("a " * (LONGEST_TEXT // 2) + " late")


def test_different_words_stand_once_in_the_order_they_were_said():
    assert merged("", ["late parcel", "Parcel again"]) == "late parcel again"
    assert merged("late again", ["Late parcel"]) == "late again parcel"
    assert merged("late again", ["LATE"]) == "late again"


def test_a_hostile_ticket_has_an_end():
    """A tsvector has room for a megabyte; what was found before is still found."""
    many = " ".join(f"{number:040}" for number in range(LONGEST_TEXT // 41))
    known = "zebra"
    for turn in range(4):
        known = merged(known, [many.replace("0", str(turn), 5)])
    known = merged(
        known, [" ".join(f"{n:039}x" for n in range(4000)), " ".join(f"{n:039}y" for n in range(4000))]
    )

    assert len(known.encode()) <= MOST_BYTES
    assert "zebra" in known.split(" ")
