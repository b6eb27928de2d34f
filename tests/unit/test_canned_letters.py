"""The shipped letters keep the promises that the procedure makes for them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta

from helpdesk.model.letters import LANGUAGES, LETTERS
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.render.variables import VARIABLES, Kind, allowed

TOPICS = "cancellation cannot_fulfil delay missing_details paid_not_received parcel_returned".split()
REPLIES = (
    "ask_for_details",
    "cancellation",
    "cancelled",
    "cannot_fulfil",
    "close",
    "delay",
    "paid_not_received",
    "parcel_returned",
)
FOR_CUSTOMERS = [
    *(name for name, kind in LETTERS.items() if kind.reader == "customer"),
    *(f"replies/{name}" for name in REPLIES),
]
TIMES = {
    "en": "Thursday, 26 November 2026, 14:30 WIB",
    "id": "Kamis, 26 November 2026, 14:30 WIB",
    "el": "Πέμπτη, 26 Νοεμβρίου 2026, 14:30 WIB",
    "tl": "Huwebes, 26 Nobyembre 2026, 14:30 WIB",
}
HOURS = {
    "en": "Monday to Friday, 08:00–16:00",
    "id": "Senin sampai Jumat, 08:00–16:00",
    "el": "Δευτέρα έως Παρασκευή, 08:00–16:00",
    "tl": "Lunes hanggang Biyernes, 08:00–16:00",
}
COUNTING = {"digest", "daily_report", "report"}
"""Their numbers are counts: nought, never missing."""
MOMENT = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
STRANGER = {"customer_name": "BUY http://x", "subject": "BUY http://x", "text": "BUY http://x", "number": 12}


def variables_of(language, name):
    environment = Environment(autoescape=True)
    environment.filters |= {"quote": str, "bullets": str}
    source = (shipped_folder() / language / f"{name}.txt").read_text(encoding="utf-8")
    return meta.find_undeclared_variables(environment.parse(source))


@pytest.fixture(scope="module")
def library():
    calendar = WorkCalendar(ZoneInfo("Asia/Jakarta"))
    return Library(shipped_folder(), Policy("The desk", "help@desk.example", calendar))


def test_every_shipped_file_is_sound(library):
    assert library.check() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_and_reply_exists(library, language):
    assert library.names(language) == sorted(
        [*LETTERS, *(f"replies/{name}" for name in REPLIES), *(f"knowledge/{name}" for name in TOPICS)]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_a_page_that_names_its_canned_reply(library, language):
    for topic in TOPICS:
        assert f"knowledge/{topic}" in library.names(language)
        named = library.page(topic, language).split("#canned ")[-1].split()[0]
        assert f"replies/{named}" in library.names(language)


def test_every_variable_has_a_kind_and_a_sample():
    assert set(VARIABLES) == {name for letter in LETTERS for name in allowed(letter)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_template_uses_only_its_variables(language, letter):
    assert variables_of(language, letter) <= set(allowed(letter))


@pytest.mark.parametrize(
    "letter", [*LETTERS, *(f"replies/{name}" for name in REPLIES), *(f"knowledge/{name}" for name in TOPICS)]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_facts(language, letter):
    """A variable that one language shows and another does not would be a fact withheld."""
    assert variables_of(language, letter) == variables_of("en", letter)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_no_line_of_a_letter_could_be_taken_for_a_command(library, language, letter):
    """T5: an empty reply whose quotation is not recognised must not act."""
    body = library.preview(letter, language).body

    assert not [line for line in body.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_without_optional_values_has_no_gap(library, language, letter):
    given = {"number": 12, "reason": "r", "cards": 3, "card_limit": 3, "third_party": "rooster"}
    if letter in COUNTING:
        given |= {name: 0 for name in allowed(letter) if VARIABLES[name][0] is Kind.NUMBER}
    words = library.render(letter, language, given)

    assert "None" not in words.subject + words.body
    assert " ." not in words.body
    assert " ," not in words.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["acknowledgement", "assigned"])
def test_a_strangers_words_never_come_back(library, language, letter):
    """F13: the acknowledgement is no spam relay."""
    words = library.render(letter, language, STRANGER)

    assert "BUY" not in words.subject + words.body
    assert "http" not in words.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_acknowledgement_tells_number_time_and_hours(library, language):
    body = library.preview("acknowledgement", language).body

    assert "12" in body
    assert TIMES[language] in body
    assert HOURS[language] in body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", FOR_CUSTOMERS)
def test_a_customers_letter_is_whole_without_its_optional_values(library, language, letter):
    """T5 too: no line of it could be taken for a command."""
    words = library.preview(letter, language, dict.fromkeys(allowed(letter)) | {"number": 12})

    assert "None" not in words.subject + words.body
    assert not [x for x in (" .", " ,", ",,", ": .", "()") if x in words.body]
    assert not [line for line in words.body.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_of_one_conversation_have_one_subject(library, language):
    """Gmail shows a conversation in pieces otherwise."""
    thread = {library.preview(x, language).subject for x in ("assigned", "handover", "returned_form")}

    assert thread == {"Re: " + library.preview("acknowledgement", language).subject}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_survey_shows_the_five_marks_one_a_line(library, language):
    body = library.preview("survey", language).body

    assert [line[0] for line in body.splitlines() if line[:1].isdigit()] == list("54321")


def test_letters_of_a_language_without_any_are_the_desks(library):
    assert library.preview("new_ticket", "de") == library.preview("new_ticket", "en")


def test_the_assignment_has_the_subject_that_the_procedure_names(library):
    assert "offline nomor (12), Operator (Bart)" in library.preview("assignment", "id").subject
    assert "ffline number (12), Operator (Bart)" in library.preview("assignment", "en").subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_ticket_tells_how_to_claim_only_where_claiming_is_the_way(library, language):
    claim = library.preview("new_ticket", language, {"mode": "claim"}).body
    rota = library.preview("new_ticket", language, {"mode": "round_robin"}).body

    assert "Reply All" in claim
    assert "Reply All" not in rota


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_see_the_whole_text_quoted(library, language):
    text = "\n".join(f"line {n}" for n in range(500))

    for letter, kind in LETTERS.items():
        if kind.reader == "staff" and "text" in kind.variables and letter != "digest":
            assert "> line 499" in library.preview(letter, language, {"text": text}).body, letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_close_notice_says_when_the_survey_goes_or_that_it_waits(library, language):
    by_itself = library.preview("close_notice", language, {"survey_at": MOMENT}).body
    waits = library.preview("close_notice", language, {"survey_at": None}).body

    assert "14:30 WIB" in by_itself
    assert "14:30 WIB" not in waits
