"""DATA: from the 354 to the answer. 2yz is said only after the receiver's commit (R2, P1)."""

from __future__ import annotations

import asyncio
from contextlib import closing

import structlog

from helpdesk.flow.receive import SpoolFailed, SpoolFull
from helpdesk.model.mail import Arrival, Road
from helpdesk.wire import replies
from helpdesk.wire.replies import Reply
from helpdesk.wire.smtp_conversation import Conversation
from helpdesk.wire.smtp_data import DataReader, Verdict
from helpdesk.wire.smtp_keeping import Keeping
from helpdesk.wire.smtp_trace import Trace, hops, stamped

_REFUSALS = {
    Verdict.TOO_BIG: replies.TOO_BIG,
    Verdict.LINE_TOO_LONG: replies.LINE_TOO_LONG,
    Verdict.NO_ROOM: replies.DISK_FULL,
}

log = structlog.get_logger(__name__)


class Session(Conversation):
    """The whole dialogue, with its transfers."""

    async def _data(self, argument: bytes) -> None:
        if argument:
            await self.say(replies.SYNTAX_NO_ARGUMENT)
            return
        if not self.recipients:
            await self.say(replies.RECIPIENT_FIRST)
            return
        self.transferring = True
        try:
            await self._transfer()
        except Exception:
            self.leaving = True  # R1: what is left of the message must never be read as commands
            raise
        finally:
            self.transferring = False
            self.forget_envelope()

    async def _transfer(self) -> None:
        await self.say(replies.SEND_DATA)
        with closing(
            DataReader(self.settings.max_size, self.settings.max_line, self.settings.folder)
        ) as reader:
            if not await self._fill(reader):
                self.leaving = True
                if reader.verdict is Verdict.FITS:
                    return  # the client left in the middle: nothing was promised
            reply = await self._judge(reader)
        self.give(self.settings.idle_timeout.total_seconds(), or_else=replies.IDLE_TOO_LONG)
        await self._answer(reply)

    async def _fill(self, reader: DataReader) -> bool:
        """Read to the end of the message; False when the client leaves or goes on far beyond the limit."""
        began = self.loop.time()
        while not reader.done:
            self.give(self._patience(began, reader.received), or_else=replies.TOO_SLOW)
            chunk = await self.inflow.chunk()
            if not chunk:
                return False
            self.inflow.unread(reader.feed(chunk))
            # A sender that overshoots should hear why; one that never ends is cut (R10, F5b).
            if reader.received > 2 * self.settings.max_size + 65536 and not reader.done:
                return False
        return True

    def _patience(self, began: float, received: int) -> float:
        """Seconds until the client is too slow (R8, F5e): each byte buys time, up to the caps."""
        spent = self.loop.time() - began
        earned = self.settings.slow_start.total_seconds() + received / self.settings.min_rate
        longest = self.settings.transfer_for.total_seconds()
        return min(self.settings.idle_timeout.total_seconds(), earned - spent, longest - spent)

    async def _answer(self, reply: Reply) -> None:
        # R16, RFC 2033 section 4.2: in LMTP one reply for each accepted RCPT, repeated ones included.
        for _ in self.recipients if self.is_lmtp else [None]:
            await self.say(reply)

    async def _judge(self, reader: DataReader) -> Reply:
        if reader.verdict is not Verdict.FITS:
            return _REFUSALS[reader.verdict]
        self.take_all_time()
        try:
            kept = reader.kept
            # T13: only so many big mails are in memory at once, the others wait in their files
            async with self.common.room.take(0 if kept.in_memory else kept.size):
                read = self._read_out(kept)
                return read if isinstance(read, Reply) else await self._store(read)
        except SpoolFull:
            log.warning("no room", action="smtp.disk_full", peer=self.peer)
            return replies.DISK_FULL
        except SpoolFailed:
            log.warning("not stored", action="smtp.spool_failed", peer=self.peer)  # the receiver said why
            return replies.OUR_FAULT
        except Exception:
            # R3: whatever it was, the sender shall try again
            log.exception("failed", action="smtp.store_failed", peer=self.peer)
            return replies.OUR_FAULT

    def _read_out(self, kept: Keeping) -> Arrival | Reply:
        """What is to be stored, or why not."""
        head = kept.head()
        return (
            replies.TOO_MANY_HOPS if hops(head) > self.settings.max_hops else self._arrival(kept, head)
        )  # R5

    async def _store(self, arrival: Arrival) -> Reply:
        async with asyncio.timeout(self.settings.commit_for.total_seconds()):
            spool_id = await self.receiver.accept(arrival)
        log.info(
            "accepted",
            action="smtp.accepted",
            peer=self.peer,
            spool_id=spool_id,
            size=len(arrival.raw),
            recipients=len(arrival.recipients),
        )
        return replies.ACCEPTED

    def _arrival(self, kept: Keeping, head: bytes) -> Arrival:
        assert self.sender is not None
        at = self.now()
        trace = Trace(self.sender.raw, self.helo, self.peer, self.hostname, self._protocol_name(), at)
        return Arrival(
            raw=kept.with_head(stamped(head, trace), instead_of=head),
            road=Road.LMTP if self.is_lmtp else Road.SMTP,
            received_at=at,
            sender=self.sender.address,  # R9, F5g: the null sender is ''
            recipients=tuple(dict.fromkeys(self.recipients)),
            peer=self.peer,
        )

    def _protocol_name(self) -> str:
        """The `with` word of Received (RFC 3848, RFC 6531 section 4.3)."""
        base = "LMTP" if self.is_lmtp else "ESMTP" if self.extended else "SMTP"
        if self.utf8:
            base = "UTF8" + base.removeprefix("E")
        return base + ("S" if self.in_tls and self.extended else "")
