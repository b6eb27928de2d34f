"""Every mail comes one to five times, by SMTP, LMTP, mailbox and list, in any order: tickets = originals (5.8)."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from helpdesk.testing.chaos.campaign import tally
from helpdesk.testing.chaos.judge import judge
from helpdesk.testing.chaos.mails import Mail, carried
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.mailing_list import MailingList

SEED = 58
ROADS = ("smtp", "lmtp", "imap", "list")
MILIS = MailingList("milis@lists.example", footer="To leave: https://lists.example/milis")


def journeys(mails: list[Mail], chance: random.Random) -> list[tuple[Mail, str, int]]:
    """All copies of all mails, shuffled; each with its road and a number that its headers carry."""
    copies = [
        (mail, chance.choice(ROADS), hop) for mail in mails for hop in range(1, chance.randint(1, 5) + 1)
    ]
    chance.shuffle(copies)
    return copies


def deliver(around: Range, mail: Mail, road: str, hop: int) -> None:
    if road == "imap":
        around.postman.put(mail, carried(mail.raw, "imap", hop))
    elif road == "list":
        around.postman.post(mail, MILIS.copy(mail.raw))
    else:
        around.postman.post(mail, carried(mail.raw, road, hop))


def copies_make_no_tickets(folder: Path, number: int) -> None:
    began = time.monotonic()
    with Range(folder, SEED) as around:
        mails = [around.writers.question() for _ in range(number)]
        copies = journeys(mails, around.chance)
        by_lmtp = [copy for copy in copies if copy[1] == "lmtp"]
        around.target.start()
        for copy in copies:
            if copy not in by_lmtp:
                deliver(around, *copy)
        around.drain()
        around.target.stop()
        around.target.launch(protocol="lmtp")
        for copy in by_lmtp:
            deliver(around, *copy)
        evidence = around.settle()
    findings = judge(evidence)
    print(f"seed {SEED}: {len(copies)} copies of {number} mails: ", end="")
    print(tally([evidence], findings, len(copies) - number, time.monotonic() - began))

    assert [str(finding) for finding in findings] == []
    assert len(evidence.tickets) == number


@pytest.mark.timeout(300)
def test_copies_by_any_road_in_any_order_make_no_second_ticket(tmp_path: Path) -> None:
    copies_make_no_tickets(tmp_path, 30)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_copies_of_a_thousand_mails_make_no_second_ticket(tmp_path: Path) -> None:
    copies_make_no_tickets(tmp_path, 1_000)
