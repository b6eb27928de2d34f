"""A private Dovecot for tests: own configuration and mail in one folder, 127.0.0.1, a free port, ended by its pid.

Runs as root or as a user, needs nothing of the machine's own Dovecot but the program. Understands
the configuration language of Dovecot 2.3 (Debian 12).
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from helpdesk.testing import needs

PASSWORD = "correct-horse-27"
PATIENCE = 20.0

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
mail_uid = {mail_user}
mail_gid = {mail_group}
first_valid_uid = 0
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
imap_capability = {capability}
auth_failure_delay = 0
imap_idle_notify_interval = 60 s
maildir_very_dirty_syncs = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
{tls}
"""
_TLS = "ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n"


class Dovecot:
    """`with Dovecot() as server:` starts it, and in the end stops it and removes its folder.

    `stop()` and `start()` in between keep what was delivered.

    `username` may be changed at any time: every name is an account with an empty mailbox and the same PASSWORD.
    `capability` replaces what the server announces (`without("MOVE", "UIDPLUS")`), '' keeps Dovecot's own.
    `cert` and `key` are PEM files; with them STARTTLS and the implicit `tls_port` work.
    """

    def __init__(self, *, cert: Path | None = None, key: Path | None = None) -> None:
        self.program = needs.program("dovecot")
        # not in pytest's folder: each pytest run closes that for the user to whom the mail belongs
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self.username = "help"
        self.port = needs.free_port()
        self.tls_port = needs.free_port() if cert else 0
        self.capability = ""
        self._tls = _TLS.format(cert=cert, key=key) if cert else "ssl = no"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Dovecot:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Return when the server answers."""
        for name in ("run", "mail"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_config()
        self._process = subprocess.Popen(
            [self.program, "-F", "-c", str(self._config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(self._answers, f"Dovecot to answer (its log: {self.folder}/dovecot.log)")

    def stop(self) -> None:
        """End the server and every session in it (the master takes its children along)."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, folder: str = "INBOX") -> Any:
        """Another mail program: logged in, with the folder selected."""
        client: Any = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=PATIENCE)
        client.login(self.username, PASSWORD)
        client.select_folder(folder)
        return client

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        """Put a mail into the folder as a mail system would: written aside, then renamed into `new`."""
        box = self.mailbox(folder)
        with self.client(folder):  # lets Dovecot make the folder with its own owner
            pass
        name = f"{time.time_ns()}.{os.getpid()}.desk"
        aside = box / "tmp" / name
        aside.write_bytes(raw)
        shutil.copystat(box / "new", aside)
        aside.chmod(0o600)
        if os.geteuid() == 0:
            owner = (box / "new").stat()
            os.chown(aside, owner.st_uid, owner.st_gid)
        aside.rename(box / "new" / name)

    def mailbox(self, folder: str = "INBOX") -> Path:
        home = self.folder / "mail" / self.username
        return home if folder == "INBOX" else home / f".{folder}"

    def forget_uids(self) -> None:
        """Stop, throw away Dovecot's notes on the mailbox and start: a new UIDVALIDITY, UIDs from 1 again."""
        self.stop()
        for name in ("dovecot-uidlist", "dovecot-uidvalidity"):
            (self.mailbox() / name).unlink(missing_ok=True)
        for index in self.mailbox().glob("dovecot*index*"):
            index.unlink()
        for mark in self.mailbox().glob("dovecot-uidvalidity.*"):
            mark.unlink()
        self.start()

    def without(self, *names: str) -> str:
        """What this server announces, less the names: a value for `capability`."""
        with self.client() as client:
            words = [word.decode() for word in client.capabilities()]
        return " ".join(word for word in words if word not in names)

    @property
    def _config(self) -> Path:
        return self.folder / "dovecot.conf"

    def _write_config(self) -> None:
        me = pwd.getpwuid(os.geteuid())
        as_root = me.pw_uid == 0
        mail = pwd.getpwnam("nobody") if as_root else me
        if as_root:
            for folder in (self.folder, self.folder / "mail"):
                os.chown(folder, mail.pw_uid, mail.pw_gid)
        self._config.write_text(
            _CONFIG.format(
                folder=self.folder,
                port=self.port,
                tls_port=self.tls_port,
                password=PASSWORD,
                capability=self.capability,
                mail_user=mail.pw_uid,
                mail_group=mail.pw_gid,
                internal_user="dovecot" if as_root else me.pw_name,
                internal_group="dovecot" if as_root else grp.getgrgid(me.pw_gid).gr_name,
                login_user="dovenull" if as_root else me.pw_name,
                tls=self._tls,
            ),
            "utf-8",
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(4) == b"* OK"
        except OSError:
            return False


def wait_until(is_true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Return when `is_true()`; after `patience` seconds raise, saying what was waited for."""
    end = time.monotonic() + patience
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        time.sleep(0.02)
