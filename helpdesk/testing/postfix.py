"""A private, real Postfix for tests: own configuration, queue, data and log in a temporary folder.

The system's Postfix is not touched: nothing is read from or written to its configuration or spool. It
listens on 127.0.0.1 only, keeps mail for `mailboxes` in Maildir folders, sends mail for the domains in
`routes` on by LMTP or SMTP, and knows no other domain. It has to be started by root, because Postfix does.

    with Postfix(mailboxes=["anne@customer.example"], routes={"desk.example": "lmtp:inet:127.0.0.1:8024"}) as mx:
        ...deliver to mx.port...
        assert mx.mails("anne@customer.example")
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from helpdesk.testing import needs

_MAIN = """\
compatibility_level = 3.6
config_directory = {folder}/conf
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = mx.desk.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
local_transport = error:5.1.1 nobody lives here
default_transport = error:5.1.2 there is no way to this domain
smtp_host_lookup = native
disable_dns_lookups = yes
smtpd_peername_lookup = no
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1
relay_domains = {relayed}
transport_maps = inline:{{ {routes} }}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = reject_unauth_destination, permit
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtpd_client_connection_rate_limit = 0
{extra}
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
virtual unix - n n - - virtual
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """`routes`: domain to transport, as `lmtp:inet:127.0.0.1:8024`; `extra`: further lines of main.cf."""

    def __init__(
        self, *, mailboxes: Iterable[str] = (), routes: Mapping[str, str] | None = None, extra: str = ""
    ) -> None:
        needs.root()
        self._postconf = needs.program("postconf")
        self._mailboxes, self._routes, self._extra = tuple(mailboxes), dict(routes or {}), extra
        self._daemons = Path(self._default("daemon_directory"))
        self.port = needs.free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="helpdesk-postfix-"))
        self._master: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Until it says 220 on its port."""
        configuration = str(self.folder / "conf")
        self._master = subprocess.Popen(
            [self._daemons / "master", "-c", configuration, "-d"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until(self._is_up, "answers")

    def stop(self) -> None:
        """Ends the master and its children, by the id of their own process group; mail in the queue stays."""
        if self._master is None:
            return
        group, self._master = self._master, None
        for last_word in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(group.pid, last_word)
            try:
                group.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                continue
        _signal_group(group.pid, signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def mails(self, address: str) -> list[bytes]:
        """What has arrived in this mailbox, oldest first."""
        new = self._maildir(address) / "new"
        files = sorted(new.iterdir(), key=lambda file: file.stat().st_mtime_ns) if new.is_dir() else []
        return [file.read_bytes() for file in files]

    def wait_for_mails(self, address: str, count: int) -> list[bytes]:
        self._wait_until(lambda: len(self.mails(address)) >= count, f"has {count} mails for {address}")
        return self.mails(address)

    def queue_ids(self) -> list[str]:
        """Mail not yet delivered, on its way or deferred."""
        folders = (self.folder / "queue" / name for name in ("incoming", "active", "deferred"))
        return [file.name for folder in folders for file in folder.rglob("*") if file.is_file()]

    def wait_until_empty(self) -> None:
        self._wait_until(lambda: not self.queue_ids(), "has an empty queue")

    @property
    def log(self) -> str:
        file = self.folder / "maillog"
        return file.read_text(errors="replace") if file.exists() else ""

    def _prepare(self) -> None:
        nobody = pwd.getpwnam("nobody").pw_uid
        self.folder.chmod(0o755)  # its daemons run as another user
        for part in ("conf", "queue", "data", "mail"):
            (self.folder / part).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", nobody)
        (self.folder / "conf" / "main.cf").write_text(self._main(nobody))
        (self.folder / "conf" / "master.cf").write_text(_MASTER.format(port=self.port))
        command = [needs.program("postfix"), "-c", str(self.folder / "conf"), "check"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def _main(self, uid: int) -> str:
        boxes = (f"{{{address} = {address}/}}" for address in self._mailboxes)
        return _MAIN.format(
            folder=self.folder,
            commands=self._default("command_directory"),
            daemons=self._daemons,
            domains=" ".join(sorted({address.rpartition("@")[2] for address in self._mailboxes})),
            mailboxes=", ".join(boxes) or "{none@invalid = none/}",
            relayed=" ".join(self._routes),
            routes=", ".join(f"{{{domain} = {route}}}" for domain, route in self._routes.items())
            or "{invalid = discard:}",
            uid=uid,
            extra=self._extra,
        )

    def _default(self, name: str) -> str:
        """As Postfix was built; `-d` reads no configuration."""
        answer = subprocess.run(
            [self._postconf, "-dh", name], check=True, capture_output=True, text=True, timeout=30
        )
        return answer.stdout.strip()

    def _maildir(self, address: str) -> Path:
        return self.folder / "mail" / address

    def _is_up(self) -> bool:
        assert self._master is not None
        if self._master.poll() is not None:
            raise RuntimeError(f"Postfix ended at once:\n{self.log}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                return probe.recv(4) == b"220 "
        except OSError:
            return False

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"in 30 s there was no Postfix that {what}:\n{self.log[-4000:]}")
            time.sleep(0.02)


def _signal_group(group: int, what: signal.Signals) -> None:
    try:
        os.killpg(group, what)
    except ProcessLookupError:
        pass
