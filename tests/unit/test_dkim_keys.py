"""[trust] check_dkim: what the DNS may cost. Its clock is played."""

import pytest
from structlog.testing import capture_logs

from helpdesk.testing.signing_domain import Dns
from helpdesk.wire.dkim_keys import (
    KEPT,
    LONGEST,
    PAUSE,
    PER,
    QUESTIONS,
    SECONDS,
    SHORTEST,
    Answer,
    DkimKeys,
    DnsTimeout,
)

NAME = b"s1._domainkey.staff.example."


class Ticks:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def dns():
    return Dns(known=b"key")


@pytest.fixture
def keys(dns, ticks):
    return DkimKeys(dns, ticks)


@pytest.mark.parametrize("name", [b"known", b"unknown"])
def test_an_answer_is_kept_also_that_there_is_none(keys, dns, ticks, name):
    first = keys()(name)
    ticks.now += dns.ttl - 1

    assert keys()(name) == first
    assert len(dns.asked) == 1


@pytest.mark.parametrize(("ttl", "kept"), [(0, SHORTEST), (500, 500), (10**9, LONGEST)])
def test_no_shorter_and_no_longer_than_is_good(keys, dns, ticks, ttl, kept):
    dns.ttl = ttl
    keys()(b"known")
    ticks.now += kept - 1
    keys()(b"known")
    ticks.now += 2
    keys()(b"known")

    assert len(dns.asked) == 2


def test_only_so_many_answers_are_kept(keys, dns, ticks):
    for number in range(KEPT + 1):
        ticks.now += 5
        keys()(b"%d" % number)
        dns.ttl = LONGEST
    keys()(b"0")

    assert dns.asked.count("0") == 2


def test_after_a_timeout_nobody_is_asked_for_five_minutes_and_it_is_said_once(keys, dns, ticks):
    dns.fails = DnsTimeout()
    with capture_logs() as logs:
        answers = [keys()(NAME), keys()(b"known")]
        ticks.now += PAUSE - 1
        answers.append(keys()(NAME))

    assert answers == [None, None, None]
    assert len(dns.asked) == 1
    assert [line["action"] for line in logs] == ["dns_silent"]


def test_then_it_is_asked_again(keys, dns, ticks):
    dns.fails = DnsTimeout()
    keys()(NAME)
    ticks.now += PAUSE
    dns.fails = None

    assert keys()(NAME) is not None


def test_while_it_is_silent_what_is_known_is_known(keys, dns):
    keys()(b"known")
    dns.fails = DnsTimeout()
    keys()(NAME)

    assert keys()(b"known") == b"key"


def test_all_keys_of_one_mail_share_two_seconds(ticks):
    given = []

    def slow(name, seconds):
        given.append(seconds)
        ticks.now += 1.5
        return Answer(None)

    of_mail = DkimKeys(slow, ticks)()
    of_mail(b"a"), of_mail(b"b"), of_mail(b"c")

    assert given == [SECONDS, SECONDS - 1.5]


def test_so_many_questions_a_minute(keys, dns, ticks):
    for number in range(QUESTIONS + 5):
        keys()(b"%d" % number)
    asked = len(dns.asked)
    ticks.now += PER
    keys()(b"one more")

    assert (asked, len(dns.asked)) == (QUESTIONS, QUESTIONS + 1)
