"""What `helpdesk parse` prints has the keys of INTERFACE section 2."""

from __future__ import annotations

import json

from helpdesk.parse.message import read
from helpdesk.parse.show import as_json

KEYS = (
    "file message_id in_reply_to references date from reply_to to cc subject text new_text signature attachments "
    "automatic automatic_reason bounce list forwarded empty repairs"
).split()


def test_the_keys_are_those_of_the_interface() -> None:
    shown = as_json("a.eml", read(b"From: Anne <anne@customer.example>\r\nSubject: x\r\n\r\nhello"))

    assert list(shown) == KEYS
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["from"], shown["empty"]) == ({"name": "Anne", "address": "anne@customer.example"}, "text")
