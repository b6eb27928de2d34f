"""MaildirTransport: P3 (same bytes), P4 (a repeat is the same file), T8 (no header by way of an address)."""

from __future__ import annotations

import asyncio
import mailbox
from pathlib import Path

import pytest

from helpdesk.deliver.maildir import MaildirTransport
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater

ANNE, BART = "anne@customer.example", "bart@staff.example"
RAW = b"Subject: hello\r\nMessage-ID: <1@desk.example>\r\n\r\nwords\r\n"


def letter(*recipients: str, raw: bytes = RAW) -> QueuedLetter:
    return QueuedLetter(1, "help@desk.example", recipients or (ANNE,), raw, "1@desk.example")


async def no_mark() -> None:
    pass


def deliver(folder: Path, what: QueuedLetter) -> dict[str, Outcome]:
    return dict(asyncio.run(MaildirTransport(folder).deliver(what, no_mark)))


def test_a_letter_is_one_file_with_its_envelope_on_top_and_its_bytes_unchanged(tmp_path: Path) -> None:
    ends = deliver(tmp_path / "out", letter(ANNE, BART))
    (file,) = (tmp_path / "out" / "new").iterdir()

    assert all(isinstance(end, Accepted) for end in ends.values())
    assert file.read_bytes() == (
        b"Return-Path: <help@desk.example>\r\n"
        b"Delivered-To: anne@customer.example\r\nDelivered-To: bart@staff.example\r\n" + RAW
    )


def test_the_folder_is_a_maildir_to_others(tmp_path: Path) -> None:
    deliver(tmp_path / "out", letter())
    (mail,) = mailbox.Maildir(tmp_path / "out", create=False)

    assert mail["Subject"] == "hello"
    assert mail["Delivered-To"] == ANNE


@pytest.mark.parametrize("read", [False, True])
def test_a_repeat_is_no_second_letter_even_when_the_first_was_read(tmp_path: Path, read: bool) -> None:
    """P4."""
    deliver(tmp_path, letter())
    (file,) = (tmp_path / "new").iterdir()
    if read:
        file.rename(tmp_path / "cur" / f"{file.name}:2,S")

    ends = deliver(tmp_path, letter())

    assert isinstance(ends[ANNE], Accepted)
    assert len([*(tmp_path / "new").iterdir(), *(tmp_path / "cur").iterdir()]) == 1


def test_two_letters_with_one_message_id_are_two_files(tmp_path: Path) -> None:
    """Nothing is lost to a name."""
    deliver(tmp_path, letter())
    deliver(tmp_path, letter(raw=RAW + b"other\r\n"))

    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_crash_before_the_mark_leaves_nothing_to_be_read(tmp_path: Path) -> None:
    async def crash() -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        asyncio.run(MaildirTransport(tmp_path).deliver(letter(), crash))
    ends = deliver(tmp_path, letter())

    assert isinstance(ends[ANNE], Accepted)
    assert len(list((tmp_path / "new").iterdir())) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("address", ["anne@x.example\r\nBcc: evil@x.example", "", "anne"])
def test_an_address_that_is_none_is_refused_and_writes_no_header(tmp_path: Path, address: str) -> None:
    """T8."""
    ends = deliver(tmp_path, letter(address, BART))
    (file,) = (tmp_path / "new").iterdir()

    assert isinstance(ends[address], Refused)
    assert isinstance(ends[BART], Accepted)
    assert b"evil" not in file.read_bytes()


def test_a_folder_that_cannot_be_written_means_later(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")

    (end,) = deliver(tmp_path / "out", letter()).values()

    assert isinstance(end, TryLater)
    assert end.host_down


def test_check_says_that_the_folder_can_be_written(tmp_path: Path) -> None:
    assert asyncio.run(MaildirTransport(tmp_path / "out").check()).endswith("can be written")
