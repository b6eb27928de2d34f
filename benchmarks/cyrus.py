"""A private Cyrus IMAP for benchmarks: it tells a client in IDLE at once, where Dovecot waits for half a second.

Own configuration and mail in one folder, 127.0.0.1, a free port, ended by its pid or by the end of the thread that
started it. Runs as Debian's user `cyrus` when root starts it, else as whoever does.

Debian installs either cyrus-imapd or dovecot-imapd, one throws the other out, and the tests need Dovecot. So what both
may share is installed (`cyrus-common`, Cyrus 3.6), and the other package is only unpacked, anew for each server.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from helpdesk.testing import needs
from helpdesk.testing.dovecot import PASSWORD, PATIENCE, wait_until

REMEDY = "as root: apt-get install --no-install-recommends cyrus-common, then systemctl disable cyrus-imapd"
_UNPACK = """\
apt-get download cyrus-imapd=$(dpkg-query --show --showformat '${Version}' cyrus-common) && dpkg -x cyrus-imapd_*.deb .
"""

# any password is right: nothing but this machine reaches the port, and nothing but the benchmark's mail lies here
_IMAPD = """\
configdirectory: {folder}
partition-default: {folder}/mail
defaultpartition: default
cyrus_user: {user}
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
autocreate_quota: 0
"""
# each program is told of the configuration: without that it takes /etc/imapd.conf, whatever the master was told
_MASTER = """\
START {{
  recover cmd="ctl_cyrusdb -C {imapd} -r"
}}
DAEMON {{
  idled cmd="{programs}/idled -C {imapd}"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {imapd}" listen="127.0.0.1:{port}" prefork=1
}}
"""


class NotInstalled(Exception):
    """Cyrus IMAP cannot be had here; the message says why, and the remedy."""


class Cyrus:
    """`with Cyrus() as server:` starts it, and in the end stops it and removes its folder.

    `username` may be changed at any time: every name is an account with an empty mailbox. Raises NotInstalled.
    """

    def __init__(self) -> None:
        master = needs.find("cyrmaster")
        if master is None:
            raise NotInstalled(f"cyrus-common is not installed: {REMEDY}")
        self._master = master
        self.folder = Path(tempfile.mkdtemp(prefix="cyrus-"))
        self.username = "help"
        self.port = needs.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cyrus:
        try:
            self._programs = self._unpack()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, folder: str = "INBOX") -> Any:
        """Another mail program: logged in, with the folder selected; nothing that it sends waits for an ACK."""
        client: Any = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=PATIENCE)
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(self.username, PASSWORD)
        client.select_folder(folder)
        return client

    def _unpack(self) -> Path:
        done = subprocess.run(
            _UNPACK, shell=True, cwd=self.folder, check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise NotInstalled(f"cyrus-imapd cannot be unpacked: {done.stderr.strip()}")
        return self.folder / "usr/lib/cyrus/bin"

    def _start(self) -> None:
        """Return when the server answers and can tell at once."""
        as_root = os.geteuid() == 0
        user = pwd.getpwnam("cyrus") if as_root else pwd.getpwuid(os.geteuid())
        imapd, services = self.folder / "imapd.conf", self.folder / "cyrus.conf"
        imapd.write_text(_IMAPD.format(folder=self.folder, user=user.pw_name), "utf-8")
        services.write_text(_MASTER.format(imapd=imapd, programs=self._programs, port=self.port), "utf-8")
        (self.folder / "socket").mkdir()
        if as_root:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        become = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups"] if as_root else []
        files = ["-C", imapd, "-M", services, "-p", self.folder / "pid", "-L", self.folder / "log"]
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *become, self._master, *files],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # the master ends its process group when it is ended
            start_new_session=True,
        )
        wait_until(self._answers, "Cyrus to answer (what troubles it is in syslog)")

    def _stop(self) -> None:
        """End the server and every session in it."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._process = None

    def _answers(self) -> bool:
        # without idled Cyrus looks once a minute
        if not (self.folder / "socket" / "idle").exists():
            return False
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(4) == b"* OK"
        except OSError:
            return False
