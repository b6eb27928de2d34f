"""Customers by mail: `status`, `language id`, `send my data`, `forget me`, each a mail that says nothing else."""

import json

import pytest

from helpdesk.flow import admin
from helpdesk.model.ticket import Status
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.store import erasing, handled, proof, schema
from helpdesk.store.session import Database
from helpdesk.testing.desk import ADDRESS
from helpdesk.testing.letters import Letter


def says(person, words, subject="", **headers):
    """A new mail to the desk with these words alone; return its inbox row."""
    return person.sends(person.new([ADDRESS], subject or words, words), **headers)


@pytest.fixture
def asked(desk):
    """Anne has two tickets: one answered, one waiting."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    desk.anne.asks("BUY http://x.example", "Another thing.")
    return desk


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("status", "waiting for your answer"),
        ("Status.", "waiting for your answer"),
        ("tiket saya", "menunggu jawaban Anda"),
        ("Κατάσταση", "περιμένει την απάντησή σας"),
        ("mga tiket ko", "naghihintay ng sagot ninyo"),
    ],
)
def test_status_names_their_tickets_and_how_they_stand(asked, words, answer):
    row = says(asked.anne, words)

    letter = asked.anne.last("request_done")
    assert f"#1 (2026-03-02): {answer}" in letter.text
    assert "#2 (2026-03-02)" in letter.text
    assert asked.outcome(row).outcome == "customer_asked"
    assert asked.newest().number == 2


def test_status_never_repeats_a_subject(asked):
    """F13: whoever wrote it may have forged the address."""
    says(asked.anne, "status")

    assert b"x.example" not in asked.anne.last("request_done").raw


def test_a_stranger_hears_nothing_of_others(asked):
    zoe = asked.stranger("zoe@elsewhere.example", "Zoe")

    says(zoe, "status")

    assert "#1" not in zoe.last("request_done").text


def test_the_phrase_may_stand_in_the_subject_alone(asked):
    asked.anne.sends(asked.anne.new([ADDRESS], "status", ""))

    assert asked.anne.count("request_done") == 1


@pytest.mark.parametrize(
    "words", ["What is the status of my order?", "status\nand where is my lamp?", "language"]
)
def test_more_than_the_phrase_is_a_question(asked, words):
    says(asked.anne, words, "A question of mine")

    assert asked.newest().number == 3
    assert asked.anne.count("request_done") == 0


def test_on_a_thread_the_phrase_is_for_the_operator(asked):
    asked.anne.replies("status", "answer")

    assert asked.anne.count("request_done") == 0
    assert "status" in asked.bart.last_personal("customer_reply").text


def test_a_robot_that_says_status_gets_nothing(asked):
    says(asked.anne, "status", Auto_Submitted="auto-replied")

    assert asked.anne.count("request_done") == 0


def test_the_same_request_is_answered_once_a_day(open_desk):
    desk = open_desk(per_address=1)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    says(desk.anne, "status")
    says(desk.anne, "status")

    assert desk.anne.count("request_done") == 1


def test_what_was_asked_for_first_takes_no_answer_from_what_is_asked_for_next(open_desk):
    desk = open_desk(per_address=1)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    for words in ("status", "language id", "send my data", "forget me"):
        desk.passes(minutes=3)
        says(desk.anne, words)

    assert desk.anne.count("request_done") == 2
    assert desk.anne.count("confirm_request") == 2
    assert desk.ticket().language == "id"


def test_a_language_holds_though_no_letter_may_say_so(open_desk):
    desk = open_desk(per_address=1)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    says(desk.anne, "language id")

    says(desk.anne, "language el")

    assert desk.anne.count("request_done") == 1
    assert desk.ticket().language == "el"


def test_a_forger_gets_one_letter_for_each_thing_that_can_be_asked(open_desk):
    """T7: four a day for one address, however often."""
    desk = open_desk(per_address=1)
    forger = desk.stranger("anne@customer.example")

    for _ in range(5):
        for words in ("status", "language id", "send my data", "forget me"):
            says(forger, words)
        desk.passes(hours=1)

    assert len(desk.anne.mailbox) == 4


@pytest.mark.parametrize("words", ["language id", "bahasa indonesia"])
def test_a_language_holds_from_now_on(asked, words):
    says(asked.anne, words)
    asked.bart.answers("Here is your number.")
    third = asked.anne.asks("A third thing", "Where is my receipt, please?")

    assert "bahasa Indonesia" in asked.anne.last("request_done").text
    assert third.language == "id"
    assert [asked.ticket(n).language for n in (1, 2)] == ["id", "id"]
    assert "terima kasih" in asked.anne.last("acknowledgement").text


def test_a_language_that_the_desk_does_not_speak_is_a_question(asked):
    says(asked.anne, "language fr")

    assert asked.newest().number == 3


def test_their_data_comes_after_the_address_has_confirmed(asked):
    asked.bart.answers("#note\nShe is a difficult one.")
    says(asked.anne, "send my data")
    assert [letter.name for letter in asked.anne.mailbox][-1] == "confirm_request"

    asked.anne.replies("", "confirm_request")

    files = asked.anne.last("request_done").attachments
    data = json.loads(files["data.json"])
    assert [ticket["subject"] for ticket in data["tickets"]] == ["Where is my order?", "BUY http://x.example"]
    assert "I ordered a lamp." in files["data.txt"].decode()
    assert "It is on its way." in files["data.txt"].decode()
    assert not any(b"staff.example" in file or b"difficult" in file for file in files.values())


def test_nobody_else_can_ask_for_it(asked):
    """The From line is forged: anne gets a letter, nobody gets data."""
    says(asked.stranger("anne@customer.example"), "send my data")

    assert asked.anne.last("confirm_request").recipients == ("anne@customer.example",)
    assert asked.anne.count("request_done") == 0


def test_a_robot_confirms_nothing(asked):
    says(asked.anne, "send my data")

    asked.anne.replies("I am away.", "confirm_request", Auto_Submitted="auto-replied")

    assert asked.anne.count("request_done") == 0


def test_it_is_confirmed_once(asked):
    says(asked.anne, "send my data")

    asked.anne.replies("", "confirm_request")
    asked.anne.replies("", "confirm_request")

    assert asked.anne.count("request_done") == 1


def everything_stored(desk):
    """Every row of both databases, as one text."""
    found = []
    for database, tables in ((desk.shop.spool, schema.SPOOL), (desk.shop.desk, schema.DESK)):
        with database.read() as connection:
            for table in tables.sorted_tables:
                found += [f"{table.name} {row}" for row in connection.execute(table.select())]
    return found


@pytest.mark.parametrize("words", ["forget me", "lupakan saya", "ξεχάστε με", "kalimutan ako"])
def test_forget_me_waits_for_the_address_itself(asked, words):
    says(asked.anne, words)

    assert asked.anne.last("confirm_request")
    assert asked.ticket().customer.address == "anne@customer.example"


def test_who_is_forgotten_leaves_numbers_and_states_only(asked):
    """Words, names and addresses are gone from every table; only the wish and its answer stay."""
    asked.anne.replies("I live in Jalan Melati 5.", "answer")
    zoe = asked.stranger("zoe@elsewhere.example", "Zoe")
    zoe.asks("My own order", "Zoe lives elsewhere.")
    request = says(asked.anne, "forget me")

    confirmation = asked.anne.replies("", "confirm_request")

    rest = [
        row
        for row in everything_stored(asked)
        if "anne@" in row.lower() or "Melati" in row or "a lamp" in row
    ]
    kept = {request, confirmation}
    assert "erased" in asked.anne.last("request_done").text
    assert [asked.ticket(n).status for n in (1, 2)] == [Status.CLOSED, Status.CLOSED]
    assert asked.ticket().customer.address == "erased-1@erased.invalid"
    assert all(row.startswith(("inbox", "handled", "outbox")) for row in rest), rest
    assert len([row for row in rest if row.startswith("inbox")]) == len(kept)
    assert len([row for row in rest if row.startswith("handled")]) == len(kept)
    assert "Zoe lives elsewhere." in asked.entries(3)[0].text


def test_the_history_of_who_was_forgotten_still_verifies(asked):
    """T29: the chain is made anew, and its last line tells where the old one ended."""
    old_head = asked.ticket().journal_head
    says(asked.anne, "forget me")
    asked.anne.replies("", "confirm_request")

    with asked.shop.desk.read() as desk:
        findings = [finding for stretch in proof.prove_all(desk) for finding in stretch.findings]

    assert findings == []
    assert asked.lines()[-1].event == "erased"
    assert old_head in asked.lines()[-1].reason


def test_who_was_forgotten_may_come_again(asked):
    says(asked.anne, "forget me")
    asked.anne.replies("", "confirm_request")

    ticket = asked.anne.asks("Hello again", "Where is my new order?")

    assert ticket.customer.address == "anne@customer.example"
    assert asked.anne.last("acknowledgement").ticket == ticket.number


def test_a_mail_handled_just_before_is_safe_before_its_customer_is_forgotten(asked):
    """Its bytes are overwritten for good: were its own commit still to come, a power cut would leave nothing of it."""
    says(asked.anne, "forget me")
    yes = asked.anne.reply(asked.anne.last("confirm_request"), "")
    earlier, confirmed = (
        asked.receive(mail.as_bytes(), asked.anne.address, Letter(mail.as_bytes()).to)
        for mail in (asked.anne.new([ADDRESS], "My lamp", "Where is my lamp?"), yes)
    )
    safe = []

    def look(what):
        if what == "before erase":
            with asked.shop.desk.read() as connection:
                safe.append(handled.load(connection, earlier) is not None)

    asked.shop.spool.close()
    asked.shop.spool = Database(asked.shop.spool.url.render_as_string(hide_password=False), passed=look)

    asked.run()

    assert safe == [True]
    assert asked.outcome(confirmed).state == "done"
    assert asked.newest().customer.address.endswith("erased.invalid")


def test_an_admin_orders_the_same_by_the_spool(asked):
    row = asked.arrive(admin.ask_to_erase("anne@customer.example", asked.clock()))
    asked.run()

    assert asked.outcome(row).outcome == "admin"
    assert asked.ticket().customer.address == "erased-1@erased.invalid"
    assert asked.entries()[0].text == "(erased)"


def test_what_is_left_of_a_forgotten_mail_becomes_no_ticket(asked):
    """It may come up again: a parked row is replayed, or the desk broke off before it had written its row."""
    row = asked.receive(b"Subject: bad\r\n\r\n", "anne@customer.example", (ADDRESS,))
    with asked.shop.spool.write() as spool:
        erasing.overwrite(spool, [row])

    asked.run()

    assert asked.outcome(row).outcome == "ignored:erased"
    assert asked.newest().number == 2


class DeafOnce(Library):
    """Has no words for the answer to a request, the first time."""

    deaf = True

    def filling(self, letter, language, values):
        if letter == "request_done" and self.deaf:
            self.deaf = False
            raise RuntimeError("no words")
        return super().filling(letter, language, values)


def test_who_was_half_forgotten_when_the_work_broke_off_is_forgotten_when_it_is_done_again(asked):
    """The bytes in the inbox go first, in a transaction of their own; what the desk knows goes with the row."""
    says(asked.anne, "forget me")
    asked.shop.library = DeafOnce(shipped_folder(), asked.policy)

    asked.anne.replies("", "confirm_request")

    assert not asked.shop.library.deaf
    assert asked.anne.count("request_done") == 1
    assert asked.ticket().customer.address == "erased-1@erased.invalid"
    assert not [row for row in everything_stored(asked) if "a lamp" in row]
