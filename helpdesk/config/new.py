"""A new desk: a small configuration that works as it is, the canned responses, the state folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from helpdesk.config.errors import ConfigError
from helpdesk.config.load import DEFAULT_FILE

MINIMAL = """\
# The configuration of this desk. Every other key and its default: config.example.toml.
# After a change: helpdesk check, then restart the desk or send it a SIGHUP.

[desk]
name = "Helpdesk"
address = "help@desk.example"       # customers write here; the desk writes as this
#list = "milis@lists.example"       # the operators' mailing list
#pic = ["pic@desk.example"]         # who gets close notices and breaches
language = "en"
timezone = "UTC"                    # for example "Asia/Jakarta"

[receive.smtp]                      # your mail server hands the desk's mail to this port
host = "127.0.0.1"
port = 8025

[send]
transport = "maildir"               # letters go to var/outgoing; "smtp" sends them
#host = "127.0.0.1"
#port = 25

[web]                               # the survey page
host = "127.0.0.1"
port = 8080

[sla]
first_response = "24h"

[calendar]
working_days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-16:00"
country = ""                        # public holidays, for example "ID"

[[operators]]                       # one table for each; write your own people here
name = "Bart"
address = "bart@staff.example"

[[pic]]
name = "Dora"
address = "dora@staff.example"
"""


def write_new(folder: Path, canned: Path) -> list[Path]:
    """Write config.toml, canned_responses/ (a copy of `canned`) and var/ into `folder`; return what was made.

    Raises ConfigError when there is a config.toml; canned responses that are there already are left alone.
    """
    config, responses, state = folder / DEFAULT_FILE, folder / "canned_responses", folder / "var"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with config.open("x", encoding="utf-8") as file:
            file.write(MINIMAL)
        made = [config]
        if not responses.exists():
            shutil.copytree(canned, responses)
            made.append(responses)
        if not state.exists():
            state.mkdir(mode=0o700)
            made.append(state)
    except FileExistsError as error:
        raise ConfigError(
            [f"{config}: is there already; name another folder, or move it away first"]
        ) from error
    except OSError as error:
        raise ConfigError([f"{error.filename}: {error.strerror}; name a folder you may write to"]) from error
    return made
