"""`helpdesk demo`, as a user runs it: a real desk on real ports, with people played around it."""

import re
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = [sys.executable, "-m", "helpdesk", "demo"]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
MAIL = b"""From: Hana <hana@customer.example>\r
To: help@desk.example\r
Subject: May I join?\r
Message-ID: <join@customer.example>\r
Date: Mon, 2 Mar 2026 09:00:00 +0700\r
\r
Is there still room?\r
"""


@pytest.fixture(scope="module")
def played():
    return subprocess.run([*DEMO, "--once"], capture_output=True, text=True, timeout=100, check=False)


def test_the_story_comes_true(played):
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr
    assert "Every letter came as the procedure says." in played.stdout


def test_the_desk_logs_nothing_when_all_is_well(played):
    assert played.stderr == ""


def test_without_a_terminal_the_output_is_plain(played):
    assert "\x1b" not in played.stdout


@pytest.mark.parametrize(
    "beat",
    [
        "the desk → Anne  [acknowledgement]",
        "the desk → the list  [new_ticket]",
        "Bart → the desk, the list",
        "the desk → Cate  [claim_lost]",
        "the desk → PIC  [close_notice]",
        "Refused: 550",
        "the desk → Emil  [nudge]",
        "the desk → Emil  [closed_no_feedback]",
        "Emil opens the survey page and gives 4 of 5.",
        "the desk → Gita  [reminder]",
        "the desk → Gita  [breach]",
        "the desk → PIC  [breach_notice]",
        "the desk → Farah  [handover]",
        "Dora (PIC) does not agree to the closing yet.",
        "5 of 5",
        "4 of 5",
    ],
)
def test_the_main_beats_are_told(played, beat):
    assert beat in played.stdout


def test_no_letter_goes_to_the_stranger_of_the_refused_mail(played):
    assert "the desk → somebody@elsewhere.example" not in played.stdout


def test_the_conversation_in_the_readme_is_the_one_of_the_demo(played):
    conversation = re.search(r"^```text conversation\n(.*?)^```$", README, re.M | re.S)
    assert conversation

    missing = [line.strip() for line in conversation[1].splitlines() if line.strip() not in played.stdout]

    assert missing == []


def test_a_user_joins_by_mail_and_ends_it_with_ctrl_c():
    """The hours are minutes by then, and nothing is left behind."""
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
        assert demo.stdout is not None
        told = _read_until(demo, "be an operator")
        port = int(re.search(r"port (\d+)", told)[1])
        folder = Path(re.search(r"letters land in\s+(\S+)", told)[1])
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail("hana@customer.example", ["help@desk.example"], MAIL)
        told += _read_until(demo, "the desk → hana@customer.example  [acknowledgement]")
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()

    assert demo.returncode == 0, told + rest
    assert not folder.exists()


def _read_until(demo, words):
    told = ""
    for line in demo.stdout or ():
        told += line
        if words in line:
            return told
    raise AssertionError(f"the demo never said {words!r}:\n{told}")
