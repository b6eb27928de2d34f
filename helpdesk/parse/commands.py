"""Command lines: `#word argument`, whole lines, above everything else the writer wrote (T5).

A word is letters, optionally ended by `?`; so `# 1`, `#1234` and `#!/bin/sh` are no commands. Empty lines
may stand between. The first other line ends the block, so nothing quoted or further down ever acts.
"""

from __future__ import annotations

import re

from helpdesk.model.mail import CommandLine

_COMMAND = re.compile(r"[ \t]*#([^\W\d_]{1,30}\??)(?:[ \t]+(.*))?")


def read_commands(new_text: str) -> tuple[tuple[CommandLine, ...], str]:
    """Return the commands and the text below them."""
    commands: list[CommandLine] = []
    lines = new_text.split("\n")
    rest = 0
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        match = _COMMAND.fullmatch(line.rstrip())
        if not match:
            break
        commands.append(CommandLine(match[1].lower(), (match[2] or "").strip(), line.strip()))
        rest = at + 1
    return tuple(commands), "\n".join(lines[rest:]).strip("\n") if commands else new_text
