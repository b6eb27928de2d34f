"""A sender that behaves like a queue: every mail is tried until it hears 250, and what it heard is on disk.

Roads: `port` is the desk's listener, by SMTP or LMTP as `protocol` says now; `imap` a mailbox, where a mail is
safe when it lies there. Being refused for good (5xx) ends a mail too, and the judge will ask why.
"""

from __future__ import annotations

import queue
import smtplib
import threading
import time
from collections.abc import Callable
from typing import Self

from helpdesk.model.fingerprint import dedupe_key
from helpdesk.testing.chaos.mails import DESK, Mail
from helpdesk.testing.chaos.records import Records
from helpdesk.testing.imap_server import FakeImap

_PAUSE_SECONDS = 0.05
_WAIT_SECONDS = 30.0
Address = tuple[str, int]
"""Protocol ("smtp", "lmtp") and port."""


class Postman:
    """`where` tells the listener's protocol and port at this moment; with several nodes, one of them.

    `waits`: seconds for a reply. `posted` is each mail once, `keys` the dedupe keys of all its copies by its
    Message-ID.
    """

    def __init__(
        self,
        ledger: Records,
        where: Callable[[], Address],
        imap: FakeImap | None = None,
        hands: int = 3,
        waits: float = _WAIT_SECONDS,
    ) -> None:
        self._ledger, self._where, self._imap, self._waits = ledger, where, imap, waits
        self._waiting: queue.Queue[tuple[Mail, bytes] | None] = queue.Queue()
        self._hands = [
            threading.Thread(target=self._work, name=f"postman {n}", daemon=True) for n in range(hands)
        ]
        self._ended = threading.Event()
        self._uid = 0
        self._noted: set[str] = set()
        self.posted: list[Mail] = []
        self.keys: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        for hand in self._hands:
            hand.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for _hand in self._hands:
            self._waiting.put(None)
        for hand in self._hands:
            hand.join(_WAIT_SECONDS)

    @property
    def outstanding(self) -> int:
        """How many mails have not heard their 250 yet."""
        return self._waiting.unfinished_tasks

    def post(self, mail: Mail, raw: bytes | None = None) -> None:
        """Hand it over by SMTP or LMTP; `raw` are the bytes as a road carries them."""
        carried = mail.raw if raw is None else raw
        self._note(mail, carried)
        self._waiting.put((mail, carried))

    def put(self, mail: Mail, raw: bytes | None = None) -> None:
        """Lay it into the mailbox: from then on the mailbox keeps it."""
        assert self._imap is not None
        carried = mail.raw if raw is None else raw
        self._note(mail, carried)
        self._uid += 1
        self._imap.mails[self._uid] = carried
        self._ledger.write(acked=mail.message_id, road="imap", at=time.time())

    def _note(self, mail: Mail, carried: bytes) -> None:
        self.keys.setdefault(mail.message_id, set()).add(dedupe_key(carried))
        if mail.message_id not in self._noted:
            self._noted.add(mail.message_id)
            self.posted.append(mail)

    def _work(self) -> None:
        client: smtplib.SMTP | None = None
        while one := self._waiting.get():
            mail, raw = one
            done = False
            while not done and not self._ended.is_set():
                client, done = self._try(client, mail, raw)
                if not done:
                    self._ended.wait(_PAUSE_SECONDS)
            self._waiting.task_done()
        if client is not None:
            client.close()

    def _try(self, client: smtplib.SMTP | None, mail: Mail, raw: bytes) -> tuple[smtplib.SMTP | None, bool]:
        """One attempt; the open connection, and whether the mail is done with."""
        try:
            client = client or self._call()
            client.sendmail(mail.sender, [DESK], raw)
        except (OSError, smtplib.SMTPException) as trouble:
            if client is not None:
                client.close()
            code = _code(trouble)
            if 500 <= code < 600:
                self._ledger.write(refused=mail.message_id, code=code, at=time.time())
            return None, 500 <= code < 600
        road = "lmtp" if isinstance(client, smtplib.LMTP) else "smtp"
        self._ledger.write(acked=mail.message_id, road=road, at=time.time())
        return client, True

    def _call(self) -> smtplib.SMTP:
        protocol, port = self._where()
        kind = smtplib.LMTP if protocol == "lmtp" else smtplib.SMTP
        return kind("127.0.0.1", port, local_hostname="mx.customer.example", timeout=self._waits)


def _code(trouble: Exception) -> int:
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in trouble.recipients.values()), default=0)
    return int(getattr(trouble, "smtp_code", 0))
