"""`parse`: one line of JSON a mail, in the order given; never fails on a mail, whatever it does to its reader."""

import json
import os
import signal
import time

import pytest
from typer.testing import CliRunner

from helpdesk.cli.main import app
from helpdesk.cli.parsing import HEAD_ONLY, GuardedReader, ReadLimits
from helpdesk.testing.command_line import mail

KEYS = set(
    "file message_id in_reply_to references date from reply_to to cc subject text new_text signature attachments "
    "automatic automatic_reason bounce list forwarded empty repairs".split()
)
SMALL = mail("Anne <anne@customer.example>", "My order").as_bytes()


def parse(*files):
    result = CliRunner().invoke(app, ["parse", *map(str, files)])
    return result, [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def reader():
    made = []

    def make(**limits):
        made.append(GuardedReader(ReadLimits(**limits)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def write(folder, name, raw):
    (folder / name).write_bytes(raw)
    return folder / name


def test_each_mail_is_one_object_in_the_order_given(tmp_path):
    files = [write(tmp_path, f"{n}.eml", SMALL.replace(b"My order", b"Order %d" % n)) for n in (3, 1, 2)]

    result, mails = parse(*files)

    assert result.exit_code == 0
    assert [one["file"] for one in mails] == [str(file) for file in files]
    assert [one["subject"] for one in mails] == ["Order 3", "Order 1", "Order 2"]
    assert all(set(one) >= KEYS for one in mails)
    assert mails[0]["from"] == {"name": "Anne", "address": "anne@customer.example"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\0" * 1000,
        b"\xff\xfe\x80",
        b"From: <\r\nTo: ,,,,\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--",
        b"Content-Type: text/plain; charset=rot13\r\n\r\nabc",
        b"Subject: =?utf-8?b?/////?=\r\n\r\n\xed\xa0\x80",
    ],
    ids=range(8),
)
def test_it_never_fails_on_a_mail(tmp_path, raw):
    result, mails = parse(write(tmp_path, "odd.eml", raw))

    assert result.exit_code == 0
    assert len(mails) == 1


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_shown(tmp_path):
    there = write(tmp_path, "there.eml", SMALL)

    result, mails = parse(tmp_path / "nowhere.eml", tmp_path, there)

    assert result.exit_code == 1
    assert [one["file"] for one in mails] == [str(there)]
    assert f"helpdesk: {tmp_path}/nowhere.eml: No such file or directory" in result.stderr
    assert f"helpdesk: {tmp_path}: Is a directory" in result.stderr


def test_a_mail_that_takes_too_much_memory_is_shown_by_its_head_and_the_next_one_whole(reader):
    """F4: the child dies, not the command."""
    guarded = reader(memory=110 * 1024 * 1024)
    huge = SMALL + b"Where is it? " * 8_000_000

    first = json.loads(guarded.read("huge.eml", huge))
    second = json.loads(guarded.read("small.eml", SMALL))

    assert HEAD_ONLY in first["repairs"]
    assert first["subject"] == second["subject"] == "My order"
    assert second["repairs"] == []
    assert second["text"].strip() == "Where is it?"


def test_a_reader_that_hangs_is_given_up_at_the_wall(reader):
    guarded = reader(wall=3.0)
    guarded.read("small.eml", SMALL)
    os.kill(guarded.child_pid, signal.SIGSTOP)

    began = time.monotonic()
    hung = json.loads(guarded.read("hung.eml", SMALL))

    assert HEAD_ONLY in hung["repairs"]
    assert time.monotonic() - began < 5
    assert json.loads(guarded.read("next.eml", SMALL))["repairs"] == []


def test_the_limit_of_cpu_is_counted_anew_for_each_mail(reader):
    guarded = reader(cpu=1)
    answers = [json.loads(guarded.read(f"{n}.eml", SMALL)) for n in range(300)]

    assert all(answer["repairs"] == [] for answer in answers)


def test_thousands_of_small_mails_a_minute(tmp_path):
    files = [write(tmp_path, f"{n}.eml", SMALL) for n in range(500)]
    began = time.monotonic()

    _, mails = parse(*files)

    assert len(mails) == 500
    assert time.monotonic() - began < 10  # 3,000 a minute, also on a busy machine
