"""Hundreds of mails on three roads while the desk is killed at random moments, and what came of it.

Seven in ten mails are questions, two are replies of customers to letters they got, one is an operator's claim,
answer, note or closing. Kills fall on everything, on the front alone or on the worker alone, at any moment, the start
included. SMTP and LMTP take turns at each start; every fourth mail comes by the mailbox.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.judge import Finding, doubled_letters
from helpdesk.testing.chaos.mails import OPERATORS, Mail
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.letters import Letter

_START_SECONDS = 60.0
_AT_ONCE = 25
BEHIND = 30
"""So many customers may wait for their acknowledgement before people wait for the desk, too."""
_PAUSE_SECONDS = 0.01
_TO_CUSTOMERS = {"acknowledgement", "assigned"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of a scenario. `letters`: doubled ones, those that a kill in the dot explains included."""

    runs: int
    faults: int
    lost: int
    tickets: int
    commands: int
    letters: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.faults} faults, lost {self.lost}, doubled tickets {self.tickets}, "
            f"doubled commands {self.commands}, doubled letters {self.letters}, {self.seconds:.0f} s"
        )


def tally(evidences: Sequence[Evidence], findings: Sequence[Finding], faults: int, seconds: float) -> Tally:
    harm = Counter(finding.harm for finding in findings)
    doubled = sum(doubled_letters(evidence) for evidence in evidences)
    return Tally(len(evidences), faults, harm["lost"], harm["ticket"], harm["command"], doubled, seconds)


class Town:
    """Everybody who writes to the desk; `post` takes a mail to it by some road."""

    def __init__(self, around: Range, post: Callable[[Mail], None] | None = None) -> None:
        self._around, self._chance = around, random.Random(around.seed + 1)
        self._post = post or self._by_any_road
        self._read = 0
        self._customers: list[Letter] = []
        self._announced: list[Letter] = []
        self._assigned: list[Letter] = []
        self._answered: set[str] = set()
        self.written: Counter[str] = Counter()

    @property
    def unanswered(self) -> int:
        """How many customers have not heard yet that their question came."""
        self._open_letters()
        return self.written["question"] - len(self._answered)

    def write(self) -> None:
        """The next mail, whatever it is."""
        self._open_letters()
        dice = self._chance.random()
        if dice < 0.1 and (self._announced or self._assigned):
            mail = self._command()
        elif 0.1 <= dice < 0.3 and self._customers:
            mail = self._around.writers.reply(self._any(self._customers))
        else:
            mail = self._around.writers.question()
        self.written[mail.kind] += 1
        self._post(mail)

    def _command(self) -> Mail:
        writers, dice = self._around.writers, self._chance.random()
        if not self._assigned or (dice < 0.4 and self._announced):
            return writers.claim(self._any(self._announced))
        letter = self._any(self._assigned)
        if dice < 0.7:
            return writers.answer(letter)
        if dice < 0.8:
            return writers.note(letter)
        # nobody closes a ticket twice: the second one rightly changes nothing, and its words reach nobody
        self._assigned = [other for other in self._assigned if other.ticket != letter.ticket]
        return writers.close(letter)

    def _by_any_road(self, mail: Mail) -> None:
        if self._chance.random() < 0.25:
            self._around.postman.put(mail)
        else:
            self._around.postman.post(mail)

    def _open_letters(self) -> None:
        fresh = self._around.sink.letters(self._read)
        self._read += len(fresh)
        for letter in fresh:
            reader = letter.recipients[0]
            if letter.name == "acknowledgement":
                self._answered.add(reader)
            if letter.name in _TO_CUSTOMERS:
                self._customers.append(letter)
            elif reader in OPERATORS and letter.name == "new_ticket":
                self._announced.append(letter)
            elif reader in OPERATORS and letter.name == "assignment":
                self._assigned.append(letter)

    def _any(self, letters: list[Letter]) -> Letter:
        """Each letter is answered once: a copy of it is another one to be answered, as in real life."""
        return letters.pop(self._chance.randrange(len(letters)))


class Campaign:
    """`mails` are written in step with the `kills`, so that no kill falls on a desk with nothing to do, and both wait
    for a desk that has fallen behind: what only starts and dies proves nothing.

    It begins with a quiet hour: the first tenth is answered, so that there is something to reply to and to claim.
    """

    def __init__(self, around: Range, mails: int, kills: int) -> None:
        self._around, self._mails, self._kills = around, mails, kills
        self._chance = random.Random(around.seed + 2)
        self._town = Town(around)
        self._killed = 0
        self._quiet = self._written = mails // 10
        self.killed: Counter[str] = Counter()

    def run(self) -> Evidence:
        """All mails, all kills, and the rest until nothing moves."""
        target = self._around.target
        target.start()
        self._around.files_before = target.figures()["files"]
        for _ in range(self._quiet):
            self._town.write()
        self._around.drain()
        town = threading.Thread(target=self._write_all, name="town")
        town.start()
        while self._killed < self._kills:
            self._wait_while(lambda: self._step(self._written) < self._killed)
            self._kill()
            self._killed += 1
        town.join()
        return self._around.settle()

    @property
    def written(self) -> Counter[str]:
        return self._town.written

    def _write_all(self) -> None:
        while self._written < self._mails:
            self._wait_while(lambda: self._step(self._written) > self._killed + 1)
            self._wait_while(lambda: self._around.outstanding > _AT_ONCE or self._town.unanswered > BEHIND)
            self._town.write()
            self._written += 1

    def _step(self, written: int) -> float:
        """How many kills belong to so many mails."""
        return (written - self._quiet) * self._kills / (self._mails - self._quiet)

    def _wait_while(self, so: Callable[[], bool]) -> None:
        while so():
            time.sleep(_PAUSE_SECONDS)

    def _kill(self) -> None:
        """At a random moment of the start, or after it."""
        target, dice = self._around.target, self._chance.random()
        if dice < 0.9:
            self._until_ready()
        time.sleep(self._chance.random() * 0.8)
        how = self._chance.choices(("worker", "all", "front"), (4, 3, 3))[0]
        self.killed[how] += 1
        {"worker": target.kill_worker, "all": target.kill_all, "front": target.kill_front}[how]()
        if how != "worker":
            target.launch(protocol=self._chance.choice(("smtp", "lmtp")))

    def _until_ready(self) -> None:
        target, give_up_at = self._around.target, time.monotonic() + _START_SECONDS
        while not target.is_ready:
            if not target.is_running or time.monotonic() > give_up_at:
                raise AssertionError(f"the desk did not come up again:\n{target.log_text()[-3000:]}")
            time.sleep(_PAUSE_SECONDS)
