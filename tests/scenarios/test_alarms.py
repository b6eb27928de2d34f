"""What somebody must mend is told to PIC once: not again after a restart, not by another node, not every minute."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from helpdesk.decide.seen import Disk, Mailbox, Seen
from helpdesk.flow.admin import ask as order
from helpdesk.flow.alarms import look
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.outcome import TryLater
from helpdesk.model.ticket import DeadlineKind
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.store import alarms, deadlines, inbox

GB = 1024**3
DEAD = (Mailbox("help@imap.desk.example/INBOX", timedelta(minutes=20), "login refused"),)
ALIVE = (Mailbox("help@imap.desk.example/INBOX", timedelta()),)


def told(desk, name="alarm"):
    return [letter for letter in desk.letters(name) if letter.to == ("pic@desk.example",)]


def parks(desk, kind="make_coffee"):
    """Something comes in that cannot be handled; return its inbox row."""
    raw = json.dumps(kind if kind == "nonsense" else {"order": kind, "id": 1}).encode()
    row = desk.arrive(
        Arrival(
            raw=b"{" if kind == "no json" else raw,
            road=Road.ADMIN,
            received_at=desk.clock(),
            kind=Happening.ADMIN,
        )
    )
    desk.run()
    return row


def standing(desk):
    with desk.shop.desk.read() as connection:
        return alarms.names(connection)


def test_a_healthy_desk_is_silent(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert desk.looks(mailboxes=ALIVE, disks=(Disk("/var", 9 * GB, GB),), roads=("smtp",)) == []
    assert told(desk) == []


def test_mails_parked_for_one_reason_are_told_once(desk):
    rows = [parks(desk) for _ in range(3)]
    desk.looks()

    assert [desk.outcome(row).state for row in rows] == ["parked"] * 3
    assert len(told(desk, "parked")) == 1
    assert told(desk) == []
    assert standing(desk) == ["parked"]


def test_a_mail_parked_for_another_reason_is_news(desk):
    parks(desk)
    parks(desk, "no json")

    assert len(told(desk, "parked")) == 2


def test_a_replay_that_fails_again_is_news_and_one_that_works_ends_the_alarm(desk):
    row = parks(desk)
    desk.arrive(order("inbox_replay", row, desk.clock()))
    desk.run()
    again = len(told(desk, "parked"))
    with desk.shop.desk.write() as connection:
        connection.exec_driver_sql("UPDATE handled SET state = 'done' WHERE state = 'parked'")

    assert again == 2
    assert desk.looks() == []
    assert standing(desk) == []


def test_a_parked_mail_whose_notice_failed_is_told_at_the_next_look(desk):
    parks(desk)
    with desk.shop.desk.write() as connection:
        alarms.take_down(connection, ["parked ValueError"])

    desk.looks()
    desk.looks()

    assert len(told(desk)) == 1
    assert "number 1" in told(desk)[0].text


def test_a_dead_mailbox_is_told_once_through_restarts_and_again_after_a_repair(desk):
    desk.looks(mailboxes=DEAD)
    desk.restart()
    desk.looks(mailboxes=(Mailbox(DEAD[0].name, None),))
    desk.looks(mailboxes=DEAD)
    desk.looks(mailboxes=DEAD)
    before_repair = len(told(desk))
    desk.looks(mailboxes=ALIVE)
    in_health = standing(desk)
    desk.looks(mailboxes=DEAD)

    assert before_repair == 1
    assert in_health == []
    assert len(told(desk)) == 2
    assert "login refused" in told(desk)[0].text
    assert DEAD[0].name in told(desk)[0].text


def test_a_second_mailbox_that_dies_is_news(desk):
    other = Mailbox("sales@imap.desk.example/INBOX", timedelta(hours=1), "refused")
    desk.looks(mailboxes=DEAD)
    desk.looks(mailboxes=(*DEAD, other))

    assert len(told(desk)) == 2
    assert DEAD[0].name not in told(desk)[1].text


def test_two_mailboxes_that_are_dead_at_one_look_are_one_letter(desk):
    desk.looks(mailboxes=(*DEAD, replace(DEAD[0], name="sales/INBOX")))

    assert len(told(desk)) == 1
    assert "sales/INBOX" in told(desk)[0].text


def test_a_letter_that_waits_an_hour_is_told_once(desk):
    desk.fails["anne@customer.example"] = TryLater("451 4.3.0 no room")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(minutes=59)
    early = desk.looks()
    for _ in range(5):
        desk.passes(minutes=31)
        desk.looks()
        desk.restart()
    late = standing(desk)
    desk.fails.clear()
    desk.passes(hours=2)

    assert early == []
    assert late == ["outbox_old"]
    assert desk.looks() == []
    assert len(told(desk)) == 1
    assert "451 4.3.0 no room" in told(desk)[0].text


def test_letters_that_nobody_sends_at_all_are_told(desk):
    """The clock leaps over a night in which the sender stood still."""
    desk.fails["anne@customer.example"] = TryLater("the host is down", host_down=True)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.clock.move(timedelta(hours=8))

    assert desk.looks() == ["outbox_old"]


def test_a_disk_is_told_when_it_is_nearly_full_and_when_it_is_full(desk):
    for gigabytes in (5, 1.9, 1.8, 2.1, 0.9, 0.8, 1.5):
        desk.looks(disks=(Disk("/var/lib/helpdesk", int(gigabytes * GB), GB),))

    first, second = told(desk)
    assert "1.9 GB free; below 1.0 GB no mail" in first.text
    assert "no mail is taken now" in second.text
    assert standing(desk) == ["disk"]


def test_a_broken_canned_response_is_told_once_in_spite_of_a_restart(desk, tmp_path):
    folder = tmp_path / "canned" / "en"
    folder.mkdir(parents=True)
    (folder / "closed.txt").write_text("Subject: {{ nobody }}\n\nBye\n")
    library = Library(folder.parent, desk.policy)

    desk.shop.library = library
    desk.looks()
    desk.restart()
    desk.shop.library = library
    desk.looks()
    (folder / "closed.txt").write_text("Subject: Bye\n\nBye\n")
    library.refresh()

    assert desk.looks() == []
    assert len(told(desk)) == 1
    assert "closed.txt, line 1" in told(desk)[0].text


def test_a_deadline_whose_decision_always_fails_is_told_once(desk):
    """A template that cannot be rendered keeps the reminder from being written, each time."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    sound, desk.shop.library = desk.shop.library, Deaf(shipped_folder(), desk.policy)
    desk.passes(hours=12, minutes=1)
    first = desk.looks()
    desk.passes(minutes=25)
    stands = desk.looks()
    desk.restart()
    desk.shop.library = Deaf(shipped_folder(), desk.policy)
    desk.looks()
    once = len(told(desk))
    desk.shop.library = sound
    desk.passes(minutes=6)

    assert first == []
    assert stands == ["deadline reminder RuntimeError"]
    assert once == 1
    assert "ticket 1" in told(desk)[0].text
    assert desk.bart.count("reminder") == 1
    assert desk.looks() == []


class Deaf(Library):
    """Has no words for reminders."""

    def filling(self, letter, language, values):
        if letter == "reminder":
            raise RuntimeError("no words")
        return super().filling(letter, language, values)


def test_a_deadline_that_failed_once_and_then_worked_is_nobodys_business(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    with desk.shop.desk.write() as connection:
        ((_, deadline),) = [
            found
            for found in deadlines.due(connection, desk.next_alarm(), 9)
            if found[1].kind is DeadlineKind.REMINDER
        ]
        alarms.deadline_failed(connection, 1, deadline, "KeyError", desk.clock())
    desk.passes(hours=13)

    assert desk.looks() == []
    with desk.shop.desk.read() as connection:
        assert alarms.failed_deadlines(connection, 9) == ([], [])


@pytest.mark.parametrize("road", [Road.SMTP, Road.IMAP])
def test_a_road_that_dies_is_told_once_with_its_figures(desk, road):
    """Five weeks of thirty mails a day, then nothing: told the next day; over when mail comes again."""
    lives_for(desk, road, days=35)
    before = glances(desk, roads=(str(road),))
    for _ in range(6):
        desk.clock.move(timedelta(hours=4))
        glances(desk, roads=(str(road),))
    dead = standing(desk)
    lives_for(desk, road, days=1)

    assert before == []
    assert dead == ["quiet"]
    assert len(told(desk)) == 1
    assert re.search(
        rf"By {road.upper()}: \d mails in the last 24 h.*: 30, 30, 30, 30\.", flat(told(desk)[0].text)
    )
    assert glances(desk, roads=(str(road),)) == []


def lives_for(desk, road, days, kind=Happening.MAIL):
    """Things come evenly over this time; they are counted in the spool, and not worked on."""
    every, arrivals = timedelta(minutes=48), []
    for _ in range(days * 30):
        desk.clock.move(every)
        arrivals.append(Arrival(raw=b"Subject: x", road=road, received_at=desk.clock(), kind=kind))
    with desk.shop.spool.write() as spool:
        inbox.append(spool, arrivals)


def flat(text):
    return " ".join(text.split())


def glances(desk, **seen):
    """Look and send; what came in stays where it is."""
    found = look(desk.shop, Seen(**seen))
    desk._send()
    return found


def test_nobody_calls_an_inbox_quiet_in_the_first_hour_after_a_start(desk):
    lives_for(desk, Road.SMTP, days=35)
    desk.clock.move(timedelta(days=2))

    assert glances(desk, roads=("smtp",), up_for=timedelta(minutes=59)) == []
    assert glances(desk, roads=("smtp",), up_for=timedelta(minutes=60)) == ["quiet smtp"]


def test_votes_and_orders_are_no_mail(desk):
    lives_for(desk, Road.WEB, days=35, kind=Happening.VOTE)
    desk.clock.move(timedelta(days=2))

    assert glances(desk, roads=("smtp",)) == []


def test_four_nodes_that_see_the_same_at_the_same_time_tell_it_once(desk):
    """Whoever inserts the row writes the letter."""
    nodes = [desk._open() for _ in range(4)]
    start = Barrier(len(nodes))

    def looks(node):
        start.wait(20)
        return look(node, Seen(mailboxes=DEAD))

    with ThreadPoolExecutor(len(nodes)) as threads:
        seen = list(threads.map(looks, nodes))
    for node in nodes:
        node.desk.close()
        node.spool.close()
    desk.run()

    assert seen == [[f"mailbox {DEAD[0].name}"]] * 4
    assert len(told(desk)) == 1


def test_a_desk_without_pic_raises_the_alarm_all_the_same(open_desk):
    desk = open_desk(pic_addresses=(), pics=())

    assert desk.looks(mailboxes=DEAD) == [f"mailbox {DEAD[0].name}"]
    assert desk.looks(mailboxes=DEAD) == [f"mailbox {DEAD[0].name}"]
    assert desk.sent == []
