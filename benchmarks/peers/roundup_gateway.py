# /// script
# requires-python = ">=3.11"
# dependencies = ["roundup==2.6.0"]
# ///
"""Roundup's mail gateway over a folder of mails, in one process; beside_peers.py starts this in Roundup's environment.

    python roundup_gateway.py MAILS WORK WARM_UP [--senders-known]

A tracker of the classic template on SQLite, changed in two places: strangers may write by mail (the template ships
that line switched off), and the author of a new issue hears of it (`messages_to_author = new`), which comes nearest
to an acknowledgement. Each mail goes through `MailGW.main`, as `roundup-mailgw` gives it one from a pipe; the start
of a process for each is left out. Letters are written to a file (`mail debug`), not sent.

Roundup registers every new sender as a user with a password, whose hash costs a tenth of a second and hides all the
rest. With --senders-known they are users already, without the clock.
"""

from __future__ import annotations

import email
import email.utils
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import roundup.instance
from roundup.mailgw import MailGW
from roundup.scripts.roundup_mailgw import parse_arguments

_SETTINGS = (
    "mail_domain=desk.example,mail_host=localhost,tracker_email=help,admin_email=root,"
    "tracker_web=http://localhost/desk/,nosy_messages_to_author=new,mail_debug={letters}"
)
_STRANGERS_MAY_WRITE = "db.security.addPermissionToRole('Anonymous', 'Email Access')"


def make_tracker(home: Path, letters: Path) -> None:
    settings = _SETTINGS.format(letters=letters)
    _admin(home, "install", "classic", "sqlite", settings)
    schema = home / "schema.py"
    switched_off = schema.read_text()
    if f"#{_STRANGERS_MAY_WRITE}" not in switched_off:
        raise SystemExit("roundup: the classic template is not the one this was written for")
    schema.write_text(switched_off.replace(f"#{_STRANGERS_MAY_WRITE}", _STRANGERS_MAY_WRITE))
    _admin(home, "initialise", "a-password-of-the-benchmark")


def _admin(home: Path, *words: str) -> None:
    command = [str(Path(sys.executable).parent / "roundup-admin"), "-i", str(home), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def register(tracker: roundup.instance.Tracker, files: list[Path]) -> None:
    """Every sender as a user, without a password."""
    database = tracker.open("admin")
    heads = (email.message_from_bytes(file.read_bytes()) for file in files)
    for name, address in {email.utils.parseaddr(head["From"]) for head in heads}:
        database.user.create(username=address, realname=name, address=address, roles="User")
    database.commit()
    database.close()


def count(tracker: roundup.instance.Tracker, letters: Path) -> dict[str, int]:
    database = tracker.open("admin")
    try:
        found = {"tickets": len(database.issue.list()), "entries": len(database.msg.list())}
    finally:
        database.close()
    sent = letters.read_bytes().count(b"\nX-Roundup-Name: ") if letters.exists() else 0
    return {**found, "letters": sent}


def main(mails: Path, work: Path, warm_up: int, *, senders_known: bool) -> None:
    home, letters = work / "tracker", work / "letters"
    os.environ.pop("SENDMAILDEBUG", None)  # it would take precedence over `mail debug`
    make_tracker(home, letters)
    tracker = roundup.instance.open(str(home))
    gateway = MailGW(tracker, parse_arguments([])[1])
    gateway.trapExceptions = 0  # a mail that fails ends the run instead of bouncing
    files = sorted(mails.iterdir())
    if senders_known:
        register(tracker, files)
    for file in files[:warm_up]:
        with file.open("rb") as stream:
            gateway.main(stream)
    before, began = count(tracker, letters), time.perf_counter()
    cpu = time.process_time()
    for file in files[warm_up:]:
        with file.open("rb") as stream:
            gateway.main(stream)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    made = {name: after - before[name] for name, after in count(tracker, letters).items()}
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, **made}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), senders_known="--senders-known" in sys.argv)
