"""T13: front, worker and aide together stay under 512 MB, however many big mails come at once, by SMTP and LMTP."""

import base64
import os
import smtplib
import threading

import pytest

from helpdesk.testing.daemon import CONFIG, Daemon
from helpdesk.testing.processes import children, resident

MOST = 512 * 1024 * 1024
SIZE = 30_000_000
HEAD = (
    "From: Anne <{0}>\r\nTo: help@desk.example\r\nSubject: Parcel {1}\r\nMessage-ID: <m{1}@customer.example>\r\n"
    "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nWhere is parcel {1}?\r\n"
    "--b\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
)


class Gauge:
    """Looks at the memory of front, worker and aide again and again; `most` is the highest sum."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = 0

    def __enter__(self) -> "Gauge":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            worker = self._daemon.worker_pid
            self.most = max(self.most, sum(map(resident, (self._daemon.pid, worker, *children(worker)))))


@pytest.mark.parametrize(
    ("protocol", "client", "number"),
    [
        ("smtp", smtplib.SMTP, 5),
        ("lmtp", smtplib.LMTP, 5),
        pytest.param("smtp", smtplib.SMTP, 50, marks=[pytest.mark.chaos, pytest.mark.timeout(900)]),
    ],
)
def test_big_mails_at_once_stay_within_memory(tmp_path, protocol, client, number):
    """Each is committed, becomes a ticket, and leaves no file behind."""
    table = f'protocol = "{protocol}"\nmax_size = "32MB"\nmax_sessions_per_ip = 50'
    attached = base64.encodebytes(os.urandom(SIZE * 74 // 100)).replace(b"\n", b"\r\n")
    refused: list[Exception] = []

    def send(n: int) -> None:
        address = f"anne{n}@customer{n}.example"
        mail = HEAD.format(address, n).encode() + attached + b"--b--\r\n"
        try:
            with client("127.0.0.1", daemon.smtp_port, timeout=600, local_hostname="c") as session:
                session.sendmail(address, ["help@desk.example"], mail)
        except (smtplib.SMTPException, OSError) as error:
            refused.append(error)

    config = CONFIG.replace('protocol = "smtp"', table)
    with Daemon(tmp_path, config=config) as daemon, Gauge(daemon) as gauge:
        senders = [threading.Thread(target=send, args=(n,)) for n in range(number)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        daemon.until(lambda: len(daemon.log("created")) == number, "tickets", within=60 + 10 * number)

        assert refused == []
        assert gauge.most < MOST
        assert not daemon.log("worker_died")
        assert not [path for path in (tmp_path / "var").iterdir() if path.name.startswith("tmp")]
