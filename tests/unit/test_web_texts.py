"""The words of the survey page are complete in every language."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest

from helpdesk.web.texts import ENGLISH, TEXTS, Texts, texts_in


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_every_language_says_everything(texts: Texts) -> None:
    words = asdict(texts)

    assert all(words.values())
    assert len(texts.scores) == len(set(texts.scores)) == 5
    assert "{desk}" in texts.lead


@pytest.mark.parametrize("code", sorted(set(TEXTS) - {"en"}))
def test_nothing_was_left_in_english(code: str) -> None:
    same = [f.name for f in fields(Texts) if getattr(TEXTS[code], f.name) == getattr(ENGLISH, f.name)]

    assert same == []


def test_the_customers_language_is_found() -> None:
    assert [texts_in(code, "id").language for code in ("en", "el-GR", "TL", "id_ID", "", "fr")] == [
        *("en", "el", "tl", "id", "id", "id"),
    ]
    assert texts_in("fr").language == "en"
