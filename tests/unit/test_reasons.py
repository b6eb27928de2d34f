"""Reasons that letters quote are said in the letter's language; the history keeps the English ones."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import helpdesk
from helpdesk.model.letters import LANGUAGES
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.model.reasons import ENGLISH, Reason, because, fields, recognised
from helpdesk.model.sentences.history import HISTORY
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.render.reasons import read_lines, say
from helpdesk.render.sandbox import Fault

SOURCES = "\n".join(path.read_text() for path in Path(helpdesk.__file__).parent.rglob("*.py"))
VALUES = {name: {field: f"<{field}>" for field in fields(name)} for name in ENGLISH}


@pytest.fixture(scope="module")
def spoken():
    """The lines of each language that is shipped."""
    folder = shipped_folder()
    return {language: read_lines((folder / language / "reasons.txt").read_text()) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reason_lacks_words_in_any_language(spoken, language):
    assert set(spoken[language]) == set(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ENGLISH)
def test_a_reason_says_all_its_values_in_every_language(spoken, language, name):
    words = say(because(name, **VALUES[name]), spoken[language].get)

    assert set(re.findall(r"<\w+>", words)) == set(VALUES[name].values())


@pytest.mark.parametrize("name", ENGLISH)
def test_letters_in_english_say_what_the_history_says(spoken, name):
    reason = because(name, **VALUES[name])

    assert say(reason, spoken["en"].get) == str(reason)


def test_every_reason_is_given_somewhere_and_every_one_given_exists():
    given = set(re.findall(r'\bbecause\(\s*"(\w+)"', SOURCES))

    assert given <= set(ENGLISH)
    assert [name for name in ENGLISH if f'"{name}"' not in SOURCES.replace(f'"{name}": "', "", 1)] == []


def test_a_reason_within_a_reason_is_said_in_the_same_language(spoken):
    reason = because("cannot_take", who="Bart", why=because("is_off_rota", number=3))

    assert str(reason) == "Bart is off the rota with 3 yellow cards, so cannot take it"
    assert say(reason, spoken["id"].get) == (
        "Bart di luar giliran dengan 3 kartu kuning, jadi tidak dapat mengambilnya"
    )


def test_what_somebody_wrote_cannot_be_a_template(spoken):
    reason = because("unknown_verb", word="{{ 7*7 }}{number}")

    assert say(reason, spoken["en"].get) == "#{{ 7*7 }}{number} is not a verb this desk knows"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("unknown_verbs: x", "no reason called 'unknown_verbs'"),
        ("no colon", "no reason called 'no colon'"),
        ("unknown_verb: {{ verb }}", "there is no variable 'verb'"),
        ("unknown_verb: {% for x in word %}{% endfor %}", "loops are not allowed"),
    ],
)
def test_a_line_that_is_wrong_is_named(line, fault):
    with pytest.raises(Fault) as wrong:
        read_lines(f"no_verb_below: x\n{line}\n")

    assert fault in wrong.value.what
    assert wrong.value.line == 2


@pytest.fixture
def own(tmp_path):
    (tmp_path / "id").mkdir()
    return tmp_path / "id" / "reasons.txt"


@pytest.fixture
def library(own):
    calendar = WorkCalendar(ZoneInfo("Asia/Jakarta"))
    return Library(own.parents[1], Policy("The desk", "help@desk.example", calendar, language="id"))


def problem(library, language="id", **values):
    given = {"problem": because("unknown_verb", word="clsoe"), "text": "#clsoe", "line": "#clsoe", **values}
    body = library.render("command_error", language, given).body
    return next(line for line in body.splitlines() if "clsoe" in line and not line.startswith(">"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Problem: #clsoe is not a verb this desk knows"),
        ("id", "Masalahnya: #clsoe bukan perintah yang dikenal di sini"),
        ("el", "Πρόβλημα: το #clsoe δεν είναι εντολή που γνωρίζουμε"),
        ("tl", "Problema: hindi utos na kilala rito ang #clsoe"),
    ],
)
def test_the_letter_quotes_it_in_its_own_language(library, language, words):
    assert problem(library, language) == words


def test_a_desk_may_have_its_own_words(own, library):
    own.write_text("unknown_verb: apa itu #{{ word }}?\n")
    library.refresh()

    assert problem(library) == "Masalahnya: apa itu #clsoe?"
    assert library.names("id") == []


def test_words_with_a_mistake_never_go_live(own, library):
    own.write_text("unknown_verb: {{ verb }}\n")

    assert [str(one.file) for one in library.refresh()] == [str(own)]
    assert problem(library) == "Masalahnya: #clsoe bukan perintah yang dikenal di sini"


def test_a_reason_is_its_english_sentence():
    reason = because("no_ticket", number=12)

    assert isinstance(reason, Reason)
    assert reason == "there is no ticket 12"
    assert f"{reason}!" == "there is no ticket 12!"


@pytest.mark.parametrize("name", ENGLISH)
def test_what_the_history_kept_is_recognised(spoken, name):
    """Another name for the same words would do: what is said is the same."""
    reason = because(name, **{field: f"7{field}" for field in fields(name)})

    again = recognised(str(reason))

    assert again == reason
    if isinstance(again, Reason):
        assert say(again, spoken["en"].get) == say(reason, spoken["en"].get)


@pytest.mark.parametrize("name", HISTORY)
def test_no_line_of_a_history_stays_english(spoken, name):
    reason = because(name, **{field: f"7{field}" for field in fields(name)})

    again = recognised(str(reason))

    assert isinstance(again, Reason) or not fields(name)
    if isinstance(again, Reason):
        assert say(again, spoken["el"].get) == say(reason, spoken["el"].get)


def test_a_sentence_within_a_sentence_is_recognised(spoken):
    kept = str(
        because("no_letter", letter="assigned", why=because("looks_like_loop", number=10, who="a@x.example"))
    )

    assert say(recognised(kept), spoken["id"].get) == (
        "surat assigned tidak dikirim: 10 surat dari a@x.example dalam sepuluh menit tampak seperti lingkaran"
    )


@pytest.mark.parametrize(
    "answer", ["yes", 'it\'s "mine"', "a: b; c", "two\nlines", "'; nothing may be cancelled"]
)
def test_what_somebody_wrote_within_a_sentence_comes_back_as_it_was(answer):
    again = recognised(str(because("with_consent", answer=answer)))

    assert again.values == {"answer": answer}


@pytest.mark.parametrize(
    "words", ["", "Where is my order?", "x" * 100_000, "form " * 10_000, "{who} {why}", "'" * 9]
)
def test_words_of_somebody_else_stay_as_they_are(words):
    assert recognised(words) == words


def test_the_day_of_a_time_is_said_in_the_language(spoken):
    reason = because("on_hold_until", when="Tue 2026-03-03 09:00")

    assert say(reason, spoken["en"].get, "en") == "on hold until Tue 2026-03-03 09:00"
    assert say(reason, spoken["id"].get, "id") == "ditunda sampai Sel 2026-03-03 09:00"
    assert say(reason, spoken["el"].get, "el") == "σε αναμονή ως Τρί 2026-03-03 09:00"


def test_a_line_keeps_the_place_where_it_begins(spoken):
    reason = because("help_meaning", why=because("help_back"))

    assert say(reason, spoken["id"].get) == "    Anda kembali masuk giliran"
