"""A Transport that keeps letters in memory, as parsed mails, and fails when told: for scenario tests.

box = LetterBox([None, TryLater("greylisted"), None])
...
assert box.mails_to("anne@customer.example")[0].subject == "[#1] We have your letter"
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter
from helpdesk.testing.post_office import parsed

Script = Outcome | Mapping[str, Outcome] | Exception | None


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter that was taken, for the recipients that were accepted."""

    letter: QueuedLetter
    recipients: tuple[str, ...]

    @property
    def mail(self) -> EmailMessage:
        return parsed(self.letter.raw)

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"] or "")

    @property
    def name(self) -> str:
        """The name of the canned response."""
        return str(self.mail["X-Helpdesk-Letter"] or self.letter.letter)

    @property
    def text(self) -> str:
        """The words of the mail, with newline line ends."""
        part = self.mail.get_body(preferencelist=("plain",))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


class LetterBox:
    """`fail_on`: what becomes of the first, second, … attempt; None and all later ones are accepted."""

    def __init__(self, fail_on: Iterable[Script] = ()) -> None:
        self.posted: list[Posted] = []
        self.attempts: list[QueuedLetter] = []
        self.closed = False
        self._script = list(fail_on)

    def will(self, *script: Script) -> None:
        """Further attempts will end so."""
        self._script.extend(script)

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        self.attempts.append(letter)
        told = self._script.pop(0) if self._script else None
        if isinstance(told, Exception):
            raise told
        ends = _ends(letter, told)
        accepted = tuple(who for who, end in ends.items() if isinstance(end, Accepted))
        if accepted:
            await before_dot()
            self.posted.append(Posted(letter, accepted))
        return ends

    async def close(self) -> None:
        self.closed = True

    def mails_to(self, address: str) -> list[Posted]:
        return [one for one in self.posted if address in one.recipients]

    def take(self) -> list[Posted]:
        """All that was posted since the last call."""
        taken, self.posted = self.posted, []
        return taken


def _ends(letter: QueuedLetter, told: Script) -> dict[str, Outcome]:
    if isinstance(told, Mapping):
        return {who: told.get(who, Accepted("250 ok")) for who in letter.recipients}
    end = told if told is not None and not isinstance(told, Exception) else Accepted("250 ok")
    return dict.fromkeys(letter.recipients, end)
