"""Commands run as a user runs them, and mails as a customer's program writes them."""

from __future__ import annotations

import os
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

ADDRESS = "help@desk.example"


def helpdesk(
    *arguments: str, environ: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a user does; its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "helpdesk", *arguments],
        capture_output=True, text=True, check=False, timeout=60, cwd=cwd, env={**os.environ, **(environ or {})},
    )  # fmt: skip


def mail(sender: str, subject: str, text: str = "Where is it?\n", **headers: str) -> EmailMessage:
    """A mail as a customer's program writes it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ADDRESS
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("message_id", f"<{abs(hash((sender, subject)))}@customer.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message
