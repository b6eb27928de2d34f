"""`helpdesk report`: the figures of a span of time."""

import pytest


def test_the_figures_of_a_week(line):
    document = line.json("report", "--since", "2026-03-02", "--until", "2026-03-08")

    assert document["since"] == "2026-03-02T00:00:00Z"
    assert document["until"] == "2026-03-09T00:00:00Z"
    assert document["tickets"] == 2
    first = document["first_response"]
    assert (first["in_time"], first["late"], first["kept_percent"], first["answers"]) == (1, 0, 100, 1)
    bart = next(x for x in document["operators"] if x["address"] == "bart@staff.example")
    assert (bart["answers"], bart["in_time"]) == (1, 1)
    assert len(document["days"]) == 7
    assert document["days"][0] == {"day": "2026-03-02", "tickets": 2, "in_time": 1, "late": 0}


def test_nothing_happened_before(line):
    document = line.json("report", "--since", "2026-02-01", "--until", "2026-02-28")

    assert document["tickets"] == 0
    assert document["first_response"]["kept_percent"] is None
    assert document["survey"]["mean"] is None


def test_as_a_table(line):
    result = line.run("report", "--since", "2026-03-02", "--until", "2026-03-08")

    assert result.exit_code == 0, result.stderr
    assert "first responses in time  1 of 1, 100 %" in result.stdout
    assert "By operator" in result.stdout
    assert "2026-03-02" in result.stdout


def test_a_desk_that_was_never_started_reports_nothing(new_line):
    assert new_line.json("report")["tickets"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "soon"), "'soon' is neither a day"),
        (("--since", "2026-03-05", "--until", "2026-03-01"), "is not before"),
    ],
)
def test_impossible_spans_are_refused(line, words, said):
    result = line.run("report", *words)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", "").split())
