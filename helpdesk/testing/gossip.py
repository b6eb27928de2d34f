"""A desk full of secrets: random conversations in which staff say things that no customer may ever read (T4, T31).

    talk = Gossip(desk, seed=7)
    talk.goes_on(500)
    assert talk.leaks() == []

Whatever staff write for each other carries a canary, a word that stands nowhere else; what passes between them and a
third party carries a bird of that party's own, which neither customers nor other parties may see. The mail programs
of staff quote internal letters with the signed addresses in them, as real ones do.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

from helpdesk.testing.desk import ADDRESS, LIST, PIC, Desk
from helpdesk.testing.leaks import OF_STAFF, House, leaks, letters_out
from helpdesk.testing.letters import Letter
from helpdesk.testing.scenario_people import Player

CANARY = "canary"
_WORK = (
    "assignment", "customer_reply", "reminder", "undelivered", "new_ticket", "breach", "close_notice",
    "third_party_reply", "escalation_overdue", "consent_answer", "promise_reminder", "back_today",
)  # fmt: skip
_PUBLIC = (
    "It is on its way.",
    "Which lamp was it?",
    "Please send us a photograph.",
    "We look into it today.",
)
_QUESTIONS = ("Where is my order?", "An invoice, please", "The lamp is broken", "Two of three parcels came")
_FORGED = "Pay here"
_CUSTOMERS = ("anne", "emil", "fay", "gus", "hana")
_FORWARDED = """---------- Forwarded message ---------
From: {name} <{address}>
Date: Mon, 2 Mar 2026 at 09:00
Subject: {subject}
To: <{to}>

Where is my lamp? I have waited for weeks.

{name}
"""
_ORIGINAL = """-----Original Message-----
From: {name} <{address}>
Sent: Monday, March 2, 2026 9:00 AM
To: {to}
Subject: {subject}

Where is my lamp? I have waited for weeks.

{name}
"""


class Gossip:
    """`said` counts what was posted; every canary that was let out stands in `canaries`."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = random.Random(seed)
        self.said = 0
        self.canaries: list[str] = []
        self.customers = [desk.anne, *(self._customer(name) for name in _CUSTOMERS[1:])]
        self.colleagues = {
            c.name: self.desk.stranger(f"eve@{c.name}.customer.example") for c in self.customers
        }
        self.staff = [desk.bart, desk.cate]
        self.parties = [desk.stranger(p.address, p.name) for p in desk.policy.third_parties]
        people = (*desk.policy.operators, *desk.policy.pics)
        self._house = House(frozenset(p.address for p in people), frozenset((LIST, PIC)))

    def _customer(self, name: str) -> Player:
        return self.desk.stranger(f"{name}@{name}.customer.example", name.title())

    def goes_on(self, mails: int) -> None:
        """Until so many mails have been posted."""
        steps: tuple[Callable[[], bool], ...] = (
            self._asks, self._asks, self._writes_back, self._writes_back, self._writes_back, self._answers,
            self._answers, self._answers, self._notes, self._closes, self._mistypes, self._talks_on_list,
            self._is_forged, self._pic_says, self._pic_decides, self._passes, self._escalates, self._party_writes,
            self._hands_on, self._reports, self._puts_off, self._cancels, self._splits, self._merges, self._forwards,
            self._confirms,
        )  # fmt: skip
        self.customers[0].asks(_QUESTIONS[0], "I ordered a lamp.")
        until = self.said + mails
        while self.said < until:
            self.said += self.dice.choice(steps)()

    def leaks(self) -> list[str]:
        """Letters to people outside that hold what is none of their business, each with the reason."""
        found = leaks(self.desk.sent, self._house, re.compile(CANARY, re.I))
        for party in self.desk.policy.third_parties:
            theirs = House(self._house.staff, self._house.shared | {party.address})
            found += leaks(self.desk.sent, theirs, re.compile(_bird(party.name), re.I))
        return list(dict.fromkeys(found))

    def happened(self) -> set[str]:
        """The names of all steps in the histories of all tickets."""
        return {event for n in range(1, self.desk.newest().number + 1) for event in self.desk.history(n)}

    def letters_to_customers(self) -> list[Letter]:
        return letters_out(self.desk.sent, self._house)

    def _secret(self) -> str:
        self.canaries.append(f"{CANARY}{self.dice.getrandbits(40):x}")
        return self.canaries[-1]

    def _asks(self) -> bool:
        """Now and then with a colleague in copy."""
        customer = self.dice.choice(self.customers)
        copy = [self.colleagues[customer.name].address] if self.dice.random() < 0.3 else []
        words = f"Hello, it is me, {customer.name}."
        customer.sends(customer.new([ADDRESS], self.dice.choice(_QUESTIONS), words, copy))
        return True

    def _writes_back(self) -> bool:
        """Or the colleague does; now and then about something else."""
        customer = self.dice.choice(self.customers)
        writer = self.colleagues[customer.name] if self.dice.random() < 0.2 else customer
        if not writer.mailbox:
            return False
        letter = self.dice.choice(writer.mailbox[-6:])
        write = self.dice.choice((writer.reply, writer.reply_all))
        mail = write(letter, self.dice.choice(("Thank you!", "4711", "No, it is the blue one.", "Yes.", "")))
        if self.dice.random() < 0.2:
            del mail["Subject"]
            mail["Subject"] = self.dice.choice(_QUESTIONS)
        writer.sends(mail)
        return True

    def _letter_for(self, person: Player) -> Letter | None:
        """Mostly their own, whose address proves them; now and then a copy on the list."""
        work = [x for x in person.mailbox if x.name in _WORK]
        own = [x for x in work if OF_STAFF.search(x["Reply-To"])]
        letters = own if own and self.dice.random() < 0.9 else work
        return self.dice.choice(letters[-4:]) if letters else None

    def _replies(self, person: Player, words: str, letter: Letter | None = None) -> bool:
        """Above the whole internal letter, its addresses and ids; a secret below the signature's line."""
        letter = letter or self._letter_for(person)
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

    def _orders(self, *texts: str) -> bool:
        """One of these, with a note above it or without."""
        note = f"#note {self._secret()}\n" if self.dice.random() < 0.3 else ""
        return self._replies(self.dice.choice(self.staff), note + self.dice.choice(texts))

    def _in(self, days: int) -> str:
        return f"{self.desk.clock() + timedelta(days=days):%Y-%m-%d}"

    def _answers(self) -> bool:
        """Now and then somebody of the customer's house is brought in."""
        if self.dice.random() < 0.9:
            return self._replies(self.dice.choice(self.staff), self.dice.choice(_PUBLIC))
        person, eve = self.dice.choice(self.staff), self.dice.choice(list(self.colleagues.values()))
        letter = self._letter_for(person)
        if letter is None:
            return False
        person.sends(person.reply(letter, self.dice.choice(_PUBLIC), cc=[eve.address]))
        return True

    def _escalates(self) -> bool:
        """The words below are for the third party alone."""
        if not self.parties:
            return False
        party = self.dice.choice(self.parties).name
        return self._orders(f"#escalate {party}\n\nWhere is it? {_bird(party)}", f"#escalate {party}")

    def _party_writes(self) -> bool:
        asked = [party for party in self.parties if party.mailbox]
        if not asked:
            return False
        party = self.dice.choice(asked)
        write = self.dice.choice((party.reply, party.reply_all))
        party.sends(write(self.dice.choice(party.mailbox[-4:]), f"It was stolen, {_bird(party.name)}."))
        return True

    def _hands_on(self) -> bool:
        """Reasons and words are for colleagues."""
        who = self.dice.choice(("me", "Bart", "Cate"))
        return self._orders(
            f"#release {self._secret()}",
            f"#release\n\n{self._secret()}",
            f"#assign {who}\n\n{self._secret()}",
        )

    def _reports(self) -> bool:
        return self._orders(f"#report abuse {self._secret()}\n\n{self._secret()}")

    def _pic_decides(self) -> bool:
        """The customer reads why they are warned, and not why they are blocked."""
        orders = (
            "#warn Please be polite.",
            f"#block {self._secret()}\n{self._secret()}",
            "#unblock",
            "#unblock",
        )
        reports = [letter for letter in self.desk.dora.mailbox if letter.name == "abuse_report"]
        return bool(reports) and self._replies(self.desk.dora, self.dice.choice(orders), reports[-1])

    def _puts_off(self) -> bool:
        """Why it is on hold is the desk's own; why it is late the customer reads."""
        days, words = self.dice.randint(2, 9), self.dice.choice(("", f"\n\n{_PUBLIC[0]}"))
        return self._orders(
            f"#hold {self._in(days)} {self._secret()}{words}", f"#delay {self._in(days)} it snows{words}"
        )

    def _cancels(self) -> bool:
        return self._orders("#cancel the lamp", f"#cancel\n\n{_PUBLIC[0]}", "#cancel done")

    def _splits(self) -> bool:
        return self._orders("#split", f"#split\n\n{_PUBLIC[3]}")

    def _merges(self) -> bool:
        """With another ticket of the same customer where there is one."""
        person = self.dice.choice(self.staff)
        letter = self._letter_for(person)
        if letter is None:
            return False
        customer = self.desk.ticket(letter.ticket).customer.address
        numbers = range(1, self.desk.newest().number + 1)
        own = [n for n in numbers if n != letter.ticket and self.desk.ticket(n).customer.address == customer]
        note = f"#note {self._secret()}\n" if self.dice.random() < 0.3 else ""
        return self._replies(person, f"{note}#merge {self.dice.choice(own or [1])}", letter)

    def _forwards(self) -> bool:
        """A customer's mail that came to an operator, with words above it for the desk."""
        person, customer = self.dice.choice(self.staff), self.dice.choice(self.customers)
        subject = self.dice.choice(_QUESTIONS)
        original = self.dice.choice((_FORWARDED, _ORIGINAL)).format(
            name=customer.name, address=customer.address, subject=subject, to=person.address
        )
        words = self.dice.choice(("", f"Please take this one. {self._secret()}\n\n{person.name}\n\n"))
        person.sends(person.new([ADDRESS], f"Fwd: {subject}", f"{words}{original}"))
        return True

    def _confirms(self) -> bool:
        """That a mail whose sender was not proven was theirs; they know what they have written, and what not."""
        person = self.dice.choice(self.staff)
        letters = [letter for letter in person.mailbox if letter.name == "confirm_sender"]
        asked = [letter for letter in letters if _FORGED not in letter.text]
        return bool(asked) and self._replies(person, "", asked[-1])

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
        """Zoe writes as an operator about a ticket that there is; they do not confirm."""
        person, number = self.dice.choice(self.staff), self.dice.randint(1, self.desk.newest().number)
        mail = person.new([ADDRESS], f"Re: [#{number}]", f"{_FORGED}: {self._secret()}")
        self.desk.post(mail, "zoe@elsewhere.example")
        return True

    def _pic_says(self) -> bool:
        words = self.dice.choice(("", "#ok", f"No: {self._secret()}", f"#note {self._secret()}"))
        return self._replies(self.desk.dora, words)

    def _passes(self) -> bool:
        """Reminders, breaches, nudges and closings by the clock."""
        self.desk.passes(hours=self.dice.choice((1, 5, 13, 30)))
        return False


def _bird(party: str) -> str:
    """The word that passes between staff and this third party alone."""
    return f"{party}-sparrow"
