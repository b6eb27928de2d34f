"""The library finds the right words, keeps the last good file, and reports the rest."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from helpdesk.daemon.parcel import pack, unpack
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.render.filling import fill
from helpdesk.render.trouble import CannedError
from helpdesk.render.words import Words

POLICY = Policy(
    "The desk", "help@desk.example", WorkCalendar(ZoneInfo("Asia/Jakarta")), public_url="http://desk.example"
)
GOOD = "Subject: Hello {{ tag }}\n\nYour number: {{ number }}{% if customer_name %}, {{ customer_name }}{% endif %}.\n"
TICKS = count(1)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    second = next(TICKS)
    os.utime(path, (second, second))
    return path


def test_a_letter_is_filled_in(tmp_path):
    write(tmp_path, "en/acknowledgement.txt", GOOD)

    words = Library(tmp_path, POLICY).render("acknowledgement", "en", {"number": 12, "customer_name": "Anne"})

    assert words == Words("Hello [#12]", "Your number: 12, Anne.\n")


def test_times_and_common_values_come_by_themselves(tmp_path):
    write(
        tmp_path,
        "id/assigned.txt",
        "Subject: x\n\n{{ answer_by }}|{{ hours }}|{{ timezone }}|{{ desk_name }}",
    )

    words = Library(tmp_path, POLICY).render(
        "assigned", "id", {"answer_by": datetime(2026, 11, 26, 7, 30, tzinfo=UTC)}
    )

    assert (
        words.body
        == "Kamis, 26 November 2026, 14:30 WIB|Senin sampai Jumat, 08:00–16:00|Asia/Jakarta|The desk\n"
    )


def test_a_language_that_lacks_a_letter_falls_back(tmp_path):
    write(tmp_path, "en/acknowledgement.txt", "Subject: English\n\nx")
    write(tmp_path, "id/acknowledgement.txt", "Subject: Indonesia\n\nx")
    library = Library(tmp_path, replace(POLICY, language="id"))

    subjects = [
        library.render("acknowledgement", language, {}).subject for language in ("el", "", "en", "id-ID")
    ]

    assert subjects == ["Indonesia", "Indonesia", "English", "Indonesia"]


def test_a_letter_that_the_desk_lacks_comes_from_those_shipped(tmp_path):
    words = Library(tmp_path / "nothing", POLICY).render("acknowledgement", "id", {"number": 12})

    assert "12" in words.body
    assert words.subject.endswith("[#12]")


def test_a_changed_file_goes_live_at_refresh(tmp_path):
    write(tmp_path, "en/blocked.txt", "Subject: old\n\nx")
    library = Library(tmp_path, POLICY)
    write(tmp_path, "en/blocked.txt", "Subject: new\n\nx")

    problems = library.refresh()

    assert problems == []
    assert library.render("blocked", "en", {}).subject == "new"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("Subject: x\n\n{% if number %}", 3, "Unexpected end"),
        ("Subject: {{ numbr }}\n\nx", 1, "no variable 'numbr'"),
        ("Subject: x\n\nHello\n{{ answer_by }}", 4, "no variable 'answer_by'"),
        ("Hello", 1, "first line must be the subject"),
        ("Subject: x\nHello", 2, "empty line"),
        ("Subject: x\n\n{% if number > 3 %}x{% endif %}", 3, "when number is empty"),
        ("Subject: x\n\n" + "y" * 40_000, 3, "larger than 32 KB"),
    ],
)
def test_a_broken_file_never_goes_live_and_the_last_good_one_stays(tmp_path, text, line, what):
    path = write(tmp_path, "en/blocked.txt", "Subject: good\n\nx")
    library = Library(tmp_path, POLICY)
    write(tmp_path, "en/blocked.txt", text)

    problems = library.refresh()

    assert [(p.file, p.line) for p in problems] == [(path, line)]
    assert what in problems[0].what
    assert library.problems == problems
    assert library.render("blocked", "en", {}).subject == "good"
    assert library.refresh() == []


def test_a_file_broken_from_the_start_is_replaced_by_the_shipped_one_of_its_language(tmp_path):
    write(tmp_path, "id/blocked.txt", "Subject: {{ x }}\n\ny")
    write(tmp_path, "en/blocked.txt", "Subject: English\n\ny")

    assert "akhiri" in Library(tmp_path, POLICY).render("blocked", "id", {}).subject


def test_a_repaired_file_goes_live_and_its_problem_is_gone(tmp_path):
    write(tmp_path, "en/blocked.txt", "broken")
    library = Library(tmp_path, POLICY)
    write(tmp_path, "en/blocked.txt", "Subject: good again\n\nx")

    library.refresh()

    assert library.problems == []
    assert library.render("blocked", "en", {}).subject == "good again"


def test_a_removed_file_is_forgotten(tmp_path):
    write(tmp_path, "en/replies/refund.txt", "x").unlink()
    library = Library(tmp_path, POLICY)

    assert library.reply("refund", "en", {}) is None


def test_bytes_that_are_no_utf8_are_a_problem_with_their_line(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "blocked.txt").write_bytes(b"Subject: x\n\nline\n\xff")

    problems = Library(tmp_path, POLICY).check()

    assert [(p.line, p.what) for p in problems] == [(4, "the file is not UTF-8")]


def test_a_letter_that_the_desk_never_writes_is_a_problem_with_a_suggestion(tmp_path):
    write(tmp_path, "en/acknowledgment.txt", GOOD)

    problems = Library(tmp_path, POLICY).check()

    assert problems[0].suggestion == "acknowledgement"
    assert "did you mean 'acknowledgement'?" in str(problems[0])


def test_a_missing_folder_is_a_problem_and_no_crash(tmp_path):
    problems = Library(tmp_path / "gone", POLICY).check()

    assert "no such folder" in problems[0].what


def test_html_beside_a_letter_is_filled_in_and_escaped(tmp_path):
    write(tmp_path, "en/answer.txt", "Subject: x\n\n{{ text }}")
    write(tmp_path, "en/answer.html", "<p>{{ text }}</p>")

    words = Library(tmp_path, POLICY).render("answer", "en", {"text": "<script>"})

    assert words.html == "<p>&lt;script&gt;</p>"


def test_a_broken_html_keeps_the_letter_out(tmp_path):
    write(tmp_path, "en/answer.txt", "Subject: x\n\n{{ text }}")
    path = write(tmp_path, "en/answer.html", "<p>\n{{ texxt }}</p>")

    problems = Library(tmp_path, POLICY).check()

    assert [(p.file, p.line, p.suggestion) for p in problems] == [(path, 2, "text")]


def test_a_customers_template_code_arrives_as_text(tmp_path):
    """T11"""
    write(tmp_path, "en/answer.txt", "Subject: Re: {{ subject }}\n\n{{ text }}")

    words = Library(tmp_path, POLICY).render(
        "answer", "en", {"subject": "{{7*7}}", "text": "{% for x in y %}"}
    )

    assert words == Words("Re: {{7*7}}", "{% for x in y %}\n")


def test_replies_are_found_by_name_and_never_by_path(tmp_path):
    write(tmp_path, "en/replies/refund.txt", "Dear {{ customer_name }}, here it is.")
    write(tmp_path, "en/answer.txt", "Subject: x\n\ny")
    library = Library(tmp_path, POLICY)

    assert library.reply("refund", "id", {"customer_name": "Anne"}) == "Dear Anne, here it is.\n"
    assert library.reply("../answer", "en", {}) is None
    assert library.names("en") == ["answer", "replies/refund"]


def test_previews_use_samples(tmp_path):
    write(tmp_path, "en/answer.txt", "Subject: {{ subject }}\n\n{{ operator_name }} {{ number }}")

    words = Library(tmp_path, POLICY).preview("answer", "en", {"number": 3})

    assert words == Words("My parcel is empty", "Bart 3\n")


def test_unknown_names_are_refused_in_words(tmp_path):
    library = Library(tmp_path, POLICY)

    with pytest.raises(CannedError, match="no letter called 'hello'"):
        library.render("hello", "en", {})
    with pytest.raises(CannedError, match="helpdesk canned list"):
        library.preview("hello", "en")


def test_the_largest_mail_still_makes_a_letter(tmp_path):
    text = "\n".join("x" * 1000 for _ in range(2000))

    words = Library(tmp_path, POLICY).render("new_ticket", "en", {"text": text, "number": 1})

    assert "[... " in words.body


def test_html_without_its_text_is_a_problem(tmp_path):
    path = write(tmp_path, "en/answer.html", "<p>x</p>")

    assert [(p.file, p.what) for p in Library(tmp_path, POLICY).check()] == [
        (path, "there is no answer.txt beside it, so it is never used")
    ]


def test_values_of_an_unexpected_kind_still_make_a_letter(tmp_path):
    """A letter must come out even when a part of the desk hands over text for a number."""
    library = Library(tmp_path, POLICY)

    assert "once more" in library.render("nudge", "en", {"number": 12, "step": "2"}).body
    assert "once more" not in library.render("nudge", "en", {"number": 12, "step": "two"}).body
    assert "- name\n- order" in library.render("returned_form", "en", {"missing": "name\norder"}).body


def shipped_copy(folder, name):
    return write(folder, name, (shipped_folder() / name).read_text(encoding="utf-8"))


def test_what_stands_there_as_it_was_shipped_is_listed_and_filled_in(tmp_path):
    shipped_copy(tmp_path, "en/acknowledgement.txt")
    shipped_copy(tmp_path, "en/replies/cancellation.txt")
    library = Library(tmp_path, POLICY)

    assert library.names("en") == ["acknowledgement", "replies/cancellation"]
    assert library.languages() == ["en"]
    assert library.render("acknowledgement", "en", {"number": 12}).subject == "We have your message [#12]"
    assert library.names("en") == ["acknowledgement", "replies/cancellation"]


def test_it_is_the_last_good_one_whether_or_not_it_was_ever_wanted(tmp_path):
    for wanted in (True, False):
        path = shipped_copy(tmp_path, "en/acknowledgement.txt")
        library = Library(tmp_path, POLICY)
        before = Library(tmp_path, POLICY).render("acknowledgement", "en", {"number": 12})
        if wanted:
            library.render("acknowledgement", "en", {"number": 12})
        write(tmp_path, "en/acknowledgement.txt", "Subject: x\n\n{{ nonsense }}")

        assert [problem.file for problem in library.refresh()] == [path]
        assert library.render("acknowledgement", "en", {"number": 12}) == before


def test_who_goes_back_to_the_shipped_words_gets_them(tmp_path):
    shipped_copy(tmp_path, "en/reasons.txt")
    write(tmp_path, "en/acknowledgement.txt", GOOD)
    library = Library(tmp_path, POLICY)
    assert library.render("acknowledgement", "en", {"number": 12}).subject == "Hello [#12]"

    shipped_copy(tmp_path, "en/acknowledgement.txt")

    assert library.refresh() == []
    assert library.render("acknowledgement", "en", {"number": 12}).subject != "Hello [#12]"
    assert library.check() == []


def test_a_changed_shipped_file_is_tried_before_it_goes_live(tmp_path):
    text = (shipped_folder() / "en/acknowledgement.txt").read_text(encoding="utf-8")
    path = write(tmp_path, "en/acknowledgement.txt", text + "{{ nonsense }}\n")

    assert [problem.file for problem in Library(tmp_path, POLICY).problems] == [path]


def test_what_another_process_fills_in_is_the_last_good_version(tmp_path):
    path = write(tmp_path, "en/acknowledgement.txt", GOOD)
    write(tmp_path, "en/acknowledgement.html", "<p>{{ customer_name }}</p>")
    library = Library(tmp_path, POLICY)
    values = {"number": 12, "customer_name": "Anne O'Hara", "spool_id": 5}
    write(tmp_path, "en/acknowledgement.txt", "Subject: broken\n\n{{ nonsense }}\n")
    library.refresh()
    filling = library.filling("acknowledgement", "en", values)
    packed = pack(filling)
    path.unlink()

    assert fill(unpack(packed)) == fill(filling) == library.render("acknowledgement", "en", values)
    assert fill(filling) == Words("Hello [#12]", "Your number: 12, Anne O'Hara.\n", "<p>Anne O&#39;Hara</p>")
