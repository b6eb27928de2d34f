"""What the dialogues with a troubled listener share: an opening, a letter, and a commit that can be held or broken."""

import threading
import time
from zoneinfo import ZoneInfo

from helpdesk.flow.receive import recipient_rule
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.testing.smtp_client import Client

KNOWS = recipient_rule(Policy("Desk", "help@desk.example", WorkCalendar(ZoneInfo("UTC"))))
OPENING = b"EHLO c.example\r\nMAIL FROM:<anne@customer.example>\r\nRCPT TO:<help@desk.example>\r\nDATA\r\n"
LETTER = b"Subject: a\r\n\r\nx\r\n.\r\n"


class Trouble:
    """A commit hook that raises what a test puts into it, or waits."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.gate.wait(20)
        if self.error is not None:
            raise self.error


def send_letter(port: int, hello: bytes = b"EHLO") -> list[str]:
    with Client.connect(port) as client:
        client.say(OPENING.replace(b"EHLO", hello) + LETTER + b"QUIT\r\n")
        return client.hear_all()


def eventually(condition, patience: float = 10) -> bool:
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
