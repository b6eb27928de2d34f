"""SIGHUP: what is sound goes live, what is broken never does (real processes)."""

import os
import signal

import pytest

from helpdesk.daemon.limits import Limits
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG, Daemon

ONLY_GITA = (
    CONFIG.replace("Bart", "Gita").replace("bart@", "gita@").partition('[[operators]]\nname = "Cate"')[0]
)


@pytest.fixture
def daemon(tmp_path):
    with Daemon(tmp_path, limits=Limits(pulse=0.1, look=0.1)) as running:
        yield running


def reload(daemon, action="reloaded"):
    before = len(daemon.log(action))
    daemon.send_signal(signal.SIGHUP)
    daemon.until(lambda: len(daemon.log(action)) > before, action)
    return daemon.log(action)[-1]


def asks(daemon, name):
    daemon.post(mail(f"{name}@{name}.example", f"From {name}"))


def test_a_new_operator_becomes_effective_and_what_must_wait_for_a_restart_is_said(daemon):
    daemon.file.write_text(ONLY_GITA.replace('"maildir"', '"smtp"'))
    reload(daemon)

    asks(daemon, "anne")

    assert daemon.log("reload_incomplete")[-1]["tables_from_the_next_start"] == ["send"]
    assert daemon.waits_for_letter("assigned").text.startswith("Hello")
    assert [x.to for x in daemon.named("assignment")].count(("gita@staff.example",)) == 1


def test_a_broken_configuration_changes_nothing_even_when_the_worker_must_start_anew(daemon):
    daemon.file.write_text(ONLY_GITA + "\n[sla]\nfirst_response = \n")
    refused = reload(daemon, "reload_refused")

    first_worker = daemon.worker_pid
    kill(first_worker)
    daemon.until(lambda: daemon.worker_pid != first_worker, "another worker")
    asks(daemon, "anne")
    daemon.waits_for_letter("assigned")

    assert f"{daemon.file}: not TOML" in refused["reason"]
    assert [x.to for x in daemon.named("assignment")].count(("bart@staff.example",)) == 1


def test_a_broken_canned_response_never_goes_live_and_pic_hear_of_it_once(daemon):
    """The last good one stays, also through a reload."""
    response = daemon.folder / "canned_responses" / "en" / "acknowledgement.txt"
    other = daemon.folder / "canned_responses" / "en" / "assigned.txt"
    response.write_text("Subject: We have it\n\nThese are the last good words.\n")
    reload(daemon)
    response.write_text("Subject: We have it\n\n{{ nobody.knows }\n")
    trouble = daemon.waits_for_letter("alarm")

    asks(daemon, "anne")
    first = daemon.waits_for_letter("acknowledgement")
    reload(daemon)
    asks(daemon, "emil")
    second = daemon.waits_for_letter("acknowledgement", 2)
    other.write_text("Subject: {% if\n\nHello\n")
    daemon.waits_for_letter("alarm", 2)

    assert trouble.to == ("pic@desk.example",)
    assert "acknowledgement.txt" in trouble.text
    assert first.text == second.text == "These are the last good words.\n"
    assert len(daemon.named("alarm")) == 2
    assert {line["name"] for line in daemon.log("alarm")} == {"canned"}


def kill(pid):
    os.kill(pid, signal.SIGKILL)
