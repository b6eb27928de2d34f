"""R37-R39: real desks that mail each other, whose operators send everything on to them, and whose customers' mail
programs answer by themselves: a few letters, then there is silence."""

import smtplib
from email.message import EmailMessage

import pytest

from helpdesk.store import handled
from helpdesk.testing.daemon import CONFIG, PATIENCE, Daemon
from helpdesk.testing.letters import Letter

OURS, THEIRS = "help@ours.example", "help@theirs.example"


class TwoDesks:
    """The post between two desks: `sent` are all their mails, `carried` those that came to one of them again.

    `forwards`: mailboxes that send everything on, each to a desk.
    """

    def __init__(self, ours: Daemon, theirs: Daemon) -> None:
        self.desks = {OURS: ours, THEIRS: theirs}
        self.posted = {OURS: 0, THEIRS: 0}
        self.carried: list[Letter] = []
        self.sent: list[Letter] = []
        self.forwards: dict[str, str] = {}

    def post(self, raw: bytes, sender: str, to: str) -> None:
        """Hand a mail to the desk whose address, with or without a token, `to` is."""
        local, _, domain = to.partition("@")
        desk = f"{local.partition('+')[0]}@{domain}"
        with smtplib.SMTP("127.0.0.1", self.desks[desk].smtp_port, timeout=PATIENCE) as client:
            client.sendmail(sender, [to], raw)
        self.posted[desk] += 1

    def until_silence(self) -> None:
        """Carry mails until both have handled everything and nothing waits to be sent."""
        self.desks[OURS].until(self._silent, "silence", 3 * PATIENCE)

    def _silent(self) -> bool:
        done = [self._is_done(address) for address in self.desks]
        fresh = [letter for desk in self.desks.values() for letter in desk.reader.fresh()]
        self.sent += fresh
        for letter in fresh:
            self._carry(letter)
        return all(done) and not fresh

    def _carry(self, letter: Letter) -> None:
        for reader in letter.recipients:
            if reader in self.desks:
                self.carried.append(letter)
                self.post(letter.raw, letter.sender, reader)
            elif reader in self.forwards:
                self.carried.append(letter)
                self.post(letter.raw, reader, self.forwards[reader])

    def _is_done(self, address: str) -> bool:
        desk = self.desks[address]
        spool, database = desk.databases()
        try:
            with database.read() as connection:
                rows = handled.latest(connection, 1000)
                waits = connection.exec_driver_sql(
                    "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
                ).scalar()
            return len(rows) == self.posted[address] and all(r.state == "done" for r in rows) and not waits
        finally:
            spool.close()
            database.close()


@pytest.fixture
def two_desks(tmp_path):
    def desk(address: str) -> Daemon:
        folder = tmp_path / address
        folder.mkdir()
        config = CONFIG.replace("help@desk.example", address).replace('list = "milis@lists.example"\n', "")
        return Daemon(folder, config=config)

    desks = desk(OURS), desk(THEIRS)
    try:
        yield TwoDesks(*(one.start(within=3 * PATIENCE) for one in desks))
    finally:
        for one in desks:
            if one.is_running:
                one.stop()


def words(sender: str, to: str, subject: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{abs(hash(text))}@outside.example>"
    message.set_content(text)
    return message.as_bytes()


def automatic(letters: list[Letter]) -> list[str]:
    return [letter.name for letter in letters if letter["Auto-Submitted"]]


def test_two_desks_that_are_each_others_customer_fall_silent(two_desks):
    """First a forged question makes one desk write to the other, then an operator's own words do."""
    two_desks.post(words(THEIRS, OURS, "A question", "Where is our order?"), THEIRS, OURS)
    two_desks.until_silence()
    first = list(two_desks.carried)

    ours = two_desks.desks[OURS]
    work = next(x for x in two_desks.sent if x.name == "assignment" and x.to[0].endswith("staff.example"))
    two_desks.post(
        words(work.to[0], work.answer_to()[0], f"Re: {work.subject}", "It is on its way."),
        work.to[0],
        work.answer_to()[0],
    )
    two_desks.until_silence()
    then = two_desks.carried[len(first) :]

    assert 1 <= len(first) <= 2
    assert automatic(first) == [letter.name for letter in first]
    assert [letter.name for letter in then if letter.sender] == ["answer"]
    assert len(automatic(then)) <= 2
    assert ours.is_running


def test_operators_who_send_everything_on_to_a_desk_make_no_loop(two_desks):
    """R38, twice: what bart gets from his own desk comes back to it; what the other writes to him goes there, too."""
    anne = "anne@customer.example"
    two_desks.forwards = {"bart@staff.example": OURS}
    for desk in (OURS, THEIRS):
        two_desks.post(words(anne, desk, "A question", f"Where is it, {desk}?"), anne, desk)

    two_desks.until_silence()

    to_bart = [letter for letter in two_desks.sent if letter.recipients == ("bart@staff.example",)]
    assert two_desks.carried == to_bart
    assert 2 <= len(to_bart) <= 3
    assert len([x for x in two_desks.sent if x.recipients == (anne,)]) == 4


def test_a_hundred_automatic_answers_get_no_letter_and_reopen_nothing(two_desks):
    """R39: the customer's mail program answers the acknowledgement, again and again."""
    anne = "anne@customer.example"
    two_desks.post(words(anne, OURS, "A question", "Where is it?"), anne, OURS)
    two_desks.until_silence()
    letter = next(x for x in two_desks.sent if x.name == "acknowledgement")
    before = len(two_desks.sent)

    for number in range(100):
        away = EmailMessage()
        away["From"], away["To"], away["Subject"] = anne, letter.answer_to()[0], f"Away: {letter.subject}"
        away["Message-ID"], away["In-Reply-To"] = f"<away{number}@customer.example>", letter["Message-ID"]
        away["Auto-Submitted"] = "auto-replied"
        away.set_content(f"I am away until Monday {number}.")
        two_desks.post(away.as_bytes(), "", letter.answer_to()[0])
    two_desks.until_silence()

    assert [x.name for x in two_desks.sent[before:] if anne in x.recipients] == []
    assert "reopened" not in [line["action"] for line in two_desks.desks[OURS].log()]
