"""Structured logs on standard error: readable on a terminal, JSON elsewhere; no bodies, no secrets (T24)."""

from __future__ import annotations

import logging
import os
import sys

import structlog

_CHATTY = ("mail.log", "imapclient", "apscheduler", "uvicorn", "sqlalchemy", "alembic")


_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LEVEL_VARIABLE = "HELPDESK_LOG_LEVEL"
"""The front's and, inherited, the desk worker's level: debug, info (default), warning or error."""


def configure(*, json: bool | None = None) -> None:
    """Set up structlog and quieten the libraries; `json` None: JSON unless standard error is a terminal."""
    level = _LEVELS.get(os.environ.get(LEVEL_VARIABLE, "").lower(), logging.INFO)
    as_json = not sys.stderr.isatty() if json is None else json
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.dict_tracebacks] if as_json else []),
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
