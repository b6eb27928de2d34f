"""Structured logs on standard error: readable on a terminal, JSON elsewhere; no bodies, no secrets (T24).

One line per event with `action=`. The message ids of our own letters are shown without their signature: with
it, they prove who writes. What goes wrong is told by its kinds and places: the words of an error may
quote the mail it stumbled over, or a password. What libraries log comes the same way, without its values.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_CHATTY = ("mail.log", "imapclient", "apscheduler", "uvicorn", "sqlalchemy", "alembic")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LEVEL_VARIABLE = "HELPDESK_LOG_LEVEL"
"""The front's and, inherited, the desk worker's level: debug, info (default), warning or error."""
_SIGNATURE = re.compile(r"(?<=\.[0-9a-f]{32})\.[a-z2-7]{16}(?=@)")
_PLACES = 12
_LONGEST_EVENT = 200


def configure(*, json: bool | None = None) -> None:
    """Set up structlog and quieten the libraries; `json` None: JSON unless standard error is a terminal."""
    level = _LEVELS.get(os.environ.get(LEVEL_VARIABLE, "").lower(), logging.INFO)
    as_json = not sys.stderr.isatty() if json is None else json
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    root = logging.getLogger()
    if not any(isinstance(handler, _Bridge) for handler in root.handlers):
        root.addHandler(_Bridge())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_errors_by_kind,
            hide_signatures,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # a line is one write: who is killed in mid-line must not spoil the other process's next one
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def tell_errors_by_kind(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: `exc_info` becomes `error`, its kinds, and `at`, the way there (T24)."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is None and info:
        error = sys.exc_info()[1]
    if error is not None:
        event["error"] = " from ".join(type(cause).__name__ for cause in _causes(error))
        event["at"] = [_place(frame) for frame in traceback.extract_tb(error.__traceback__)[-_PLACES:]]
    return event


def hide_signatures(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: whoever reads the log must not be able to answer as an operator (T24)."""
    if isinstance(event.get("message_id"), str):
        event["message_id"] = _SIGNATURE.sub("", event["message_id"])
    return event


def _causes(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    return chain


def _place(frame: traceback.FrameSummary) -> str:
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"


class _Bridge(logging.Handler):
    """The libraries' own log records, one line each: the pattern of the message without what was put in."""

    def emit(self, record: logging.LogRecord) -> None:
        pattern = str(record.msg).partition("\n")[0][:_LONGEST_EVENT]
        details: dict[str, Any] = {"action": "library", "logger": record.name}
        if record.exc_info:
            details["exc_info"] = record.exc_info
        structlog.get_logger().log(record.levelno, pattern, **details)
