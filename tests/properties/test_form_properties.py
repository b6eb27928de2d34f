"""Merging the answers of several mails never loses a field; reading a form never raises and invents nothing."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.decide.forms import merged
from helpdesk.decide.formwords import details, missing, to_fill_in
from helpdesk.model.forms import FieldType, Form, FormField
from helpdesk.parse.form import read_fields

FORM = Form(
    "order",
    fields=(
        FormField("email", ("E-mail", "Alamat email"), FieldType.EMAIL, required=True),
        FormField("order", ("Order number",), FieldType.INTEGER, required=True),
        FormField("message", ("Message",)),
    ),
)
NAMES = st.sampled_from([one.name for one in FORM.fields])
ANSWER = st.text("abcXYZ0189é日", min_size=1, max_size=30)
FIELDS = st.dictionaries(NAMES, st.one_of(ANSWER, st.integers(), st.just(""), st.none()))
LINES = st.lists(
    st.sampled_from(["E-mail:", "> Order number: ", "Message", "4711", "", ">", "| a | b |", "*", ": :"]),
    max_size=30,
)


@given(st.lists(FIELDS, max_size=8))
def test_merging_never_loses_a_field(mails):
    fields = {}
    for said in mails:
        before, fields = fields, merged(fields, said)

        assert set(before) <= set(fields)
        assert all(fields[name] == said[name] for name in said if said[name] not in (None, ""))
        assert all(fields[name] == before[name] for name in before if said.get(name) in (None, ""))
        assert len(missing(FORM, fields)) <= len(missing(FORM, before))


@given(st.text("Message:> 4|*\n\t－\u200b", max_size=200) | LINES.map("\n".join), LINES.map("\n".join))
def test_reading_never_raises_and_makes_nothing_up(text, sent):
    for letter in (None, "", sent):
        found = read_fields(text, FORM, letter)

        assert set(found) <= {"email", "order", "message"}
        assert all(value.strip() for value in found.values())
        assert all(
            "".join(value.split()) in "".join(text.split()).replace(">", "") for value in found.values()
        )


@given(st.dictionaries(NAMES, ANSWER))
def test_what_the_desk_writes_into_a_form_it_can_read(fields):
    assert read_fields(to_fill_in(FORM, fields), FORM) == fields
    assert read_fields(details(FORM, fields), FORM) == fields


@given(st.dictionaries(NAMES, ANSWER))
def test_a_form_that_comes_back_untouched_says_nothing(fields):
    letter = f"Please fill in:\n\n{to_fill_in(FORM, fields)}\n\nKind regards"
    quoted = "\n".join(f"> {line}" for line in letter.splitlines())

    assert read_fields(quoted, FORM, letter) == {}
    assert read_fields(f"Hello\n\nOn Monday the desk wrote:\n{letter}", FORM, letter) == {}
