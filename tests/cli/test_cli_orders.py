"""`outbox retry` and `inbox replay` are orders in the spool: done by the running desk, or at its next start."""

import pytest

from helpdesk.daemon.limits import Limits
from helpdesk.testing.command_line import helpdesk
from helpdesk.testing.daemon import CONFIG, Daemon


def id_of(rows, state):
    return str(next(row["id"] for row in rows if row["state"] == state))


def state_of(line, command, row_id):
    return next(row["state"] for row in line.json(command) if row["id"] == int(row_id))


def test_orders_to_a_stopped_desk_are_done_at_its_start_and_those_to_a_running_one_at_once(own_line):
    letter = id_of(own_line.json("outbox"), "failed")
    row = id_of(own_line.json("inbox"), "parked")

    ordered = own_line.run("outbox", "retry", letter)
    assert state_of(own_line, "outbox", letter) == "failed"
    with Daemon(own_line.folder, config=CONFIG, limits=Limits(sweep=0.2)) as daemon:
        daemon.until(lambda: state_of(own_line, "outbox", letter) == "sent", "the letter is sent")
        replayed = daemon.helpdesk("inbox", "replay", row)
        daemon.until(lambda: state_of(own_line, "inbox", row) == "done", "the row is handled")

    assert ordered.exit_code == replayed.returncode == 0
    assert "noted" in ordered.stdout
    assert own_line.json("inbox", "--parked") == []


@pytest.mark.parametrize("place", ["before", "after", "between"])
def test_config_may_stand_before_or_after_the_command(own_line, place):
    letter = id_of(own_line.json("outbox"), "failed")
    option = ["--config", str(own_line.config)]
    words = {
        "before": [*option, "outbox", "retry", letter],
        "between": ["outbox", *option, "retry", letter],
        "after": ["outbox", "retry", letter, *option],
    }

    assert helpdesk(*words[place]).returncode == 0


def test_a_parked_mail_that_somebody_has_looked_at_is_left_as_it_is(own_line):
    """Nothing would end its alarm otherwise; the mail is kept, under the name of a rule."""
    row = id_of(own_line.json("inbox"), "parked")

    with Daemon(own_line.folder, config=CONFIG, limits=Limits(sweep=0.2)) as daemon:
        assert daemon.helpdesk("inbox", "dismiss", row).returncode == 0
        daemon.until(lambda: state_of(own_line, "inbox", row) == "done", "the row is dismissed")

    shown = next(one for one in own_line.json("inbox") if one["id"] == int(row))
    assert shown["outcome"] == "ignored:dismissed"
    assert shown["reason"].startswith("dismissed by hand; parked for: ")
    again = own_line.run("inbox", "dismiss", row)
    assert again.exit_code == 1
    assert "is not parked" in again.output
