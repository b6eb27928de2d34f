"""One conversation of the unreliable post office with a client, in the mood that is next."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import replace

from helpdesk.testing.mood import How, Kept, Mood, Step


class House:
    """What all conversations share: the moods to come, and the memory."""

    def __init__(
        self,
        moods: Iterable[Mood | None],
        extensions: tuple[str, ...],
        tls: ssl.SSLContext | None,
        implicit: bool,
        logins: Mapping[str, str],
    ) -> None:
        self.letters: list[Kept] = []
        self.heard: list[tuple[int, str]] = []
        self.go_on = asyncio.Event()
        self.reached: dict[Step, asyncio.Event] = {step: asyncio.Event() for step in Step}
        self.stalled = 0  # conversations that wait until they may go on
        self.extensions, self.tls, self.implicit, self.logins = extensions, tls, implicit, logins
        self._moods = list(moods)

    def will_be(self, *moods: Mood | None) -> None:
        self._moods.extend(moods)

    def next_mood(self) -> Mood:
        return (self._moods.pop(0) if self._moods else None) or Mood()

    def keep(self, kept: Kept) -> None:
        """A letter was taken; called before its 250."""
        self.letters.append(kept)

    def told(self, place: int, kept: Kept) -> None:
        """Its 250 was written."""
        self.letters[place] = replace(kept, acknowledged=True)


class Broken(Exception):
    """The mood asked for it."""


class Session:
    def __init__(
        self, office: House, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._office, self._number = office, number
        self._reader, self._writer = reader, writer
        self._mood, self._mood_is_fresh = office.next_mood(), True
        self._sender = ""
        self._options: tuple[str, ...] = ()
        self._recipients: list[str] = []
        self._plain_writer = writer
        self._secure = office.implicit

    async def run(self) -> None:
        try:
            await self._conversation()
        finally:
            self._writer.close()

    async def _conversation(self) -> None:
        await self._answer(Step.BANNER, self._mood.banner, "220 post.example ESMTP")
        while line := await self._reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._office.heard.append((self._number, text))
            verb, _, rest = text.partition(" ")
            handler = getattr(self, f"_{verb.lower()}", None)
            if handler is None or not verb.isalpha():
                await self._say("502 5.5.2 not known")
            elif await handler(rest) == "bye":
                return

    async def _ehlo(self, _rest: str) -> None:
        words = ["post.example", *self._office.extensions]
        if self._office.tls and not self._secure:
            words.append("STARTTLS")
        if self._office.logins:
            words.append("AUTH PLAIN LOGIN")
        good = "\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"])
        await self._answer(Step.EHLO, self._mood.ehlo, good)

    async def _starttls(self, _rest: str) -> None:
        if self._office.tls is None:
            return await self._say("502 5.5.1 not offered")
        await self._say("220 2.0.0 go ahead")
        await self._upgrade(self._office.tls)
        self._secure = True
        return None

    async def _upgrade(self, tls: ssl.SSLContext) -> None:
        """StreamWriter.start_tls cannot be used: it breaks when the client dislikes the certificate and goes."""
        loop = asyncio.get_running_loop()
        protocol = self._writer.transport.get_protocol()
        transport = await loop.start_tls(self._writer.transport, protocol, tls, server_side=True)
        if transport is None:
            raise Broken
        self._plain_writer = self._writer  # its __del__ would close the connection
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)

    async def _auth(self, rest: str) -> None:
        method, _, initial = rest.partition(" ")
        if method.upper() == "PLAIN":
            _, user, password = base64.b64decode(initial).decode().split("\0")
        else:
            user = base64.b64decode(initial).decode() if initial else await self._ask("VXNlcm5hbWU6")
            password = await self._ask("UGFzc3dvcmQ6")
        right = self._office.logins.get(user) == password
        await self._answer(
            Step.AUTH,
            self._mood.auth,
            "235 2.7.0 welcome" if right else "535 5.7.8 wrong username or password",
        )

    async def _mail(self, rest: str) -> None:
        if not self._mood_is_fresh:
            self._mood = self._office.next_mood()
        self._mood_is_fresh = False
        path, *options = rest.removeprefix("FROM:").split(" ")
        self._sender, self._options, self._recipients = path.strip("<>"), tuple(options), []
        await self._answer(Step.MAIL, self._mood.mail, "250 2.1.0 sender ok")

    async def _rcpt(self, rest: str) -> None:
        recipient = rest.removeprefix("TO:").strip("<>")
        reply = self._mood.rcpt.get(recipient, self._mood.rcpt.get("*", ""))
        if not reply:
            self._recipients.append(recipient)
        await self._answer(Step.RCPT, reply, "250 2.1.5 recipient ok")

    async def _data(self, _rest: str) -> None:
        if not self._recipients:
            return await self._say("503 5.5.1 no recipients")
        if not await self._answer(Step.DATA, self._mood.data, "354 end with a dot"):
            return None
        raw = await self._body()
        if self._mood.dot:
            await self._answer(Step.DOT, self._mood.dot, "")
            return None
        kept = Kept(self._sender, tuple(self._recipients), raw, False, self._options, self._number)
        place = len(self._office.letters)
        self._office.keep(kept)
        await self._answer(Step.DOT, "", f"250 2.0.0 taken as {place + 1}")
        self._office.told(place, kept)
        return None

    async def _rset(self, _rest: str) -> None:
        self._recipients = []
        await self._say("250 2.0.0 ok")

    async def _quit(self, _rest: str) -> str:
        await self._say("221 2.0.0 bye")
        return "bye"

    async def _body(self) -> bytes:
        """Strict: only CRLF.CRLF ends it; a line end that is not CRLF is kept as it is (T9)."""
        lines: list[bytes] = []
        while True:
            line = await self._reader.readuntil(b"\r\n")
            if self._mood.breaks is Step.BODY and (line == b".\r\n" or len(lines) > 3):
                await self._break(Step.BODY)
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    async def _answer(self, step: Step, told: str, good: str) -> bool:
        """The mood's reply or the good one; whether it was the good one."""
        self._office.reached[step].set()
        if self._mood.breaks is step:
            await self._break(step)
        await self._say(told or good)
        if told.startswith("421"):
            raise Broken
        return not told

    async def _break(self, step: Step) -> None:
        self._office.reached[step].set()
        if self._mood.how is How.STALL:
            self._office.stalled += 1
            await self._office.go_on.wait()
            self._office.stalled -= 1
            return
        if self._mood.how is How.RESET:
            self._writer.transport.abort()
        raise Broken

    async def _ask(self, prompt: str) -> str:
        await self._say(f"334 {prompt}")
        return base64.b64decode(await self._reader.readline()).decode()

    async def _say(self, reply: str) -> None:
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
