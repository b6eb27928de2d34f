"""From the configuration to the objects of the desk: stores and roads. What the worker works with: `workplace`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.config import Config, load_or_make_secret
from helpdesk.config.limits import LimitsTable
from helpdesk.config.roads import ImapTable
from helpdesk.daemon import crash
from helpdesk.daemon.limits import Limits
from helpdesk.deliver.maildir import MaildirTransport
from helpdesk.deliver.settings import SmtpSettings, Tls
from helpdesk.deliver.smtp_client import SmtpTransport
from helpdesk.flow.attempt import Transport
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Signer
from helpdesk.store import identity
from helpdesk.store.backup import switching
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


def database(url: str) -> Database:
    """A desk's or a spool's; one that tells its commits where a test wants this process to die at one."""
    passed = crash.points()
    return Database(url, passed=passed) if passed else Database(url)


def databases(config: Config, *, new_secret: bool = False) -> tuple[Database, Database]:
    """Spool and desk of this desk and no other, brought to the newest schema. Raises StoreError.

    `new_secret`: the desk's secret was changed on purpose.
    """
    state = config.state_folder
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    spool, desk = Database(config.spool_url), Database(config.desk_url)
    switching.finish(state, desk)
    identity.require_no_loss(spool, desk, state)
    upgrade(spool, "spool")
    upgrade(desk, "desk")
    identity.confirm(spool, desk, state, load_or_make_secret(state), new_secret=new_secret)
    return spool, desk


def signer(config: Config) -> Signer:
    secret, limits = load_or_make_secret(config.state_folder), config.limits
    return Signer(secret, config.root.desk.address, limits.reply_address_for, limits.survey_link_for)


def waits(config: Config) -> Limits:
    table = config.limits
    return Limits(
        wall=table.worker_wall.total_seconds(),
        lease=table.lease.total_seconds(),
        heartbeat=table.heartbeat.total_seconds(),
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


def transport(config: Config) -> Transport:
    """What the configuration says, mined where a test wants this process to die at a dot."""
    passed, plain = crash.points(), plain_transport(config)
    return crash.MinedTransport(plain, passed) if passed else plain


def plain_transport(config: Config) -> SmtpTransport | MaildirTransport:
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
    table, limits = config.smtp_listener, config.limits
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
        max_errors=limits.errors,
        max_line=limits.line,
        max_hops=limits.hops,
        mails_per_minute=limits.mails_per_minute,
        own_servers=limits.own_servers,
        proxies=table.proxies,
        min_rate=limits.data_rate,
        transfer_for=limits.data_for,
        folder=config.state_folder,
    )


def web_settings(config: Config) -> WebSettings | None:
    table = config.web
    if table is None:
        return None
    return WebSettings(table.host, table.port, table.metrics_for_all, table.trusted_proxies)


def imap_account(table: ImapTable, limits: LimitsTable) -> ImapAccount:
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
        idle=limits.idle,
        full_scan=limits.full_scan,
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
