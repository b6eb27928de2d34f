"""Starts the desk, plays the story beside it, tells how it ended, and stays up for the user to join."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from helpdesk.cli.demo import cast as casting
from helpdesk.cli.demo import ending, setting, story
from helpdesk.cli.demo.cast import Cast
from helpdesk.cli.demo.printer import Printer
from helpdesk.cli.demo.setting import Setting
from helpdesk.daemon.front import Front
from helpdesk.testing.patience import StoryBroke, until
from helpdesk.testing.players import Town


async def play(*, once: bool) -> int:
    """Return 0 when the story came true, 1 when it did not or was interrupted."""
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    printer = Printer()
    printer.tell("Starting a desk: listener, desk worker, timers, sender, survey page.")
    with tempfile.TemporaryDirectory(prefix="helpdesk-demo-") as folder:
        place = setting.build(Path(folder))
        town = Town(
            place.smtp_port, place.outgoing, setting.ADDRESS, list_address=setting.LIST, seen=printer.show
        )
        players = casting.gather(town, printer.tell)
        printer.names = casting.names(town)
        async with _running(place) as front, _carried(town):
            came_true = await _unless(interrupted, _perform(players, printer, front))
            if came_true is not None and not once:
                setting.slow_down(place)
                await front.reload()
                _invite(place, printer)
                await interrupted.wait()
    return 0 if came_true else 1


async def _perform(cast: Cast, printer: Printer, front: Front) -> bool:
    """Play all acts; return whether the story came true."""
    problems: list[str] = []
    try:
        await _acts(cast, printer)
        await until(lambda: _is_over(front), "the votes never came into the books")
    except* StoryBroke as broken:
        problems.extend(str(one) for one in broken.exceptions)
    record = await asyncio.to_thread(ending.read, front.desk, front.spool)
    problems += ending.untrue(cast, record)
    printer.table(ending.summary(cast, record, printer.seconds))
    if problems:
        printer.lines(["", "The story did not come true:", *(f"- {problem}" for problem in problems)])
    else:
        printer.lines(["", "Every letter came as the procedure says."])
    return not problems


async def _acts(cast: Cast, printer: Printer) -> None:
    printer.act("Anne asks, and is helped")
    await story.anne_is_helped(cast)
    printer.act("A stranger tries to send through the desk")
    printer.tell(f"Refused: {await story.a_stranger_is_refused(cast)}")
    printer.act("Emil is answered and stays silent; Farah's operator lets the time run out")
    async with asyncio.TaskGroup() as both:
        both.create_task(story.emil_is_silent(cast))
        both.create_task(story.farah_waits_too_long(cast))


async def _is_over(front: Front) -> bool:
    record = await asyncio.to_thread(ending.read, front.desk, front.spool)
    return record.is_over


def _invite(place: Setting, printer: Printer) -> None:
    printer.act("The desk stays up: join with your own mail program (Ctrl-C ends it)")
    printer.lines(
        [
            f"write to            {setting.ADDRESS}, by SMTP to 127.0.0.1 port {place.smtp_port}, without login",
            f"letters land in     {place.outgoing} (a Maildir), and are shown here",
            f"survey page         {place.page}/survey/ and the key in a survey letter",
            f"configuration       {place.file}; the desk's hours are minutes now",
            f"look into it        helpdesk tickets --config {place.file}",
            "be an operator      reply as bart@staff.example, cate@... or gita@... to what they get",
        ]
    )


@asynccontextmanager
async def _running(place: Setting) -> AsyncIterator[Front]:
    """The desk, listening; stopped in the end as SIGTERM stops it."""
    ready = asyncio.Event()
    front = Front(place.config, ready.set)
    desk = asyncio.create_task(front.run(), name="desk")
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({desk, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if desk.done():
        desk.result()
    try:
        yield front
    finally:
        front.stop()
        await desk


@asynccontextmanager
async def _carried(town: Town) -> AsyncIterator[None]:
    """The post is carried; trouble on its way ends the demo."""
    carrying = asyncio.create_task(town.run(), name="post")
    try:
        yield
    finally:
        # a cancellation that meets an answer is swallowed by wait_for, which speaks SMTP here (CPython gh-86296)
        while not carrying.done():
            carrying.cancel()
            await asyncio.wait({carrying}, timeout=1)
        with suppress(asyncio.CancelledError):
            await carrying


async def _unless(interrupted: asyncio.Event, performance: Coroutine[None, None, bool]) -> bool | None:
    """The result of the performance; None when it was interrupted."""
    playing = asyncio.create_task(performance)
    waiting = asyncio.create_task(interrupted.wait())
    await asyncio.wait({playing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if playing.done():
        return playing.result()
    playing.cancel()
    return None
