"""`serve` runs the desk, `demo` plays one.

The daemon's parts are imported by the command that needs them: no other waits for them.
"""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption, fail, load, told_plainly
from helpdesk.daemon.loading import loading


def serve(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the desk: listener, mailboxes, timers, sender, web. SIGTERM stops it, SIGHUP reloads."""
    with loading():
        from helpdesk.daemon import logs, serving
        from helpdesk.daemon.front import PartEnded
        from helpdesk.daemon.link import WorkerLost
        from helpdesk.web.server import CannotListen as CannotListenForWeb
        from helpdesk.wire.smtp_server import CannotListen as CannotListenForMail

    with told_plainly():
        loaded = load(context, config)
        logs.configure()
        try:
            asyncio.run(serving.serve(loaded, serving.say_ready))
        except (CannotListenForMail, CannotListenForWeb) as error:
            fail(str(error))
        except WorkerLost as error:
            fail(str(error))
        except PartEnded as error:
            fail(f"the part {error!s} ended by a fault of our own; the log says why. Start the desk again.")


def demo(
    context: typer.Context,  # noqa: ARG001 - every command takes --config; the demo brings its own
    config: ConfigOption = None,  # noqa: ARG001
    once: Annotated[bool, typer.Option("--once", help="Play the conversation, then end.")] = False,
) -> None:
    """Play a whole desk: customers, operators and a PIC, with the procedure's hours as seconds."""
    from helpdesk.cli.demo.stage import play
    from helpdesk.daemon import logs

    os.environ.setdefault(logs.LEVEL_VARIABLE, "error")  # the letters are to be seen, not the log
    logs.configure()
    raise typer.Exit(asyncio.run(play(once=once)))
