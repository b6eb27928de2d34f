"""`explain` says why, counts every interval, and changes nothing."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.ticket import Clock, Deadline, DeadlineKind
from helpdesk.store import deadlines
from helpdesk.store.session import Database
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG

LINE = re.compile(r"^    (\S+ \S+) WIB to (\S+ \S+) WIB: (\S+) \((.+)\)$", re.M)


def files(folder):
    return {
        f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in (folder / "var").iterdir() if f.is_file()
    }


def test_explaining_a_ticket_gives_every_reason_and_deadline(line):
    shown = line.run("explain", "2").stdout

    assert "Ticket 2 is open" in shown
    assert "it is Cate's turn" in shown
    assert shown.count("counted:") == len(line.json("ticket", "2")["deadlines"])


def test_every_counted_interval_of_working_time_is_printed_and_they_add_up(own_line):
    """12 working hours from Friday 10:00: 6 on Friday, none at the weekend, 6 on Monday."""
    own_line.config.write_text(
        CONFIG.replace("[desk]", '[desk]\ntimezone = "Asia/Jakarta"')
        + '\n[calendar]\nworking_days = ["mon", "tue", "wed", "thu", "fri"]\nhours = "08:00-16:00"\n'
    )
    database = Database(f"sqlite:///{own_line.folder}/var/helpdesk.db")
    started, due = datetime(2026, 3, 6, 3, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)
    nudge = Deadline(
        kind=DeadlineKind.NUDGE,
        due_at=due,
        started_at=started,
        allowed=timedelta(hours=12),
        clock=Clock.WORKING_HOURS,
    )
    with database.write() as desk:
        deadlines.set(desk, 2, [nudge])
    database.close()

    shown = own_line.run("explain", "2").stdout
    block = shown[shown.index("nudge") :].split("\n\n")[0]

    assert "12:00:00 of working_hours time" in block
    assert LINE.findall(block) == [
        ("2026-03-06 10:00:00", "2026-03-06 16:00:00", "6:00:00", "6:00:00"),
        ("2026-03-09 08:00:00", "2026-03-09 14:00:00", "6:00:00", "12:00:00"),
    ]


def test_a_mail_is_explained_without_doing_anything(own_line, tmp_path):
    file = tmp_path / "new.eml"
    file.write_bytes(mail("zoe@customer.example", "Something new").as_bytes())
    before = files(own_line.folder)

    shown = own_line.run("explain", str(file)).stdout

    assert "customer_wrote" in shown
    assert "acknowledgement to zoe@customer.example" in shown
    assert files(own_line.folder) == before


@pytest.mark.parametrize("raw", [b"", b"\0\xff\xfe", b"From: <\r\n\r\n", b"Subject: x\r\n" * 5000])
def test_any_mail_can_be_explained(line, tmp_path, raw):
    file = tmp_path / "odd.eml"
    file.write_bytes(raw)

    result = line.run("explain", str(file))

    assert result.exit_code == 0
    assert "letters" in result.stdout
