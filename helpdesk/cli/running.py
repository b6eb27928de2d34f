"""`serve` runs the desk, `demo` plays one."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption, fail, load, told_plainly
from helpdesk.daemon import front, logs
from helpdesk.daemon.link import WorkerLost
from helpdesk.web.server import CannotListen as CannotListenForWeb
from helpdesk.wire.smtp_server import CannotListen as CannotListenForMail


def serve(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the desk: listener, mailboxes, timers, sender, web. SIGTERM stops it, SIGHUP reloads."""
    logs.configure()
    with told_plainly():
        loaded = load(context, config)
        try:
            asyncio.run(front.serve(loaded, front.say_ready))
        except (CannotListenForMail, CannotListenForWeb) as error:
            fail(str(error))
        except WorkerLost:
            fail("the desk worker did not start; its own message stands above")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the conversation, then end.")] = False,
) -> None:
    """Play a whole desk: customers, operators and a PIC, with the procedure's hours as seconds."""
    from helpdesk.cli.demo import play

    logs.configure(level=40)
    sys.exit(asyncio.run(play(once=once)))
