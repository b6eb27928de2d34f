"""T4, T31: no internal word, signed address or staff address ever reaches a customer, whatever staff write."""

import pytest

from helpdesk.model.forms import ThirdParty
from helpdesk.testing.gossip import CANARY, Gossip
from helpdesk.testing.letters import Letter

PARTIES = (ThirdParty("rooster", "tickets@rooster.example"), ThirdParty("vendor", "care@vendor.example"))

STEPS = {
    "noted", "escalated", "third_party_wrote", "released", "given", "abuse_reported", "put_on_hold", "promised",
    "consent_asked", "merged", "forwarded",
}  # fmt: skip
"""In whose words a secret stood, or beside them."""


def nothing_gets_out(desk, seed, mails):
    talk = Gossip(desk, seed)
    talk.goes_on(mails)

    assert talk.leaks() == []
    return talk


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", ["round_robin", "claim"])
def test_no_word_gets_out(open_desk, mode):
    talk = nothing_gets_out(open_desk(mode=mode, third_parties=PARTIES), 31, 100)

    assert len(talk.canaries) > 10
    assert len(talk.letters_to_customers()) > 10
    kinds = {letter.name for letter in talk.letters_to_customers()}
    assert {"acknowledgement", "answer", "escalation"} <= kinds
    assert len(talk.happened() & STEPS) > len(STEPS) / 2


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_no_word_gets_out_of_ten_thousand_mails(open_desk, seed):
    nothing_gets_out(
        open_desk(mode="claim" if seed % 2 else "round_robin", third_parties=PARTIES), seed, 1000
    )


@pytest.mark.parametrize("who", ["anne", "vendor"])
def test_words_for_one_third_party_are_for_nobody_else(open_desk, who):
    """The test of the test: what passes between staff and rooster is a leak elsewhere."""
    desk = open_desk(third_parties=PARTIES)
    talk = Gossip(desk, 1)
    reader = {"anne": desk.anne.address, "vendor": "care@vendor.example"}[who]
    for to in ("tickets@rooster.example", reader):
        mail = desk.anne.new([to], "x", "Where is it? rooster-sparrow")
        desk.sent.append(Letter(mail.as_bytes(), "", (to,)))

    assert [reader in leak for leak in talk.leaks()] == [True]


@pytest.mark.parametrize(
    "text", [f"Hello {CANARY}1", "write to help+1-oabcdefgh-g22-x@desk.example", "ask bart@staff.example"]
)
def test_a_leak_would_be_seen(desk, text):
    """The test of the test."""
    talk = Gossip(desk, 1)
    mail = desk.bart.new(["anne@customer.example"], "x", text)
    desk.sent.append(
        Letter(
            mail.as_bytes().replace(b"bart@staff.example", b"help@desk.example", 1),
            "",
            ("anne@customer.example",),
        )
    )

    assert len(talk.leaks()) == 1
