"""A desk full of secrets: random conversations in which staff say things that no customer may ever read (T4, T31).

    talk = Gossip(desk, seed=7)
    talk.goes_on(500)
    assert talk.leaks() == []

Whatever staff write for each other carries a canary, a word that stands nowhere else. Their mail programs quote
internal letters with the signed addresses in them, as real ones do.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from email.message import EmailMessage

from helpdesk.testing.desk import ADDRESS, LIST, PIC, Desk
from helpdesk.testing.leaks import OF_STAFF, House, leaks, letters_out
from helpdesk.testing.letters import Letter
from helpdesk.testing.scenario_people import Player

CANARY = "canary"
_WORK = ("assignment", "customer_reply", "reminder", "undelivered", "new_ticket", "breach", "close_notice")
_PUBLIC = (
    "It is on its way.",
    "Which lamp was it?",
    "Please send us a photograph.",
    "We look into it today.",
)
_QUESTIONS = ("Where is my order?", "An invoice, please", "The lamp is broken", "Two of three parcels came")
_CUSTOMERS = ("anne", "emil", "fay", "gus", "hana")


class Gossip:
    """`said` counts what was posted; every canary that was let out stands in `canaries`."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = random.Random(seed)
        self.said = 0
        self.canaries: list[str] = []
        self.customers = [desk.anne, *(self._customer(name) for name in _CUSTOMERS[1:])]
        self.staff = [desk.bart, desk.cate]
        people = (*desk.policy.operators, *desk.policy.pics)
        self._house = House(frozenset(p.address for p in people), frozenset((LIST, PIC)))

    def _customer(self, name: str) -> Player:
        return self.desk.stranger(f"{name}@{name}.customer.example", name.title())

    def goes_on(self, mails: int) -> None:
        """Until so many mails have been posted."""
        steps: tuple[Callable[[], bool], ...] = (
            self._asks, self._writes_back, self._writes_back, self._answers, self._answers, self._notes, self._closes,
            self._mistypes, self._talks_on_list, self._is_forged, self._pic_says, self._passes,
        )  # fmt: skip
        self.customers[0].asks(_QUESTIONS[0], "I ordered a lamp.")
        until = self.said + mails
        while self.said < until:
            self.said += self.dice.choice(steps)()

    def leaks(self) -> list[str]:
        """Letters to people outside that hold what is none of their business, each with the reason."""
        return leaks(self.desk.sent, self._house, re.compile(CANARY, re.I))

    def letters_to_customers(self) -> list[Letter]:
        return letters_out(self.desk.sent, self._house)

    def _secret(self) -> str:
        self.canaries.append(f"{CANARY}{self.dice.getrandbits(40):x}")
        return self.canaries[-1]

    def _asks(self) -> bool:
        customer = self.dice.choice(self.customers)
        customer.asks(self.dice.choice(_QUESTIONS), f"Hello, it is me, {customer.name}.")
        return True

    def _writes_back(self) -> bool:
        customer = self.dice.choice(self.customers)
        if not customer.mailbox:
            return False
        letter = self.dice.choice(customer.mailbox[-6:])
        write = self.dice.choice((customer.reply, customer.reply_all))
        customer.sends(write(letter, self.dice.choice(("Thank you!", "4711", "No, it is the blue one.", ""))))
        return True

    def _letter_for(self, person: Player) -> Letter | None:
        """Mostly their own, whose address proves them; now and then a copy on the list."""
        work = [x for x in person.mailbox if x.name in _WORK]
        own = [x for x in work if OF_STAFF.search(x["Reply-To"])]
        letters = own if own and self.dice.random() < 0.9 else work
        return self.dice.choice(letters[-4:]) if letters else None

    def _replies(self, person: Player, words: str) -> bool:
        """Above the whole internal letter, its addresses and ids; a secret below the signature's line."""
        letter = self._letter_for(person)
        if letter is None:
            return False
        write = self.dice.choice((person.reply, person.reply, person.reply_all))
        mail = write(letter, words)
        body = mail.get_content()
        head = f"> Reply-To: {', '.join(letter.answer_to())}\n> Message-ID: {letter['Message-ID']}\n"
        signature = f"\n-- \n{person.name}\n{self._secret()}\n{person.address}\n"
        own, mark, quoted = body.partition("\n\nOn ")
        self._set(mail, f"{own}{signature if self.dice.random() < 0.5 else ''}{mark}{quoted}{head}")
        person.sends(mail)
        return True

    def _set(self, mail: EmailMessage, text: str) -> None:
        mail.set_content(text)

    def _answers(self) -> bool:
        return self._replies(self.dice.choice(self.staff), self.dice.choice(_PUBLIC))

    def _notes(self) -> bool:
        """Notes with the words on the line, below it, or both; with other orders beside them."""
        secret = self._secret()
        note = self.dice.choice(
            (f"#note {secret}", f"#note\n{secret}", f"#note {secret}\n\n{secret}", f"#tag +x\n#note {secret}")
        )
        return self._replies(self.dice.choice(self.staff), note)

    def _closes(self) -> bool:
        note = f"#note {self._secret()}\n" if self.dice.random() < 0.5 else ""
        return self._replies(self.dice.choice(self.staff), f"{note}#close\n\nEnjoy your lamp.")

    def _mistypes(self) -> bool:
        """Comes back with the line marked, and goes nowhere else."""
        return self._replies(self.dice.choice(self.staff), f"#ntoe the customer lies\n\n{self._secret()}")

    def _talks_on_list(self) -> bool:
        person = self.dice.choice(self.staff)
        person.sends(person.new([LIST], "Lunch", f"Who comes along? {self._secret()}"))
        return True

    def _is_forged(self) -> bool:
        """Zoe writes as an operator; nobody confirms."""
        person, number = self.dice.choice(self.staff), self.dice.randint(1, 9)
        mail = person.new([ADDRESS], f"Re: [#{number}]", f"Pay here: {self._secret()}")
        self.desk.post(mail, "zoe@elsewhere.example")
        return True

    def _pic_says(self) -> bool:
        words = self.dice.choice(("", "#ok", f"No: {self._secret()}", f"#note {self._secret()}"))
        return self._replies(self.desk.dora, words)

    def _passes(self) -> bool:
        """Reminders, breaches, nudges and closings by the clock."""
        self.desk.passes(hours=self.dice.choice((1, 5, 13, 30)))
        return False
