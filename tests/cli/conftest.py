"""A desk with something of everything in it, and the command line run beside it in this process."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from helpdesk.cli.main import app
from helpdesk.config import write_new
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.outcome import Refused, TryLater
from helpdesk.render.canned import shipped_folder
from helpdesk.store import handled
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG
from helpdesk.testing.desk import Desk


@dataclass
class Line:
    """The command line of one desk."""

    folder: Path

    @property
    def config(self):
        return self.folder / "config.toml"

    def run(self, *arguments):
        """Run with --config at the end; exit code, standard output and standard error as `CliRunner` gives them."""
        return CliRunner().invoke(app, [*arguments, "--config", str(self.config)])

    def json(self, *arguments):
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory):
    """Ticket 1 answered, ticket 2 free in working hours, a letter refused, one waiting, a mail parked."""
    folder = tmp_path_factory.mktemp("lived-in")
    write_desk(folder)
    (folder / "var" / "secret").write_bytes(b"s" * 32)
    (folder / "var" / "secret").chmod(0o600)
    desk = Desk(folder / "var")
    desk.anne.asks("My order", "Where is it?\n\x1b[31mRED\x1b[0m")
    desk.bart.answers("It is on its way.")
    desk.fails["emil@customer.example"] = Refused("550 5.1.1 no such user")
    desk.fails["cate@staff.example"] = TryLater("451 4.3.0 later")
    desk.post(mail("emil@customer.example", "Another order"), "emil@customer.example")
    parked = desk.arrive(
        Arrival(b"Subject: bad\r\n\r\n", Road.SMTP, datetime(2026, 3, 2, 3, tzinfo=UTC), "x@y.example")
    )
    with desk.shop.desk.write() as connection:
        handled.finish(
            connection, parked, state="parked", outcome="parked", reason="KeyError: 'x'", now=desk.clock()
        )
    desk.shop.desk.close()
    desk.shop.spool.close()
    return folder


@pytest.fixture
def line(lived_in):
    """To look at only."""
    return Line(lived_in)


@pytest.fixture
def own_line(lived_in, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(lived_in, tmp_path / "desk")
    return Line(tmp_path / "desk")


@pytest.fixture
def new_line(tmp_path):
    """A desk that was never started."""
    write_desk(tmp_path)
    return Line(tmp_path)


def write_desk(folder):
    write_new(folder, shipped_folder())
    (folder / "config.toml").write_text(CONFIG)
