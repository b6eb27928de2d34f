"""People with mail programs around a real, running desk: they write to its port and read what it sends.

    town = Town(port, outgoing, "help@desk.example", list_address="milis@lists.example")
    anne = town.player("Anne", "anne@customer.example")
    ...
    await anne.writes("Where is it?", "My order 12 ...")
    letter = await anne.gets("acknowledgement")

The town is the post between them: `run()` looks into the desk's outgoing Maildir and puts each letter into
the mailboxes of its readers. The mailing list hands its posts on to its readers and, as real lists do, to
the desk. Time is real; whoever waits for a letter gives up after PATIENCE seconds with StoryBroke.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from helpdesk.testing.clock import Clock
from helpdesk.testing.letters import Letter, Writer
from helpdesk.testing.maildir_reader import MaildirReader
from helpdesk.testing.patience import LOOK_EVERY, PATIENCE, until


class WallClock(Clock):
    """The time it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Passing:
    """One mail on its way. `sender` is a player's name, '' for the desk; `readers` are addresses."""

    sender: str
    readers: tuple[str, ...]
    letter: Letter
    words: str
    """What a player typed, or the text of a letter."""


def _nobody_looks(_: Passing) -> None:
    pass


class Town:
    """`seen` is called for everything that passes, except what the mailing list hands on."""

    def __init__(
        self,
        port: int,
        outgoing: Path,
        desk_address: str,
        *,
        list_address: str,
        seen: Callable[[Passing], None] = _nobody_looks,
        patience: float = PATIENCE,
    ) -> None:
        self.port = port
        self.list_address = list_address
        self.seen = seen
        self.patience = patience
        self.players: list[Player] = []
        self.sent_by_desk: list[Letter] = []
        self.desk_address = desk_address
        self._outgoing = MaildirReader(outgoing)

    def player(self, name: str, address: str, *also_reads: str) -> Player:
        player = Player(self, name, address, also_reads)
        self.players.append(player)
        return player

    async def run(self) -> None:
        """Carry the desk's letters until cancelled."""
        while True:
            for letter in await asyncio.to_thread(self._outgoing.fresh):
                await self._carry(letter)
            await asyncio.sleep(LOOK_EVERY)

    async def post(self, message: EmailMessage, player: Player, words: str) -> None:
        """A player's mail goes where it is addressed: to the desk, to the list, or both."""
        letter = Letter(message.as_bytes(), player.address)
        readers = (*letter.to, *letter.cc)
        self.seen(Passing(player.name, readers, letter, words))
        self._put_into_mailboxes(letter, readers, player)
        own = [address for address in readers if self._is_desk(address)]
        if own:
            await self.hand_over(letter.raw, player.address, own)
        if self.list_address in readers:
            await self._list_hands_on(letter.raw)

    async def hand_over(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Speak SMTP to the desk's port; raises aiosmtplib.SMTPException when it refuses."""
        await aiosmtplib.send(
            raw,
            sender=sender,
            recipients=list(recipients),
            hostname="127.0.0.1",
            port=self.port,
            start_tls=False,
        )

    async def _carry(self, letter: Letter) -> None:
        self.sent_by_desk.append(letter)
        self.seen(Passing("", letter.recipients, letter, letter.text))
        self._put_into_mailboxes(letter, letter.recipients, None)
        if self.list_address in letter.recipients:
            await self._list_hands_on(letter.raw)

    def _put_into_mailboxes(self, letter: Letter, readers: Sequence[str], writer: Player | None) -> None:
        for player in self.players:
            if player is not writer and set(player.reads) & set(readers):
                player.mailbox.append(letter)

    async def _list_hands_on(self, raw: bytes) -> None:
        """The desk subscribes to the list like any operator."""
        local, _, domain = self.list_address.partition("@")
        marks = (
            f"List-Id: <{local}.{domain}>\r\nPrecedence: list\r\nList-Post: <mailto:{self.list_address}>\r\n"
        )
        await self.hand_over(marks.encode() + raw, f"{local}-bounces@{domain}", [self.desk_address])

    def _is_desk(self, address: str) -> bool:
        local, _, domain = address.partition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.desk_address


class Player(Writer):
    """Somebody with a mail program and a mailbox; every letter is opened once."""

    def __init__(self, town: Town, name: str, address: str, also_reads: tuple[str, ...] = ()) -> None:
        super().__init__(name, address, WallClock())
        self.town = town
        self.reads = (address, *also_reads)
        self.mailbox: list[Letter] = []
        self._opened: set[int] = set()

    async def writes(self, subject: str, text: str) -> None:
        """Begin a conversation with the desk."""
        await self._posts(self.new([self.town.desk_address], subject, text), text)

    async def replies(self, letter: Letter, text: str, **headers: str) -> None:
        """Reply: to the letter's Reply-To alone. Headers are written with _ for -."""
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        message = self.reply(letter, text)
        self.headers = {}
        await self._posts(message, text)

    async def replies_all(self, letter: Letter, text: str) -> None:
        await self._posts(self.reply_all(letter, text), text)

    async def gets(self, name: str, ticket: int | None = None) -> Letter:
        """Wait for the next letter of this canned name that was not opened yet, and open it.

        Copies on the list are left alone: the reply address of one's own letter proves who answers.
        """
        return await self._opens_next(lambda: self.unopened(name, ticket), f"{name} of ticket {ticket}")

    async def sees(self, name: str, ticket: int) -> Letter:
        """The same for what comes by the list."""
        return await self._opens_next(
            lambda: self.unopened(name, ticket, on_list=True), f"{name} of ticket {ticket} on the list"
        )

    async def _opens_next(self, look: Callable[[], list[Letter]], what: str) -> Letter:
        otherwise = f"{self.name} never got {what}; only {', '.join(self.names()) or 'nothing'}"
        await until(lambda: bool(look()), otherwise, self.town.patience)
        letter = look()[0]
        self._opened.add(id(letter))
        return letter

    def unopened(self, name: str, ticket: int | None = None, *, on_list: bool = False) -> list[Letter]:
        return [
            letter
            for letter in self.mailbox
            if letter.name == name
            and ticket in (None, letter.ticket)
            and (self.town.list_address in letter.recipients) is on_list
            and id(letter) not in self._opened
        ]

    def names(self) -> list[str]:
        """The canned names of all letters in the mailbox, in the order they came."""
        return [letter.name for letter in self.mailbox]

    async def _posts(self, message: EmailMessage, words: str) -> None:
        await self.town.post(message, self, words)
