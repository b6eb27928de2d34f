"""Whatever order mails, deadlines and power cuts come in, what must always hold does hold after each of them."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from meaning import soundness

from helpdesk.decide.lifecycle import DEADLINES_OF_STATUS, TRANSITIONS
from helpdesk.model.policy import Assignment, AssignmentMode, Closing, SurveyMode
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status, Ticket
from helpdesk.store import handled, journal, outbox, tickets
from helpdesk.testing.desk import ADDRESS, LIST, policy
from helpdesk.testing.letters import Letter
from helpdesk.testing.power import Mains, Moment, PoweredDesk, Saved
from helpdesk.testing.scenario_people import Player

EXAMPLES, STEPS = 16, 30
RESPONSE = {DeadlineKind.FIRST_RESPONSE, DeadlineKind.NEXT_RESPONSE}
WORK = ("assignment", "customer_reply", "reminder")

which = st.integers(0, 2)
spans = st.sampled_from(
    [{"minutes": 5}, {"minutes": 30}, {"hours": 3}, {"hours": 13}, {"days": 1}, {"days": 4}]
)


class DeskMachine(RuleBasedStateMachine):
    """The desk of a few days. `which` picks one of the tickets; what cannot be done now is not done."""

    desk: ClassVar[PoweredDesk]
    morning: ClassVar[Saved]

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    @initialize(mode=st.sampled_from(AssignmentMode), survey=st.sampled_from(SurveyMode))
    def opens(self, mode: AssignmentMode, survey: SurveyMode) -> None:
        window = timedelta(minutes=10)
        self.desk.policy = policy(
            assignment=Assignment(mode=mode, claim_window=window), closing=Closing(survey=survey)
        )
        self.desk.rewind(self.morning, Mains())

    @rule(by_list=st.booleans())
    def anne_asks(self, by_list: bool) -> None:
        anne = self.desk.anne
        anne.sends(anne.new([ADDRESS], "A question", self._words(), cc=[LIST] if by_list else []))

    @rule(which=which, who=st.sampled_from(["bart", "cate"]))
    def operator_claims(self, which: int, who: str) -> None:
        self._reply(self._person(who), which, ("new_ticket",), "", to_all=True)

    @rule(which=which, own=st.booleans())
    def operator_answers(self, which: int, own: bool) -> None:
        self._reply(self._operator(which, own), which, WORK, "Here is what we found.")

    @rule(which=which, own=st.booleans(), text=st.sampled_from(["#close", "#close\n\nBye.", "#colse"]))
    def operator_closes(self, which: int, own: bool, text: str) -> None:
        self._reply(self._operator(which, own), which, WORK, text)

    @rule(which=which)
    def operator_writes_from_nowhere(self, which: int) -> None:
        """Nothing but From and a number: held, and confirmed by the next reply if there is one."""
        person = self._operator(which, own=True)
        if self._letter(person, which, ("confirm_sender",)):
            self._reply(person, which, ("confirm_sender",), "")
        elif self._count():
            tag = f"[#{which % self._count() + 1}]"
            person.sends(person.new([ADDRESS], f"Re: {tag} A question", "It is under way."))

    @rule(which=which, thanks=st.booleans())
    def anne_replies(self, which: int, thanks: bool) -> None:
        letters = (
            "acknowledgement",
            "assigned",
            "answer",
            "nudge",
            "closed",
            "closed_no_feedback",
            "reopened",
        )
        if thanks:
            self._reply(self.desk.anne, which, letters, "Thank you very much!")
        elif self._letter(self.desk.anne, which, letters):
            self._reply(self.desk.anne, which, letters, self._words())

    @rule(which=which, text=st.sampled_from(["", "#ok", "No, this is not solved: the parcel never came."]))
    def dora_decides(self, which: int, text: str) -> None:
        self._reply(self.desk.dora, which, ("close_notice",), text)

    @rule(which=which, score=st.integers(1, 5))
    def anne_votes_by_mail(self, which: int, score: int) -> None:
        self._reply(self.desk.anne, which, ("survey",), f"{score} it was fine")

    @rule(which=which, score=st.integers(1, 5))
    def anne_votes_on_the_page(self, which: int, score: int) -> None:
        if self._letter(self.desk.anne, which, ("survey",)):
            self.desk.votes(which % self._count() + 1, score, "fine")

    @rule(which=which)
    @precondition(lambda self: self._count())
    def a_robot_answers(self, which: int) -> None:
        """R36: it never makes a letter to a customer."""
        letter = self._letter(self.desk.anne, which, ("acknowledgement", "answer", "nudge", "survey"))
        before = len(self._to_customers())
        if letter:
            mail = self.desk.anne.reply(letter, "I am out of office.")
            self.desk.anne.sends(mail, Auto_Submitted="auto-replied")
        else:
            mail = self.desk.anne.new([ADDRESS], "Newsletter", "Buy now!")
            self.desk.anne.sends(mail, Auto_Submitted="auto-generated")

        assert len(self._to_customers()) == before, "a robot made the desk write to a customer"

    @rule(span=spans)
    def time_passes(self, span: dict[str, float]) -> None:
        self.desk.passes(**span)

    @rule()
    def the_desk_is_restarted(self) -> None:
        self.desk.restart()

    @rule(commits=st.integers(1, 12), before=st.booleans())
    def the_power_will_be_cut(self, commits: int, before: bool) -> None:
        moment: Moment = (self.desk.mains.commits + commits, "before" if before else "after")
        self.desk.mains.cuts |= {moment}

    @invariant()
    def every_ticket_stands_on_the_table(self) -> None:
        for ticket in self._tickets():
            kinds = {d.kind for d in ticket.deadlines}
            assert ticket.status in TRANSITIONS
            assert kinds <= DEADLINES_OF_STATUS[ticket.status], f"{ticket.status} with {kinds}"
            assert all(d.due_at > self.desk.clock() for d in ticket.deadlines), "something is overdue at rest"
            if ticket.status is Status.OPEN:
                assert ticket.operator, "an open ticket belongs to somebody"
                assert kinds & RESPONSE, "an open ticket has a response deadline"
            if ticket.status is Status.PENDING:
                assert DeadlineKind.AUTO_CLOSE in kinds

    @invariant()
    def every_word_of_a_customer_is_an_entry_once(self) -> None:
        with self.desk.shop.desk.read() as connection:
            entries = [e for t in self._tickets() for e in tickets.entries(connection, t.number)]
        texts = [e.text for e in entries if e.kind is EntryKind.CUSTOMER]
        for words in self.said:
            assert sum(words in text for text in texts) == 1, words

    @invariant()
    def nothing_waits_and_nothing_failed(self) -> None:
        with self.desk.shop.desk.read() as connection, self.desk.shop.spool.read() as spool:
            assert handled.waiting_count(connection, spool) == 0
            assert handled.parked(connection) == []
            counts = outbox.counts(connection)
            assert counts["queued"] == counts["failed"] == counts["parked"] == 0, counts
            for ticket in self._tickets():
                changes = [
                    (line.status_before, line.status_after)
                    for line in journal.of_ticket(connection, ticket.number)
                ]
                assert changes[-1][1] == ticket.status, "the history ends where the ticket stands"

    def teardown(self) -> None:
        assert soundness(self.desk) == []
        ids: dict[str, bytes] = {}
        for letter in self.desk.sent:
            assert ids.setdefault(letter["Message-ID"], letter.raw) == letter.raw

    def _words(self) -> str:
        self.said.append(f"It is question {len(self.said)}x of today, where is it?")
        return self.said[-1]

    def _count(self) -> int:
        with self.desk.shop.desk.read() as connection:
            return tickets.next_number(connection) - 1

    def _tickets(self) -> list[Ticket]:
        """Numbers have no gaps: every one up to the last is there."""
        return [self.desk.ticket(n) for n in range(1, self._count() + 1)]

    def _person(self, name: str) -> Player:
        return {"bart": self.desk.bart, "cate": self.desk.cate}[name]

    def _operator(self, which: int, own: bool) -> Player:
        """Who has the ticket (`own`), or the other one."""
        has_it = (
            bool(self._count()) and self._tickets()[which % self._count()].operator == self.desk.bart.address
        )
        return self.desk.bart if has_it is own else self.desk.cate

    def _letter(self, person: Player, which: int, names: tuple[str, ...]) -> Letter | None:
        number = which % self._count() + 1 if self._count() else 0
        others = {LIST} if names == WORK else set()
        letters = (x for x in reversed(person.mailbox) if x.ticket == number and x.name in names)
        return next((x for x in letters if not others & set(x.to)), None)

    def _reply(
        self, person: Player, which: int, names: tuple[str, ...], text: str, *, to_all: bool = False
    ) -> None:
        letter = self._letter(person, which, names)
        if letter:
            reply: Any = person.reply_all(letter, text) if to_all else person.reply(letter, text)
            person.sends(reply)

    def _to_customers(self) -> list[Letter]:
        return [x for x in self.desk.sent if any(a.endswith("@customer.example") for a in x.recipients)]


def test_whatever_order_things_happen_in_the_rules_hold() -> None:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="order-", dir=memory if memory.is_dir() else None))
    DeskMachine.desk = PoweredDesk(folder)
    DeskMachine.morning = DeskMachine.desk.save(folder / "morning")
    try:
        run_state_machine_as_test(
            DeskMachine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        DeskMachine.desk.close()
        shutil.rmtree(folder)
