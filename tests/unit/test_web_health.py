"""Hearts: who has not beaten within its limit is named (INTERFACE section 5)."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.web.health import Hearts

MINUTE = timedelta(minutes=1)


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_desk_whose_parts_beat_has_nobody_late() -> None:
    seconds = Seconds()
    hearts = Hearts(seconds)
    hearts.expect("sender", MINUTE)
    seconds.now += 59
    hearts.beat("sender")
    seconds.now += 59

    assert hearts.late() == []


def test_parts_that_stopped_are_named_in_order() -> None:
    seconds = Seconds()
    hearts = Hearts(seconds)
    for name in ("worker", "imap", "sender"):
        hearts.expect(name, MINUTE)
    seconds.now += 61
    hearts.beat("imap")

    assert hearts.late() == ["sender", "worker"]
    assert hearts.late(seconds.now + 61) == ["imap", "sender", "worker"]


def test_what_hangs_by_others_is_late_but_not_stuck() -> None:
    """A new process would mend nothing where the database is away."""
    seconds = Seconds()
    hearts = Hearts(seconds)
    hearts.expect("desk", MINUTE, needs_others=True)
    hearts.expect("link", MINUTE)

    seconds.now += 61
    hearts.beat("link")
    away = hearts.late(), hearts.stuck()
    seconds.now += 61

    assert away == (["desk"], [])
    assert hearts.stuck() == ["link"]


def test_a_part_that_never_beat_is_late_only_after_its_first_limit() -> None:
    seconds = Seconds()
    hearts = Hearts(seconds)
    hearts.expect("worker", MINUTE)
    at_once = hearts.late()
    seconds.now += 61

    assert at_once == []
    assert hearts.late() == ["worker"]


def test_a_part_that_was_stopped_on_purpose_is_not_missed() -> None:
    seconds = Seconds()
    hearts = Hearts(seconds)
    hearts.expect("imap", MINUTE)
    hearts.forget("imap")
    seconds.now += 61
    hearts.beat("a part nobody expects")

    assert hearts.late() == []
