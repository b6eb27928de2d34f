"""`helpdesk audit`: what came in, what became of it, and whether the history is as it was written."""

import sqlite3
from contextlib import closing

import pytest


def spoil(line, file, statement):
    with closing(sqlite3.connect(line.folder / "var" / f"{file}.db", isolation_level=None)) as connection:
        connection.execute(statement)


def test_an_honest_desk_adds_up(line):
    result = line.run("audit")

    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    assert "Received since the beginning, until now" in result.stdout
    assert "0 findings" in result.stdout
    assert "history: 2 tickets and" in result.stdout


def test_the_sums_of_every_road_are_equal(line):
    document = line.json("audit")

    for road in document["roads"].values():
        assert road.pop("received") == sum(road.values())
        assert road["unaccounted"] == 0
    assert document["roads"]["smtp"]["parked"] == 1
    counted = sum(outcome["mails"] for outcome in document["outcomes"])
    assert counted == sum(sum(road.values()) for road in document["roads"].values())
    assert {"became": "ticketed", "by": "customer_wrote", "mails": 2} in document["outcomes"]
    assert {"became": "parked", "by": "parked", "mails": 1} in document["outcomes"]
    assert (document["tickets"], document["findings"], document["found"]) == (2, 0, [])
    assert len(document["head"]) == 64


def test_a_changed_line_is_named_with_its_ticket(own_line):
    spoil(own_line, "helpdesk", "UPDATE journal SET by = 'nobody' WHERE id = 2")
    result = own_line.run("audit")

    assert result.exit_code == 1
    assert "ticket 1, line 2" in result.stdout
    assert "1 findings: not everything adds up" in result.stderr


def test_findings_as_json_say_what_is_wrong_and_what_to_do(own_line):
    spoil(own_line, "helpdesk", "UPDATE ticket SET status = 'closed' WHERE number = 2")
    result = own_line.run("audit", "--json")

    assert result.exit_code == 1
    assert '"ticket": 2' in result.stdout
    assert "its status is 'closed', its history says 'open'" in result.stdout


def test_a_lost_mail_is_found(own_line):
    spoil(own_line, "helpdesk", "DELETE FROM handled WHERE spool_id = 1")
    result = own_line.run("audit")

    assert result.exit_code == 1
    assert "inbox row 1 (by smtp) is unaccounted for" in result.stdout


@pytest.mark.parametrize(
    ("options", "received"),
    [
        (["--since", "2026-03-02"], True),
        (["--until", "2026-03-02"], True),
        (["--since", "2026-03-02", "--until", "2026-03-02"], True),
        (["--since", "2026-03-02T01:59", "--until", "2026-03-02T09:01+07:00"], True),
        (["--since", "2026-03-03"], False),
        (["--until", "2026-03-01"], False),
        (["--since", "2026-03-02T11:00"], False),
    ],
)
def test_a_period_is_days_or_instants_of_the_desks_zone(line, options, received):
    """The desk of these tests is in UTC; its mails came at 02:00."""
    assert bool(line.json("audit", *options)["roads"]) is received


@pytest.mark.parametrize("word", ["yesterday", "2026-13-01", "12"])
def test_what_is_no_date_is_wrong_usage(line, word):
    result = line.run("audit", "--since", word)

    assert result.exit_code == 2
    assert "is neither a day" in result.stderr


def test_a_desk_that_was_never_started_adds_up(new_line):
    document = new_line.json("audit")

    assert (document["roads"], document["tickets"], document["findings"]) == ({}, 0, 0)
