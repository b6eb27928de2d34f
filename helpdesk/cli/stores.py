"""A store that is named on the command line: its url and its password, by the ways of the configuration (T26)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import typer
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from helpdesk.cli.context import fail
from helpdesk.config.secrets import file_problem

URL_VARIABLE = "HELPDESK_COPY_URL"
_KINDS = {"sqlite", "postgresql+psycopg"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`in_words`: the url was typed, where everybody on the computer can read it."""

    url: str
    password_file: Path | None
    password_env: str | None
    in_words: bool


def was_typed(context: typer.Context) -> bool:
    source = context.get_parameter_source("url")
    return source is None or source.name != "ENVIRONMENT"


def target_url(wanted: Wanted, folder: Path) -> str:
    """The url with its password; a relative file is one in `folder`, where the configuration is."""
    try:
        url = make_url(wanted.url)
    except ArgumentError:
        fail(
            'URL: not a database address; write for example "postgresql+psycopg://helpdesk@127.0.0.1/helpdesk"'
        )
    if url.drivername not in _KINDS or not url.database or url.database == ":memory:":
        fail('URL: must begin with "sqlite:///" or "postgresql+psycopg://" and name a database')
    if url.drivername == "sqlite":
        return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)
    if url.password and wanted.in_words:
        fail(
            "URL: a password does not belong on a command line; use --password-file or --password-env, or give "
            f"the whole URL in ${URL_VARIABLE}"
        )
    password = _password(wanted)
    if password is not None:
        url = url.set(password=password)
    return url.render_as_string(hide_password=False)


def as_toml(wanted: Wanted) -> str:
    """What belongs into the configuration, without the password."""
    url = make_url(wanted.url)
    bare = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    lines = ["[store]", f'url = "{bare.render_as_string(hide_password=False)}"']
    if wanted.password_file:
        lines.append(f'password_file = "{wanted.password_file.absolute()}"')
    elif wanted.password_env:
        lines.append(f'password_env = "{wanted.password_env}"')
    elif url.password:
        lines.append('password_file = "..."       # a file of mode 0600 with the password')
    return "\n".join(lines) + "\n"


def _password(wanted: Wanted) -> str | None:
    if wanted.password_file and wanted.password_env:
        fail("--password-env: --password-file is given too; keep one of the two")
    if wanted.password_file:
        if problem := file_problem(wanted.password_file):
            fail(f"{wanted.password_file}: {problem}")
        return wanted.password_file.read_text(encoding="utf-8").strip("\r\n")
    if wanted.password_env:
        if not os.environ.get(wanted.password_env):
            fail(f"--password-env: ${wanted.password_env} is not set")
        return os.environ[wanted.password_env]
    return None
