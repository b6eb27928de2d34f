"""What the desk put into its Maildir, as its readers get it."""

import asyncio
from pathlib import Path

from helpdesk.deliver.maildir import MaildirTransport
from helpdesk.model.outcome import QueuedLetter
from helpdesk.testing.maildir_reader import MaildirReader

RAW = b"From: help@desk.example\r\nTo: anne@customer.example\r\nSubject: Hello\r\n\r\nReturn-Path: of the text\r\n"


async def before_dot() -> None:
    """Nothing to mark."""


def store(folder: Path, number: int, *recipients: str, sender: str = "help@desk.example") -> None:
    letter = QueuedLetter(number, sender, recipients, RAW, f"{number}@desk.example", "answer", 1)
    asyncio.run(MaildirTransport(folder).deliver(letter, before_dot))


def test_a_letter_comes_out_as_it_went_in(tmp_path):
    store(tmp_path, 1, "anne@customer.example", "cate@customer.example")

    (letter,) = MaildirReader(tmp_path).fresh()

    assert letter.raw == RAW
    assert letter.sender == "help@desk.example"
    assert letter.recipients == ("anne@customer.example", "cate@customer.example")


def test_the_null_sender_stays_null(tmp_path):
    store(tmp_path, 1, "anne@customer.example", sender="")

    assert MaildirReader(tmp_path).fresh()[0].sender == ""


def test_every_letter_comes_once_and_the_oldest_first(tmp_path):
    reader = MaildirReader(tmp_path)
    before = reader.fresh()
    store(tmp_path, 1, "anne@customer.example")
    store(tmp_path, 2, "bart@staff.example")

    first, again = reader.fresh(), reader.fresh()

    assert before == again == []
    assert [letter.recipients[0] for letter in first] == ["anne@customer.example", "bart@staff.example"]
