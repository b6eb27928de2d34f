"""The configuration of one desk: loaded whole and checked, or refused with every finding at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import URL, make_url

from helpdesk.config import remedies
from helpdesk.config.checks import CHECKS, languages
from helpdesk.config.environ import with_overrides
from helpdesk.config.errors import ConfigError, Finding, Source
from helpdesk.config.limits import LimitsTable
from helpdesk.config.policy import policy_of
from helpdesk.config.roads import ImapTable, SendTable, SmtpTable, WebTable, under
from helpdesk.config.root import Root
from helpdesk.config.warnings import warnings_of
from helpdesk.model.policy import Policy
from helpdesk.store.session import spool_url

DEFAULT_FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """`root` holds the tables as they are written; the properties are what the parts of the desk ask for."""

    file: Path
    root: Root = field(repr=False)

    @classmethod
    def load(cls, path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
        """Return the configuration in `path`, else in $HELPDESK_CONFIG, else in config.toml here.

        Raises ConfigError with one line per finding.
        """
        environ = os.environ if environ is None else environ
        path = path or Path(environ.get("HELPDESK_CONFIG") or DEFAULT_FILE)
        data, variables = with_overrides(_read(path), environ, Root.model_fields)
        source = Source(str(path), data, variables)
        context = {"folder": path.absolute().parent, "environ": environ}
        root, findings = _validated(data, context)
        if root:
            findings += [finding for check in CHECKS for finding in check(root)]
        findings += _in_line_password(data, source)
        if findings or root is None:
            raise ConfigError([source.line(finding) for finding in findings])
        return cls(path.absolute(), root)

    def policy(self, today: date) -> Policy:
        """Return what `decide` may know. Holidays are those of last year to three years ahead of `today`."""
        first = self.root.desk.language
        others = [name for name in languages(self.canned_folder) if name != first]
        return policy_of(self.root, (first, *others), self.public_url, today)

    def warnings(self) -> list[str]:
        """Return what works but is probably not meant, one line each."""
        return [f"{self.file.name}: {line}" for line in warnings_of(self.root)]

    @property
    def hostname(self) -> str:
        return self.root.desk.hostname or self.root.desk.address.partition("@")[2]

    @property
    def public_url(self) -> str:
        web = self.root.web
        return self.root.desk.public_url or (f"http://{web.host}:{web.port}" if web else "")

    @property
    def state_folder(self) -> Path:
        return self.root.desk.state

    @property
    def canned_folder(self) -> Path:
        return self.root.desk.canned_responses

    @property
    def desk_url(self) -> str:
        """The database's url, with its password; a relative SQLite path is made absolute."""
        return self._store().render_as_string(hide_password=False)

    @property
    def spool_url(self) -> str:
        """SQLite: a file of its own beside the desk's; PostgreSQL: the same database."""
        return spool_url(self.desk_url)

    @property
    def smtp_listener(self) -> SmtpTable | None:
        return self.root.receive.smtp

    @property
    def imap_accounts(self) -> tuple[ImapTable, ...]:
        return self.root.receive.imap

    @property
    def send(self) -> SendTable:
        return self.root.send

    @property
    def maildir(self) -> Path:
        return under(self.state_folder, self.root.send.maildir, "outgoing")

    @property
    def web(self) -> WebTable | None:
        return self.root.web

    @property
    def limits(self) -> LimitsTable:
        return self.root.limits

    def _store(self) -> URL:
        store = self.root.store
        if store.url is None:
            return URL.create("sqlite", database=str(self.state_folder / "helpdesk.db"))
        url = make_url(store.url)
        if url.drivername == "sqlite":
            return url.set(database=str(self.file.parent / (url.database or "")))
        return url.set(password=store.secret("password")) if store.has_secret("password") else url


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            [f"{path}: {error.strerror}; write one with: helpdesk init, or name another with --config"]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [f"{path}: not TOML: {error}; look for a missing quote or bracket there"]
        ) from error


def _validated(data: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[Root | None, list[Finding]]:
    """Return the tables and what is wrong with them; where a table is wrong, the others for the checks that follow."""
    try:
        return Root.model_validate(data, context=context), []
    except ValidationError as error:
        findings = remedies.findings(Root, error.errors(include_url=False))
    healthy = {
        key: value for key, value in data.items() if key not in {finding.loc[0] for finding in findings}
    }
    try:
        return Root.model_validate(healthy, context=context), findings
    except ValidationError:  # without [desk] nothing else can be judged
        return None, findings


def _in_line_password(data: Mapping[str, Any], source: Source) -> list[Finding]:
    """T26: a password in [store] url is refused, unless the url itself is a variable's."""
    store = data.get("store")
    url = store.get("url") if isinstance(store, Mapping) else None
    if not isinstance(url, str) or ("store", "url") in source.variables:
        return []
    _, at, _ = url.rpartition("@")
    user = url.partition("://")[2].rpartition("@")[0]
    if not (at and ":" in user):
        return []
    return [
        Finding(
            ("store", "url"), "a password does not belong in this file; set password_file or password_env"
        )
    ]
