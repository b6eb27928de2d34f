"""From the configuration to the objects of the desk; used by both processes and by the command line."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.config import Config, load_or_make_secret
from helpdesk.config.roads import ImapTable
from helpdesk.deliver.maildir import MaildirTransport
from helpdesk.deliver.settings import SmtpSettings, Tls
from helpdesk.deliver.smtp_client import SmtpTransport
from helpdesk.flow.workshop import Workshop
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Signer
from helpdesk.render.canned import Library
from helpdesk.store.lock import FileLock
from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.web.settings import WebSettings
from helpdesk.wire.imap_account import ImapAccount, OAuth2
from helpdesk.wire.smtp_settings import ListenerSettings


def load(config_file: Path | None) -> Config:
    """Read and check the configuration. Raises ConfigError with every finding."""
    return Config.load(config_file)


def policy(config: Config) -> Policy:
    return config.policy(datetime.now(UTC).date())


def library(config: Config, rules: Policy) -> Library:
    return Library(config.canned_folder, rules)


def databases(config: Config) -> tuple[Database, Database]:
    """Spool and desk, brought to the newest schema. Raises StoreError."""
    config.state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    spool, desk = Database(config.spool_url), Database(config.desk_url)
    upgrade(spool, "spool")
    upgrade(desk, "desk")
    return spool, desk


def signer(config: Config) -> Signer:
    return Signer(load_or_make_secret(config.state_folder), config.root.desk.address)


def workshop(config: Config, clock: Callable[[], datetime]) -> Workshop:
    """What intake and ring work with. The databases must be at the newest schema already."""
    rules = policy(config)
    return Workshop(
        spool=Database(config.spool_url),
        desk=Database(config.desk_url),
        policy=rules,
        library=library(config, rules),
        signer=signer(config),
        clock=clock,
        random_hex=lambda: secrets.token_hex(16),
        chance=random.random,
        retry_for=config.send.retry_for,
    )


@contextmanager
def sole_writer(database: Database, timeout: float) -> Iterator[None]:
    """Hold the lock of a SQLite file (P13); a server needs none. Raises AlreadyRunning."""
    if database.path is None:
        yield
        return
    lock = FileLock(f"{database.path}.lock")
    lock.acquire(timeout)
    try:
        yield
    finally:
        lock.release()


def transport(config: Config) -> SmtpTransport | MaildirTransport:
    send = config.send
    if send.transport == "maildir":
        return MaildirTransport(config.maildir)
    return SmtpTransport(
        SmtpSettings(
            host=send.host,
            port=send.port,
            tls=Tls(send.tls),
            username=send.username,
            password=send.password(),
            local_hostname=config.hostname,
            ca_file=send.ca_file,
        )
    )


def listener_settings(config: Config) -> ListenerSettings | None:
    table = config.smtp_listener
    if table is None:
        return None
    return ListenerSettings(
        host=table.host,
        port=table.port,
        protocol=table.protocol,
        hostname=config.hostname,
        max_size=table.max_size,
        tls_cert=table.tls_cert,
        tls_key=table.tls_key,
        require_tls=table.require_tls,
        max_sessions=table.max_sessions,
        max_sessions_per_ip=table.max_sessions_per_ip,
        idle_timeout=table.idle_timeout,
        max_recipients=table.max_recipients,
    )


def web_settings(config: Config) -> WebSettings | None:
    table = config.web
    if table is None:
        return None
    return WebSettings(table.host, table.port, table.metrics_for_all, table.trusted_proxies)


def imap_account(table: ImapTable) -> ImapAccount:
    return ImapAccount(
        name=table.name,
        host=table.host,
        port=table.port,
        tls=table.tls,
        username=table.username,
        password=None if table.oauth2 else table.password,
        oauth2=_oauth2(table),
        folders=table.folders,
        poll=table.poll,
        after=table.after,
        max_size=table.max_size,
    )


def _oauth2(table: ImapTable) -> OAuth2 | None:
    grant = table.oauth2
    if grant is None:
        return None
    return OAuth2(
        token_url=grant.token_url,
        client_id=grant.client_id,
        client_secret=lambda: grant.secret("client_secret"),
        refresh_token=lambda: grant.secret("refresh_token"),
        scope=grant.scope,
    )
