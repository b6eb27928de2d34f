"""No letter to the outside ever answers a machine: thousands of random mails, read and decided on."""

import random
from dataclasses import replace

import pytest
from decide_cases import ANNE, NOW, random_policy, random_rota, random_ticket

from helpdesk.decide import identity, intent, match
from helpdesk.decide.answering import writer
from helpdesk.decide.desk import decide
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.signing import Audience, Signer, Token, person_code
from helpdesk.model.ticket import Status
from helpdesk.parse.message import read

SIGNER = Signer(b"s" * 32, "help@desk.example")
FROM = [
    "Anne <anne@customer.example>",
    "Bart <bart@staff.example>",
    "Dora <dora@staff.example>",
    "MAILER-DAEMON",
    "no-reply@shop.example",
    "help@desk.example",
    "zoe@elsewhere.example",
    "",
    "a@b.example, c@d.example",
]
WORDS = [
    "",
    "Hello.",
    "5",
    "Thanks!",
    "#close",
    "#claim",
    "#clsoe",
    "I am away until Monday.",
    "#ok",
    "> quoted",
]
MACHINES = [
    "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "Precedence: bulk", "Precedence: junk",
    "X-Autoreply: yes", "X-Auto-Response-Suppress: All", "X-FC-MachineGenerated: true", "Precedence: auto_reply",
    "X-Loop: help@desk.example", "List-Id: <news.elsewhere.example>", "X-Spam-Flag: YES",
]  # fmt: skip
HARMLESS = ["X-Mailer: pine", "Precedence: list", "List-Id: <milis.lists.example>", "Content-Language: id"]


def random_raw(dice, ticket, headers):
    number = ticket.number if ticket else 1
    people = {Audience.OPERATOR: "bart@staff.example", Audience.PIC: "dora@staff.example"}
    audience = dice.choice(list(Audience))
    token = Token(
        number, audience, identity_code(people.get(audience)), 99_999 if audience in people else None
    )
    to = dice.choice(["help@desk.example", SIGNER.reply_address(token), "milis@lists.example"])
    own_id = SIGNER.message_id(token, f"{dice.getrandbits(128):032x}")
    twice = any(h.startswith("Precedence") for h in headers)  # a list that writes it is parse's own question
    harmless = [] if twice else dice.sample(HARMLESS, dice.randint(0, 2))
    lines = [
        f"From: {dice.choice(FROM)}",
        f"To: {to}",
        f"Subject: {dice.choice(['Re: ', '', 'Out of office: '])}order {dice.choice(['', f'[#{number}]'])}",
        f"Message-ID: <{dice.getrandbits(64)}@customer.example>",
        *([f"In-Reply-To: <{own_id}>"] if dice.random() < 0.5 else []),
        *headers,
        *harmless,
    ]
    return "\r\n".join([*lines, "", dice.choice(WORDS), ""]).encode(), to


def identity_code(address):
    return person_code(address) if address else ""


def letters_for(dice, headers, sender):
    """Read a random mail with these headers, understand it, decide: the letters that follow."""
    rules = random_policy(dice)
    status = dice.choice([None, *Status])
    ticket = random_ticket(dice, status) if status else None
    raw, to = random_raw(dice, ticket, headers)
    mail = read(raw)
    said = match.clues(mail, (to,), SIGNER)
    answered = match.Answered(dice.choice(["survey", "close_notice", "answer", "closed"]), "c")
    found = match.Found({ticket.number: ticket} if ticket else {}, {}, answered if said.own_ids else None)
    chosen = match.choose(said, found, writer(mail, rules).address, rules, NOW)
    arrival = Arrival(raw, Road.SMTP, NOW, sender, (to,))
    speaker = identity.who(mail, said, chosen, arrival, rules, NOW)
    received = intent.Received(mail, speaker, chosen, 1, NOW, sender=sender, recipients=(to,))
    meaning = intent.understand(received, rules)
    if isinstance(meaning, intent.Ignored):
        assert meaning.why
        return None, ()
    decision = decide(chosen.ticket, replace(meaning, rota=random_rota(dice, rules)), rules, NOW)
    return meaning, decision.drafts


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_sent_outside_in_answer_to_the_null_sender(seed):
    """R46: 4 x 500 mails with an empty envelope sender; on a ticket they cause no letter at all."""
    dice = random.Random(seed)
    for _ in range(500):
        headers = dice.sample(MACHINES, dice.choice([0, 0, 1]))
        meaning, drafts = letters_for(dice, headers, "")

        assert all(d.audience is not Audience.CUSTOMER for d in drafts)
        assert all("@customer.example" not in d.to.address for d in drafts)
        if type(meaning).__name__ != "CustomerWrote":
            assert drafts == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_machine_that_opens_a_ticket_gets_no_letter(seed):
    """R36, with an envelope sender as many robots have one."""
    dice = random.Random(seed)
    for _ in range(300):
        headers = [dice.choice(MACHINES)]
        meaning, drafts = letters_for(dice, headers, "robot@elsewhere.example")
        if type(meaning).__name__ == "CustomerWrote":
            automatic = [d for d in drafts if d.audience is Audience.CUSTOMER and not d.human]
            assert [d.letter for d in automatic] in ([], ["assigned"], ["handover"])
            assert "acknowledgement" not in {d.letter for d in drafts}
            assert "reopened" not in {d.letter for d in drafts}


def test_humans_do_get_letters_in_this_world():
    """The world above is not blind: the same dice with no machine header lead to acknowledgements and answers."""
    dice = random.Random(1)
    names = {d.letter for _ in range(1500) for d in letters_for(dice, [], ANNE.address)[1]}

    assert {"acknowledgement", "new_ticket", "customer_reply", "answer", "confirm_sender"} <= names
