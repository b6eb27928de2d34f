"""The desk of the demo: a configuration with embedded defaults and the procedure's hours as seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpdesk.config import Config
from helpdesk.render.canned import shipped_folder
from helpdesk.testing import needs

ADDRESS = "help@desk.example"
LIST = "milis@lists.example"
PIC = "pic@staff.example"

_CONFIG = """\
# The desk of `helpdesk demo`: a day of the procedure takes {pace}.
[desk]
name = "iDuHelp!"
address = "{address}"
list = "{list}"
pic = ["{pic}"]
canned_responses = {canned}
state = "var"

[receive.smtp]
port = {smtp_port}

[send]
transport = "maildir"

[web]
port = {web_port}

[assignment]
mode = "claim"
claim_window = "0.8s"
claim_timeout = "{claim_timeout}"

[sla]
first_response = "{response}"
next_response = "{response}"
remind_at = [0.5]

[follow_up]
nudge_after = ["{nudge_after}"]
close_after = "{close_after}"
clock = "calendar"

[[operators]]
name = "Bart"
address = "bart@staff.example"

[[operators]]
name = "Cate"
address = "cate@staff.example"

[[operators]]
name = "Gita"
address = "gita@staff.example"

[[pic]]
name = "Dora"
address = "dora@staff.example"
"""

PLAYED = {
    "pace": "seconds",
    "claim_timeout": "60s",
    "response": "6s",
    "nudge_after": "2s",
    "close_after": "4s",
}
BY_HAND = {
    "pace": "minutes",
    "claim_timeout": "2m",
    "response": "10m",
    "nudge_after": "5m",
    "close_after": "10m",
}
"""For the people of the story, who act at once, and for somebody at a real mail program."""


@dataclass(frozen=True, slots=True)
class Setting:
    file: Path
    smtp_port: int
    web_port: int
    config: Config

    @property
    def outgoing(self) -> Path:
        return self.config.maildir

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"


def build(folder: Path) -> Setting:
    """Write the configuration into `folder`, with free loopback ports, and load it."""
    file, smtp_port, web_port = folder / "config.toml", needs.free_port(), needs.free_port()
    _write(file, smtp_port, web_port, PLAYED)
    return Setting(file, smtp_port, web_port, Config.load(file))


def slow_down(place: Setting) -> None:
    """Give people of flesh and blood the time to write; the desk must be told to reload."""
    _write(place.file, place.smtp_port, place.web_port, BY_HAND)


def _write(file: Path, smtp_port: int, web_port: int, lengths: Mapping[str, str]) -> None:
    text = _CONFIG.format(
        address=ADDRESS,
        list=LIST,
        pic=PIC,
        canned=json.dumps(str(shipped_folder())),  # a TOML string is written like a JSON one
        smtp_port=smtp_port,
        web_port=web_port,
        **lengths,
    )
    file.write_text(text, encoding="utf-8")
