"""Lists and single things: INTERFACE's JSON shapes, and text that people can read."""

import re
from datetime import datetime

import pytest

TICKET_KEYS = set(
    "number subject status waiting_for customer operator queue language created_at updated_at first_response_at "
    "closed_at due_at deadlines yellow_cards rating fields tags promises consents".split()
)
LETTER_KEYS = set(
    "id ticket letter to cc subject message_id state attempts next_attempt_at last_error".split()
)
ENTRY_KEYS = set("id at kind from to subject text message_id attachments".split())


def times(document):
    """Every value under a key that says it is an instant."""
    if isinstance(document, dict):
        for key, value in document.items():
            if (key == "at" or key.endswith("_at")) and value is not None:
                yield value
            yield from times(value)
    elif isinstance(document, list):
        for inner in document:
            yield from times(inner)


def test_tickets_as_json_are_the_promised_objects(line):
    found = line.json("tickets")

    assert {ticket["number"] for ticket in found} == {1, 2}
    assert all(set(ticket) == TICKET_KEYS for ticket in found)
    assert found[-1]["customer"] == {"name": "Anne", "address": "anne@customer.example"}


def test_one_ticket_as_json_has_its_entries_and_history(line):
    ticket = line.json("ticket", "1")

    assert set(ticket) == TICKET_KEYS | {"entries", "history"}
    assert ticket["status"] == "pending"
    assert all(set(entry) == ENTRY_KEYS for entry in ticket["entries"])
    assert {"customer", "operator", "letter"} <= {entry["kind"] for entry in ticket["entries"]}
    assert set(ticket["history"][0]) == {"at", "event", "by", "reason"}


@pytest.mark.parametrize("command", [["tickets"], ["ticket", "1"], ["operators"], ["outbox"], ["inbox"]])
def test_every_time_in_json_is_utc(line, command):
    found = list(times(line.json(*command)))

    assert found
    assert all(moment.endswith("Z") and datetime.fromisoformat(moment) for moment in found)


def test_the_outbox_as_json_has_the_promised_keys(line):
    letters = line.json("outbox")

    assert all(set(letter) == LETTER_KEYS for letter in letters)
    assert {letter["state"] for letter in letters} == {"sent", "failed", "queued"}
    assert all("550 5.1.1 no such user" in x["last_error"] for x in letters if x["state"] == "failed")


def test_the_inbox_shows_what_was_parked_and_why(line):
    everything, parked = line.json("inbox"), line.json("inbox", "--parked")

    assert len(everything) > 2
    assert [(row["state"], row["reason"]) for row in parked] == [("parked", "KeyError: 'x'")]


def test_the_rota_says_who_is_next(line):
    rota = line.json("operators")

    assert [operator["name"] for operator in rota if operator["next"]] == ["Bart"]
    assert {operator["address"] for operator in rota} == {"bart@staff.example", "cate@staff.example"}


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--status", "pending"], [1]),
        (["--operator", "bart"], [1]),
        (["--operator", "CATE@staff.example"], [2]),
        (["--search", "another"], [2]),
        (["--search", "nowhere to be found"], []),
        (["--limit", "1"], [2]),
    ],
)
def test_tickets_are_chosen_by_status_operator_and_words(line, options, numbers):
    found = line.json("tickets", *options)

    assert [ticket["number"] for ticket in found] == numbers


def test_a_list_says_when_it_may_not_be_all(line):
    assert line.run("tickets", "--limit", "1").stdout.startswith("the newest 1 ticket\n")


def test_lists_in_a_pipe_are_plain_columns(line):
    lines = line.run("tickets").stdout.splitlines()

    assert lines[0] == "2 tickets"
    assert re.match(r"number +status +operator +customer +subject +due$", lines[1])
    assert re.match(r"1 +pending +Bart +anne@customer.example +My order$", lines[3])


@pytest.mark.parametrize(
    "command", [["tickets"], ["operators"], ["outbox"], ["inbox"], ["canned", "list"], ["inbox", "--parked"]]
)
def test_no_list_is_wider_than_a_wide_window(line, command):
    widest = max(len(text) for text in line.run(*command).stdout.splitlines())

    assert widest <= 140


def test_a_ticket_in_words_shows_state_thread_deadlines_and_history(line):
    shown = line.run("ticket", "1").stdout

    for what in ("Ticket 1", "pending", "Anne <anne@customer.example>", "Where is it?", "History"):
        assert what in shown


def test_what_strangers_wrote_cannot_colour_or_move_the_terminal(line):
    assert "\x1b" not in line.run("ticket", "1").stdout
    assert "RED" in line.run("ticket", "1").stdout


def test_canned_responses_are_listed_with_their_languages(line):
    shown = line.run("canned", "list").stdout

    assert re.search(r"^acknowledgement +", shown, re.M)


def test_a_canned_response_is_shown_with_the_values_of_a_ticket(line):
    sample = line.run("canned", "preview", "acknowledgement")
    real = line.run("canned", "preview", "acknowledgement", "--ticket", "2", "--language", "id")

    assert "Subject: " in sample.stdout
    assert real.exit_code == 0
    assert "[#2]" in real.stdout
