"""The upstream misbehaves (MAIL_RULES 5.3) under a whole running desk: every recipient ends rightly, all in order.

Hours are played, not waited for: the clocks of both processes are moved on (helpdesk.testing.clockshim).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from faults_world import STORES, FaultyDesk, Upstream, a_store, config

from helpdesk.testing.clockshim import ClockShim
from helpdesk.testing.daemon import NeverHappened
from helpdesk.testing.mood import How, Mood, Step

HANDS = 4
"""So many letters are on their way at once; as many meet a mood."""
BUSY = "421 4.3.2 going down"
LATER = {
    "421 banner": Mood(banner=BUSY),
    "421 ehlo": Mood(ehlo=BUSY),
    "421 mail": Mood(mail=BUSY),
    "421 rcpt": Mood(rcpt={"*": BUSY}),
    "421 data": Mood(data=BUSY),
    "421 dot": Mood(dot=BUSY),
    "451 mail": Mood(mail="451 4.3.0 later"),
    "450 rcpt": Mood(rcpt={"*": "450 4.2.1 busy"}),
    "greylisting": Mood(rcpt={"*": "451 4.7.1 greylisted"}),
    "452 data": Mood(data="452 4.3.1 disk full"),
    "451 dot": Mood(dot="451 4.3.0 later"),
    "drop at connect": Mood(breaks=Step.BANNER),
    "drop in the body": Mood(breaks=Step.BODY),
    "reset in the body": Mood(breaks=Step.BODY, how=How.RESET),
}
AMBIGUOUS = {
    "drop after the dot": Mood(breaks=Step.DOT),
    "reset after the dot": Mood(breaks=Step.DOT, how=How.RESET),
}
REFUSED = {
    "550 mail": Mood(mail="550 5.7.1 not you"),
    "550 rcpt": Mood(rcpt={"*": "550 5.1.1 no user"}),
    "554 data": Mood(data="554 5.5.1 no"),
    "552 dot": Mood(dot="552 5.3.4 too big"),
}


class Scene:
    """A desk on the shim's clock, and its upstream. `already` are the copies of earlier tests."""

    def __init__(self, desk: FaultyDesk, upstream: Upstream, shim: ClockShim) -> None:
        self.desk, self.upstream, self.shim = desk, upstream, shim

    def asks(self, number: int = 1) -> list[str]:
        subjects = [f"Question {len(self.desk.posted) + n}" for n in range(number)]
        self.desk.hand_in(subjects)
        return subjects

    def time_goes_by_until_quiet(self) -> None:
        """Six minutes at a time; a retry waits five, and longer each time (R68)."""
        for _ in range(30):
            if self._rests_within(2.0):
                return
            self.shim.passes(timedelta(minutes=6))
        raise AssertionError(f"the letters never come to rest:\n{self.desk.log_text()[-5000:]}")

    def _rests_within(self, seconds: float) -> bool:
        """The desk looks at its clocks every second."""
        try:
            self.desk.drains(seconds)
        except NeverHappened:
            return False
        return True

    def doubled(self) -> int:
        return sum(count - 1 for count in self.upstream.copies.values())


@pytest.fixture(scope="module", params=STORES)
def scene(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("desk")
    shim = ClockShim(folder / "shim")
    with (
        Upstream() as upstream,
        a_store(request.param) as store,
        FaultyDesk(folder, config(upstream.port, store=store), environ=shim.environ) as desk,
    ):
        yield Scene(desk, upstream, shim)


def test_all_troubles_that_pass_in_a_row_cost_nobody_a_letter(scene: Scene) -> None:
    """Each letter that is on its way meets another one."""
    meets(scene, [*LATER.values(), *AMBIGUOUS.values()], 3, may_double=len(AMBIGUOUS))


@pytest.mark.chaos
@pytest.mark.parametrize("name", [*LATER, *AMBIGUOUS])
def test_trouble_that_passes_costs_nobody_a_letter(scene: Scene, name: str) -> None:
    """All that are on their way meet the same."""
    meets(scene, [(LATER | AMBIGUOUS)[name]] * HANDS, 1, may_double=HANDS if name in AMBIGUOUS else 0)


def meets(scene: Scene, moods: list[Mood], tickets: int, may_double: int) -> None:
    before = scene.doubled()
    scene.upstream.will_be(*moods)
    scene.asks(tickets)
    scene.time_goes_by_until_quiet()
    sums, doubled = scene.desk.sums(scene.upstream.copies), scene.doubled() - before

    assert (sums.lost, sums.doubled_tickets, sums.wrong) == ([], [], [])
    assert scene.desk.overtaken(scene.upstream.kept) == []
    assert doubled <= may_double, "only where the reply to a dot was lost (P4)"
    assert max(scene.upstream.copies.values()) <= 2


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_ends_those_recipients_and_nobody_else(scene: Scene, name: str) -> None:
    """One letter meets it: it is tried once, the others arrive, PIC or the customer's ticket hear of it."""
    scene.upstream.will_be(REFUSED[name])
    (subject,) = scene.asks()
    scene.time_goes_by_until_quiet()
    ends = scene.desk.rows(
        "SELECT outbox.id, attempts, outbox_recipient.state FROM outbox JOIN outbox_recipient ON letter_id = outbox.id"
        f" JOIN ticket ON ticket.number = outbox.ticket WHERE ticket.subject = '{subject}'"
    )
    refused = {letter for letter, _, state in ends if state == "refused"}

    assert len(refused) == 1
    assert {attempts for _, attempts, _ in ends} == {1}
    assert {state for letter, _, state in ends if letter not in refused} == {"accepted"}
    assert scene.desk.sums(scene.upstream.copies).wrong == []


def test_one_of_two_recipients_is_refused_and_one_put_off(scene: Scene) -> None:
    """P5: the list refuses for good, PIC not yet; each has an end of its own."""
    mood = Mood(rcpt={"milis@lists.example": "550 5.1.1 no list", "pic@desk.example": "450 4.2.1 busy"})
    scene.upstream.will_be(*[mood] * HANDS)
    (subject,) = scene.asks()
    scene.time_goes_by_until_quiet()
    ends = scene.desk.rows(
        "SELECT recipient, outbox_recipient.state FROM outbox JOIN outbox_recipient ON letter_id = outbox.id"
        f" JOIN ticket ON ticket.number = outbox.ticket WHERE ticket.subject = '{subject}'"
    )

    assert {who for who, state in ends if state == "refused"} <= {"milis@lists.example"}
    assert {state for who, state in ends if who == "pic@desk.example"} == {"accepted"}
    assert scene.desk.sums(scene.upstream.copies).wrong == []


def test_a_reply_that_comes_after_590_seconds_still_counts(scene: Scene) -> None:
    """R67: RFC 5321 4.5.3.2.6 grants ten minutes for the reply to the final dot."""
    before = scene.doubled()
    scene.upstream.will_be(Mood(breaks=Step.DOT, how=How.STALL))
    scene.asks()
    scene.desk.until(
        lambda: scene.desk.rows("SELECT count(*) FROM mark", "spool.db") == [(1,)], "a letter in its dot"
    )
    scene.shim.passes(timedelta(seconds=590))
    beats = scene.desk.rows("SELECT count(*) FROM handled")
    scene.asks()
    scene.desk.until(
        lambda: scene.desk.rows("SELECT count(*) FROM handled") > beats, "work going on meanwhile"
    )
    scene.upstream.go_on()
    scene.time_goes_by_until_quiet()

    assert scene.doubled() == before
    assert scene.desk.sums(scene.upstream.copies).wrong == []


def test_no_reply_for_longer_than_ten_minutes_is_tried_again(scene: Scene) -> None:
    before = scene.doubled()
    scene.upstream.will_be(Mood(breaks=Step.DOT, how=How.STALL))
    scene.asks()
    scene.desk.until(
        lambda: scene.desk.rows("SELECT count(*) FROM mark", "spool.db") == [(1,)], "a letter in its dot"
    )
    scene.shim.passes(timedelta(seconds=601))
    scene.time_goes_by_until_quiet()
    scene.upstream.go_on()

    assert scene.doubled() == before + 1
    assert scene.desk.sums(scene.upstream.copies).wrong == []


def test_after_an_outage_of_four_hours_all_is_delivered_once_and_in_order(scene: Scene) -> None:
    before = scene.doubled()
    scene.upstream.close()
    subjects = scene.asks(3)
    scene.desk.until(lambda: set(subjects) <= set(scene.desk.subjects()), "tickets")
    for _ in range(4):
        scene.shim.passes(timedelta(hours=1))
        scene.asks()
    scene.upstream.open()
    scene.time_goes_by_until_quiet()
    sums = scene.desk.sums(scene.upstream.copies)

    assert (sums.lost, sums.doubled_tickets, sums.wrong) == ([], [], [])
    assert scene.doubled() == before
    assert scene.desk.overtaken(scene.upstream.kept) == []
    assert scene.desk.starts == 1


def test_letters_wait_for_a_certificate_that_can_be_trusted(tmp_path: Path) -> None:
    """A wrong certificate: nobody's letter is sent, none is given up; then all come, once."""
    authority, shim = trustme.CA(), ClockShim(tmp_path / "shim")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Upstream(tls=context) as upstream:
        text = config(upstream.port).replace('tls = "none"', 'tls = "starttls"')
        trusting = text.replace("[send]\n", f'[send]\nca_file = "{tmp_path}/ca.pem"\n')
        with FaultyDesk(tmp_path, text, environ=shim.environ) as desk:
            desk.hand_in(["Question 1"])
            desk.until(lambda: desk.log("letter_later"), "trouble")
            assert desk.stop() == 0
            assert not upstream.copies
            desk.file.write_text(trusting)
            desk.start()
            Scene(desk, upstream, shim).time_goes_by_until_quiet()

            sums = desk.sums(upstream.copies)
            assert (sums.bad, sums.doubled_letters) == ([], 0)
