"""decide.alarms: which alarms stand, which are over, and what is news (docs/alarms.md)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide.alarms import RULES, standing
from helpdesk.decide.quiet import Span
from helpdesk.decide.seen import MOST, Disk, Facts, FailingDeadline, Mailbox, Waiting
from helpdesk.model.alarms import Alarm, AlarmName, Raised

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GB = 1024**3


def judged(raised=(), **facts):
    verdict = standing(Facts(**facts), raised, JAKARTA, NOW)
    return [alarm.key for alarm in verdict.alarms], [one.alarm.key for one in verdict.over]


def told(name, about="", host="", at=NOW - DAY):
    return Raised(Alarm(AlarmName(name), about, ("said before",), host), at)


def text_of(**facts):
    (alarm,) = standing(Facts(**facts), (), JAKARTA, NOW).alarms
    return alarm.text


def test_each_name_has_one_rule():
    assert len(RULES) == len(AlarmName)


def test_a_desk_in_good_health_raises_nothing():
    healthy = {
        "mailboxes": (Mailbox("help/INBOX", timedelta()), Mailbox("help/Spam", None)),
        "waiting": Waiting(NOW - 59 * MINUTE, 1, "450 later"),
        "disks": (Disk("/var", 3 * GB, GB),),
        "roads": {"smtp": (Span(DAY, 20, (19, 22, 20)),), "imap": ()},
        "deadlines": (FailingDeadline(1, "reminder", "KeyError", NOW - 9 * MINUTE),),
    }

    assert judged(**healthy) == ([], [])


def test_what_stands_and_was_told_is_neither_news_nor_over():
    facts = {"parked": ((3, "ValueError: x"),), "canned": ("a.txt, line 1: wrong",)}
    alarms, _ = judged(**facts)
    raised = [told("parked", "ValueError"), told("canned", "a.txt, line 1: wrong")]

    assert judged(raised, **facts) == (alarms, [])


def test_mails_parked_for_one_kind_of_reason_are_one_alarm():
    rows = ((9, "KeyError: 'x'"), (8, "ValueError: no 8"), (7, "ValueError: no 7"))

    assert judged(parked=rows) == (["parked KeyError", "parked ValueError"], [])
    assert "8, 7" in text_of(parked=rows[1:])


def test_no_parked_alarm_is_over_while_there_are_more_than_are_looked_at():
    rows = tuple((n, "ValueError: x") for n in range(MOST))

    assert judged([told("parked", "KeyError")], parked=rows)[1] == []
    assert judged([told("parked", "KeyError")], parked=rows[1:])[1] == ["parked KeyError"]


MAILBOXES = [
    # failing for, told before?, (alarms, over)
    (14 * MINUTE, False, ([], [])),
    (15 * MINUTE, False, (["mailbox help/INBOX"], [])),
    (15 * MINUTE, True, (["mailbox help/INBOX"], [])),
    (None, True, ([], [])),  # not tried since the start: it stays as it is
    (MINUTE, True, ([], [])),  # fails again since the start
    (timedelta(), True, ([], ["mailbox help/INBOX"])),
]


@pytest.mark.parametrize(("failing_for", "before", "expected"), MAILBOXES)
def test_a_mailbox_that_cannot_be_read_for_a_quarter_of_an_hour(failing_for, before, expected):
    """R62."""
    raised = [told("mailbox", "help/INBOX")] if before else []

    assert judged(raised, mailboxes=(Mailbox("help/INBOX", failing_for, "refused"),)) == expected


def test_a_mailbox_that_is_not_read_any_more_raises_nothing():
    assert judged([told("mailbox", "old/INBOX")]) == ([], ["mailbox old/INBOX"])


def test_a_letter_that_waits_an_hour():
    old = Waiting(NOW - HOUR, 17, "450 4.2.0 later")

    assert judged(waiting=old) == (["outbox_old"], [])
    assert judged([told("outbox_old")], waiting=None) == ([], ["outbox_old"])
    assert "17 waits since 2026-03-02 15:00, for 60 min" in text_of(waiting=old)
    assert "450 4.2.0 later" in text_of(waiting=old)


QUIET = (Span(HOUR, 0, (2, 3, 2)), Span(DAY, 0, (30, 31, 30, 29)))


def test_a_quiet_road_says_the_figures():
    text = text_of(roads={"smtp": QUIET})

    assert "By SMTP: 0 mails in the last 24 h" in text
    assert "4 weeks before (the latest first): 30, 31, 30, 29" in text


QUIET_SINCE = [
    # raised how long ago, spans, does it stand still?
    (HOUR, (), True),
    (3 * HOUR, (Span(HOUR, 0, (4, 4, 4)),), True),
    (3 * HOUR, (Span(HOUR, 1, (4, 4, 4)),), True),
    (3 * HOUR, (Span(HOUR, 2, (4, 4, 4)),), False),
    (2 * HOUR, (Span(3 * HOUR, 9, (9, 9, 9)),), True),  # perhaps all from before the silence
    (9 * DAY, (Span(7 * DAY, 0, (1, 0, 0)),), False),  # nobody misses it any more
]


@pytest.mark.parametrize(("ago", "spans", "stands"), QUIET_SINCE)
def test_a_quiet_road_is_over_when_half_the_usual_mail_has_come_since(ago, spans, stands):
    raised = [told("quiet", "smtp", at=NOW - ago)]

    assert judged(raised, roads={"smtp": spans}) == ((["quiet smtp"], []) if stands else ([], ["quiet smtp"]))


def test_a_road_that_was_closed_is_not_missed():
    assert judged([told("quiet", "imap")], roads={"smtp": ()}) == ([], ["quiet imap"])


DISKS = [
    # free, told before?, alarms
    (2.1, (), []),
    (1.9, (), ["disk /var"]),
    (2.4, ("/var",), ["disk /var"]),  # the bound to clear is higher: no letter for each hundred MB to and fro
    (2.6, ("/var",), []),
    (0.9, ("/var",), ["disk /var", "disk /var full"]),  # no mail is taken: that is news
]


@pytest.mark.parametrize(("free", "before", "alarms"), DISKS)
def test_a_disk_that_is_nearly_full(free, before, alarms):
    raised = [told("disk", about) for about in before]

    assert judged(raised, disks=(Disk("/var", int(free * GB), GB),))[0] == alarms


def test_only_a_node_of_its_computer_says_that_a_disk_has_room_again():
    raised = [told("disk", "web1:/var", host="web1")]
    roomy = (Disk("/var", 9 * GB, GB),)

    assert judged(raised, host="web2", hosts=frozenset({"web1", "web2"}), disks=roomy) == ([], [])
    assert judged(raised, host="web1", hosts=frozenset({"web1", "web2"}), disks=roomy)[1] == [
        "disk web1:/var"
    ]
    assert judged(raised, host="web2", hosts=frozenset({"web2"}), disks=roomy)[1] == ["disk web1:/var"]


def test_a_canned_response_broken_on_several_computers_is_one_alarm():
    raised = [told("canned", "a.txt, line 1: wrong", host="web1")]
    hosts = frozenset({"web1", "web2"})

    assert judged(raised, host="web2", hosts=hosts, canned=("a.txt, line 1: wrong",)) == (
        ["canned a.txt, line 1: wrong"],
        [],
    )
    assert judged(raised, host="web2", hosts=hosts) == ([], [])
    assert judged(raised, host="web1", hosts=hosts)[1] == ["canned a.txt, line 1: wrong"]


def test_deadlines_that_fail_alike_are_one_alarm():
    since = NOW - 10 * MINUTE
    failing = tuple(FailingDeadline(n, "reminder", "KeyError", since) for n in range(1, 13))

    assert judged(deadlines=failing) == (["deadline reminder KeyError"], [])
    assert "ticket 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more" in text_of(deadlines=failing)
    assert judged([told("deadline", "reminder KeyError")]) == ([], ["deadline reminder KeyError"])


def test_a_very_long_problem_has_a_short_key():
    one, other = (Alarm(AlarmName.CANNED, "x" * 5000 + end, ()) for end in "ab")

    assert len(one.key) < 400
    assert one.key != other.key
