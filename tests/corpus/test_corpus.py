"""A bounded sample of real mails from other projects, when they are there: nothing raises, nothing is slow."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from helpdesk.parse.message import part_bytes, read
from helpdesk.parse.show import as_json

CORPUS = Path(os.environ.get("CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
EVERY = 2  # half of the mails: well under a minute
LONGEST = 3.0

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def mails() -> list[tuple[str, bytes]]:
    listing = CORPUS / "files.txt"
    if not listing.is_file():
        pytest.skip(f"no corpus at {CORPUS}: set CORPUS to where it is")
    names = listing.read_text("utf-8").splitlines()[::EVERY]
    return [(name, (CORPUS / "mail" / name).read_bytes()) for name in names]


def test_every_real_mail_is_read_whole_and_fast(mails: list[tuple[str, bytes]]) -> None:
    slow: list[tuple[str, float]] = []
    broken: dict[str, tuple[str, ...]] = {}
    for name, raw in mails:
        began = time.process_time()
        mail = read(raw)
        json.dumps(as_json(name, mail)).encode("ascii")
        if time.process_time() - began > LONGEST:
            slow.append((name, time.process_time() - began))
        if any("could not be read" in repair for repair in mail.repairs):
            broken[name] = mail.repairs

    assert slow == []
    assert broken == {}


def test_every_attachment_can_be_fetched(mails: list[tuple[str, bytes]]) -> None:
    for _, raw in mails[::10]:
        for attachment in read(raw).attachments[:3]:
            assert isinstance(part_bytes(raw, attachment), bytes)
