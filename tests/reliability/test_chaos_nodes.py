"""Two and three nodes on one PostgreSQL (MAIL_RULES 5.7, P12): what one does no other does again.

Mails to any node, the same mail to two nodes at once, a node that is killed, one that stands still for longer
than its lease, two operators who claim one ticket through two nodes. Leases are short here: ten times shorter
than in life, so takeover times are to be read beside `lease`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.model.ticket import DeadlineKind
from helpdesk.testing.chaos.campaign import tally
from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.fleet import Fleet
from helpdesk.testing.chaos.judge import judge
from helpdesk.testing.chaos.mails import OPERATORS
from helpdesk.testing.mood import How, Mood, Step
from helpdesk.testing.postgres import a_database

pytestmark = pytest.mark.postgres
SEED = 5_722
AT_ONCE, BEHIND = 30, 200


@pytest.fixture
def url() -> Iterator[str]:
    with a_database() as fresh:
        yield fresh


def must_be_well(evidence: Evidence, faults: int, began: float, what: str) -> None:
    findings = judge(evidence)
    print(f"{what}: {tally([evidence], findings, faults, time.monotonic() - began)}")

    assert [str(finding) for finding in findings] == []


def many_mails(folder: Path, url: str, nodes: int, mails: int, kills: int) -> None:
    began = time.monotonic()
    with Fleet(folder, SEED, nodes=nodes, store=url) as fleet:
        fleet.start()
        town = fleet.town()
        for number in range(mails):
            catches_up(fleet, number)
            town.write()
            if kills and number % (mails // kills) == mails // kills // 2:
                victim = fleet.chance.choice(fleet.nodes)
                victim.kill_all()
                victim.launch()
        evidence = fleet.settle()
    what = f"{nodes} nodes, {mails} mails, seed {SEED}, drained in {evidence.measured.drained:.1f} s"
    must_be_well(evidence, kills, began, what)


def catches_up(fleet: Fleet, number: int) -> None:
    """Before the next mail: people wait for a desk that has fallen behind."""
    while fleet.outstanding > AT_ONCE or (number % AT_ONCE == 0 and fleet.left() > BEHIND):
        time.sleep(0.01)


@pytest.mark.timeout(300)
def test_two_nodes_take_mails_and_copies_at_once(tmp_path: Path, url: str) -> None:
    many_mails(tmp_path, url, nodes=2, mails=80, kills=2)


@pytest.mark.chaos
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("nodes", [2, 3])
def test_ten_thousand_mails_on_many_nodes(tmp_path: Path, url: str, nodes: int) -> None:
    many_mails(tmp_path, url, nodes, mails=10_000, kills=50)


@pytest.mark.timeout(300)
def test_a_dead_nodes_work_is_taken_over_within_the_lease(tmp_path: Path, url: str) -> None:
    """The node dies with letters in its hands, before their dot."""
    began = time.monotonic()
    with Fleet(tmp_path, SEED, nodes=2, store=url) as fleet:
        first, _ = fleet.nodes
        first.start()
        (node,) = fleet.living()
        fleet.sink.will_be(*[Mood(breaks=Step.MAIL, how=How.STALL)] * 3)
        question = fleet.writers.question()
        fleet.postman.post(question)
        fleet.until(lambda: fleet.in_hand_of(node) >= 3, "letters in hand")
        first_start(fleet)
        first.kill_all()
        fleet.sink.go_on()
        seconds = fleet.until(lambda: not fleet.in_hand_of(node), "takeover")
        fleet.letter("acknowledgement", question.sender)
        evidence = fleet.settle()
    print(f"takeover {seconds:.1f} s, lease {fleet.lease} s")

    assert seconds <= fleet.lease
    must_be_well(evidence, 1, began, "a node dies")


@pytest.mark.timeout(300)
def test_a_dead_nodes_mailbox_and_deadlines_are_taken_over_within_the_lease(tmp_path: Path, url: str) -> None:
    """With the lease and the heartbeat that a desk has by itself: 60 s, of which the dead node gets 40."""
    began, operator = time.monotonic(), next(iter(OPERATORS))
    with Fleet(
        tmp_path, SEED, nodes=2, store=url, lease=60.0, heartbeat=15.0, claim_window="8s", drains=150.0
    ) as fleet:
        first, second = fleet.nodes
        first.start()
        assert first.log("mailbox_led")
        asked = fleet.writers.question()
        fleet.postman.post(asked)
        announced = fleet.letter("new_ticket", operator)
        first_start(fleet)
        fleet.postman.post(fleet.writers.claim(announced))
        fleet.until(lambda: fleet.waits_for(DeadlineKind.CLAIM_WINDOW), "the claim")
        first.kill_all()
        died = time.monotonic()
        in_the_mailbox = fleet.writers.question()
        fleet.postman.put(in_the_mailbox)
        rung_before = bool([one for one in fleet.sink.letters() if one.name == "assignment"])
        fleet.letter("assignment", operator)
        rung_after = time.monotonic() - died
        fleet.letter("acknowledgement", in_the_mailbox.sender)
        read_after = time.monotonic() - died
        evidence = fleet.settle()
    print(f"deadline {rung_after:.1f} s, mailbox {read_after:.1f} s after the death, lease {fleet.lease} s")

    assert not rung_before
    assert second.log("mailbox_led")
    assert rung_after <= fleet.lease
    assert read_after <= fleet.lease
    must_be_well(evidence, 1, began, "a leader dies")


def first_start(fleet: Fleet) -> None:
    """The others join, the first one being at work already."""
    first, *others = fleet.nodes
    secret = (first.folder / "var" / "secret").read_bytes()
    for node in others:
        (node.folder / "var").mkdir(mode=0o700, exist_ok=True)
        file = node.folder / "var" / "secret"
        file.touch(mode=0o600)
        file.write_bytes(secret)
        node.start(60.0)


@pytest.mark.timeout(300)
def test_a_node_that_stood_still_past_its_lease_does_not_send(tmp_path: Path, url: str) -> None:
    """It had said DATA; while it stood still another node sent the letter. When it goes on, it writes no dot."""
    began = time.monotonic()
    with Fleet(tmp_path, SEED, nodes=2, store=url) as fleet:
        zombie, _ = fleet.nodes
        zombie.start()
        (node,) = fleet.living()
        fleet.sink.will_be(*[Mood(breaks=Step.DATA, how=How.STALL)] * 3)
        question = fleet.writers.question()
        fleet.postman.post(question)
        fleet.until(lambda: fleet.sink.has_stalled(Step.DATA) and fleet.in_hand_of(node) >= 3, "DATA")
        first_start(fleet)
        zombie.freeze()
        seconds = fleet.until(lambda: not fleet.in_hand_of(node), "takeover")
        fleet.letter("acknowledgement", question.sender)
        fleet.sink.go_on()
        zombie.thaw()
        fleet.until(lambda: zombie.log("buried") or not zombie.is_running, "the zombie finds out")
        evidence = fleet.settle()
    print(f"takeover {seconds:.1f} s, lease {fleet.lease} s")

    assert seconds <= fleet.lease
    assert len(evidence.copies_of) == len(evidence.outside.copies), "a letter came twice"
    must_be_well(evidence, 1, began, "a zombie")


def races(folder: Path, url: str, number: int) -> None:
    """Two operators claim each ticket at the same instant, through two nodes."""
    began = time.monotonic()
    with Fleet(folder, SEED, nodes=2, store=url, claim_window="0s") as fleet:
        fleet.start()
        questions = [fleet.writers.question() for _ in range(number)]
        for n, question in enumerate(questions):
            catches_up(fleet, n)
            fleet.postmen[0].post(question)
        announced = both_announced(fleet, number)
        for n, letters in enumerate(announced):
            catches_up(fleet, n)
            for postman, letter in zip(fleet.postmen, letters, strict=True):
                postman.post(fleet.writers.claim(letter))
        evidence = fleet.settle()
    claimers = defaultdict(set)
    for seen in evidence.seen:
        if seen.name == "assignment" and seen.recipients[0] in OPERATORS:
            claimers[seen.ticket].add(seen.message_id)

    assert {ticket: len(ids) for ticket, ids in claimers.items()} == {
        ticket["number"]: 1 for ticket in evidence.tickets
    }
    assert len(claimers) == number
    must_be_well(evidence, number, began, f"{number} races")


def both_announced(fleet: Fleet, number: int) -> list[tuple[object, ...]]:
    """For each ticket the two letters that announce it, in the order of the operators."""
    found: dict[int, dict[str, object]] = defaultdict(dict)

    def complete() -> bool:
        for letter in fleet.sink.letters():
            if letter.name == "new_ticket" and letter.recipients[0] in OPERATORS:
                found[letter.ticket][letter.recipients[0]] = letter
        return len(found) == number and all(len(pair) == 2 for pair in found.values())

    fleet.until(complete, "announcements", 60.0 + number)
    return [tuple(pair[who] for who in OPERATORS) for pair in found.values()]


@pytest.mark.timeout(300)
def test_of_two_operators_who_claim_at_once_one_gets_it(tmp_path: Path, url: str) -> None:
    races(tmp_path, url, 20)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_thousand_claims_at_once_have_one_claimer_each(tmp_path: Path, url: str) -> None:
    races(tmp_path, url, 1_000)
