"""`customer export` and `customer erase`: run as an admin runs them, on both databases."""

import json
import re

import pytest

from helpdesk.testing import postgres
from helpdesk.testing.desk import Desk

ANNE = "anne@customer.example"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def played(request, new_line):
    """A desk with its command line: anne has asked and was answered, bart has noted something about her."""
    secret = new_line.folder / "var" / "secret"
    secret.write_bytes(b"s" * 32)
    secret.chmod(0o600)
    if request.param == "sqlite":
        yield _play(new_line.folder, None), new_line
        return
    with postgres.a_database(upgraded=True) as url:
        new_line.config.write_text(f'{new_line.config.read_text()}\n[store]\nurl = "{url}"\n')
        yield _play(new_line.folder, url), new_line


def _play(folder, url):
    desk = Desk(folder / "var", url=url)
    desk.anne.asks("My order", "Call me: 0215551234.")
    desk.bart.answers("#note\n\nAnne is difficult.")
    desk.bart.answers("It is on its way.")
    desk.stranger("zoe@other.example", "Zoe").asks("Mine", "Another matter.")
    return desk


def test_export_gives_what_the_customer_may_see(played):
    desk, line = played
    result = line.run("customer", "export", ANNE)
    desk.close()

    everything = json.loads(result.stdout)
    (ticket,) = everything["tickets"]
    assert result.exit_code == 0
    assert [entry["text"] for entry in ticket["entries"] if entry["kind"] in ("customer", "operator")] == [
        "Call me: 0215551234.",
        "It is on its way.",
    ]
    assert [mail["outcome"] for mail in everything["mails_received"]] == ["customer_wrote"]
    assert not re.search(r"difficult|staff\.example|zoe", result.stdout)


def test_erase_asks_first_and_is_carried_out_by_the_desk(played):
    desk, line = played
    asked = line.run("customer", "erase", ANNE)
    before = line.run("customer", "export", ANNE)
    ordered = line.run("customer", "erase", ANNE, "--yes")
    desk.run()
    after = line.run("customer", "export", ANNE)
    shown = line.run("ticket", "1")
    desk.close()

    assert (asked.exit_code, before.exit_code, ordered.exit_code, after.exit_code) == (1, 0, 0, 1)
    assert f"forget {ANNE} for good (tickets: 1)?" in asked.stderr
    assert "within half a minute" in ordered.stdout
    assert "erased-1@erased.invalid" in shown.stdout
    assert not re.search(r"anne|0215551234|difficult", shown.stdout, re.I)
    assert line.run("customer", "export", "zoe@other.example").exit_code == 0


def test_who_is_unknown_is_said_to_be(line):
    for command in ("export", "erase"):
        result = line.run("customer", command, "nobody@elsewhere.example")

        assert result.exit_code == 1
        assert "nothing is kept about nobody@elsewhere.example" in result.stderr
