"""The whole sending way, from the outbox to a post office in every mood: nobody is lost, hardly anybody doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from send_world import World, a_world

from helpdesk.deliver.smtp_client import SmtpSettings, SmtpTransport, Timeouts
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater
from helpdesk.testing.letter_box import LetterBox
from helpdesk.testing.moods import ANNE, BART, CATALOGUE, Expected
from helpdesk.testing.post_office import Mood, PostOffice, Step

QUICK = Timeouts(connect=2, banner=1, command=0.3, data=0.3, block=0.3, dot=0.3, before_dot=5, quit=0.3)


async def send_all(world: World, office: PostOffice, rounds: int = 4) -> None:
    """Try, with an hour between, until nothing is left to try."""
    transport = world.box = SmtpTransport(SmtpSettings("127.0.0.1", office.port, timeouts=QUICK))
    world.start_again()
    for _ in range(rounds):
        await world.sender.run_once()
        world.pass_time(hours=1)
    await transport.close()


@pytest.mark.parametrize("mood", CATALOGUE, ids=lambda mood: mood.name)
def test_after_every_mood_each_recipient_has_one_letter_or_is_known_as_refused(
    tmp_path: Path, mood: Expected
) -> None:
    """P4, P5: two copies only where the reply to the dot was lost."""

    async def play(world: World) -> Counter[tuple[str, str]]:
        async with PostOffice([mood.mood]) as office:
            await send_all(world, office)
            return Counter(office.copies)

    with a_world(tmp_path) as world:
        world.queue(ANNE, BART)
        copies = asyncio.run(play(world))
        lost = {settled.recipient for settled in world.office.lost}

    for who, end in ((ANNE, mood.anne), (BART, mood.bart)):
        in_the_dot = mood.mood.breaks is Step.DOT
        assert (who in lost) == (end is Refused)
        assert copies[who, "<1@desk.example>"] == (0 if end is Refused else 2 if in_the_dot else 1)


def test_repeated_copies_are_the_same_bytes(tmp_path: Path) -> None:
    """P3: so that a receiver can drop the second."""

    async def play(world: World) -> set[bytes]:
        async with PostOffice([Mood(breaks=Step.DOT)]) as office:
            await send_all(world, office)
            return {kept.raw for kept in office.letters}

    with a_world(tmp_path) as world:
        world.queue(ANNE)

        assert len(asyncio.run(play(world))) == 1


class DownUntil(LetterBox):
    """A host that is away until an instant."""

    def __init__(self, world: World, seconds: float) -> None:
        super().__init__()
        self._world, self._until = world, world.now.timestamp() + seconds

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        if self._world.now.timestamp() < self._until:
            self.attempts.append(letter)
            return dict.fromkeys(letter.recipients, TryLater("cannot connect", host_down=True))
        return await super().deliver(letter, before_dot)


def test_after_an_outage_of_four_hours_all_letters_go_out_once(tmp_path: Path) -> None:
    """5.3: and the host was not asked more than every five minutes or so."""

    async def play(world: World) -> None:
        for _ in range(6 * 60):
            await world.sender.run_once()
            world.pass_time(minutes=1)

    with a_world(tmp_path) as world:
        for number in range(20):
            world.queue(ANNE, number=number)
        world.box = DownUntil(world, 4 * 3600)
        world.start_again()
        asyncio.run(play(world))

        assert world.states() == ["sent"] * 20
        assert Counter(one.subject for one in world.box.posted).most_common(1)[0][1] == 1
        assert len(world.box.attempts) - 20 < 4 * 60 / 5 + 10


def test_a_letter_that_never_goes_through_ends_after_five_days_and_is_told(tmp_path: Path) -> None:
    """R68, R70: never for ever."""

    async def play(world: World) -> None:
        for _ in range(6 * 24):
            await world.sender.run_once()
            world.pass_time(hours=1)

    with a_world(tmp_path) as world:
        world.queue(ANNE, BART)
        world.box.will(*[{BART: TryLater("450 4.2.2 mailbox full")}] * 1000)
        asyncio.run(play(world))

        assert world.states() == ["failed"]
        assert [(lost.recipient, lost.gave_up) for lost in world.office.lost] == [(BART, True)]
        assert isinstance(world.office.settled[0][1][ANNE], Accepted)
        assert len(world.box.mails_to(ANNE)) == 1
