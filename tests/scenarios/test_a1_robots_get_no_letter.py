"""A1, R36: mail that a machine wrote makes a ticket when it must, and never an automatic letter to its sender."""

import pytest

from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS, LIST

ROBOTS = {
    "auto-replied": {"Auto-Submitted": "auto-replied"},
    "auto-replied with a parameter": {"Auto-Submitted": "auto-replied; owner-email=x@y.example"},
    "auto-generated": {"Auto-Submitted": "auto-generated"},
    "auto-notified": {"Auto-Submitted": "auto-notified"},
    "any other word": {"Auto-Submitted": "whatever"},
    "capitals": {"AUTO-SUBMITTED": "Auto-Replied"},
    "precedence bulk": {"Precedence": "bulk"},
    "precedence junk": {"Precedence": "junk"},
    "precedence list": {"Precedence": "list"},
    "precedence auto_reply": {"Precedence": "auto_reply"},
    "list id": {"List-Id": "<news.elsewhere.example>"},
    "list unsubscribe": {"List-Unsubscribe": "<mailto:leave@elsewhere.example>"},
    "list post": {"List-Post": "<mailto:news@elsewhere.example>"},
    "list help": {"List-Help": "<mailto:news-request@elsewhere.example>"},
    "mailing list": {"Mailing-List": "contact news-help@elsewhere.example; run by ezmlm"},
    "suppress all": {"X-Auto-Response-Suppress": "All"},
    "suppress oof": {"X-Auto-Response-Suppress": "OOF"},
    "suppress autoreply": {"X-Auto-Response-Suppress": "DR, AutoReply"},
    "suppress ndr": {"X-Auto-Response-Suppress": "NDR"},
    "x-autoreply": {"X-Autoreply": "yes"},
    "x-autorespond": {"X-Autorespond": "Where is my order?"},
    "x-auto-reply-from": {"X-Auto-Reply-From": "anne@customer.example"},
    "machine generated": {"X-FC-MachineGenerated": "true"},
    "x-loop": {"X-Loop": "help@desk.example"},
    "our own loop header": {"X-Helpdesk-Letter": "acknowledgement"},
    "another desk of ours": {"X-Helpdesk-Ticket": "7"},
    "spam flag": {"X-Spam-Flag": "YES"},
}
SENDERS = [
    "mailer-daemon@customer.example",
    "postmaster@customer.example",
    "noreply@customer.example",
    "no-reply@customer.example",
    "no_reply@customer.example",
    "do-not-reply@customer.example",
    "donotreply@customer.example",
    "owner-news@customer.example",
    "news-request@customer.example",
    "news-bounces@customer.example",
    "bounce+abc123@customer.example",
    "daemon@customer.example",
    "MAILER-DAEMON@customer.example",
]
HUMANS = {
    "no": {"Auto-Submitted": "no"},
    "no with a comment": {"Auto-Submitted": "no (a human wrote)"},
    "precedence first-class": {"Precedence": "first-class"},
    "suppress none": {"X-Auto-Response-Suppress": "None"},
    "x-mailer": {"X-Mailer": "Thunderbird"},
    "not spam": {"X-Spam-Flag": "NO"},
    "importance": {"Importance": "high"},
    "not machine generated": {"X-FC-MachineGenerated": "false"},
}


@pytest.mark.parametrize("headers", ROBOTS.values(), ids=ROBOTS)
def test_a_robot_gets_no_letter(desk, headers):
    desk.anne.sends(desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp."), **headers)

    assert desk.anne.mailbox == []


@pytest.mark.parametrize("address", SENDERS)
def test_an_address_that_nobody_reads_gets_no_letter(desk, address):
    robot = desk.stranger(address)

    robot.sends(robot.new([ADDRESS], "Your mail", "It could not be delivered, or something like it."))

    assert robot.mailbox == []


@pytest.mark.parametrize("headers", HUMANS.values(), ids=HUMANS)
def test_a_human_is_acknowledged(desk, headers):
    desk.anne.sends(desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp."), **headers)

    assert desk.anne.count("acknowledgement") == 1


def test_a_robot_gets_no_letter_for_the_whole_life_of_its_ticket(desk):
    """No word of the assignment, of a new operator, of a reminder, of the closing, and no survey."""
    desk.anne.sends(desk.anne.new([ADDRESS], "Report", "All is well."), Precedence="bulk")
    desk.passes(hours=25)
    desk.cate.answers("Noted, thank you.")
    desk.passes(days=9)
    desk.dora.replies("", "close_notice")

    assert desk.anne.names() == ["answer"]
    assert desk.ticket().status is Status.CLOSED


def test_a_mail_without_envelope_sender_becomes_a_ticket_without_a_letter_to_its_writer(desk):
    """R9, R46: nothing is sent in answer to the null sender; the mail is kept all the same."""
    mail = desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp.")

    desk.anne.sends(mail, envelope="")
    desk.passes(days=3)

    assert desk.newest().number == 1
    assert desk.anne.mailbox == []


def test_a_mail_that_does_not_name_the_desk_is_not_acknowledged(desk):
    """RFC 5230 4.5: a blind copy, as bulk mail comes."""
    mail = desk.anne.new(["undisclosed@customer.example"], "Offer", "Cheap lamps.")

    desk.receive(mail.as_bytes(), desk.anne.address, (ADDRESS,))
    desk.run()

    assert desk.newest().number == 1
    assert desk.anne.mailbox == []


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"X-Autoreply": "yes"}])
def test_a_robot_on_the_desks_own_list_is_a_robot(desk, headers):
    """2.4: the list's own headers prove nothing, all other rules still hold."""
    desk.anne.sends(desk.anne.new([LIST], "Away", "I am away."), **headers)

    assert desk.anne.mailbox == []


def test_two_senders_in_one_from_line_are_nobody(desk):
    """R20: no identity, no letter; the mail is a ticket all the same."""
    mail = desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp.")
    mail.replace_header("From", "Anne <anne@customer.example>, Zoe <zoe@elsewhere.example>")

    desk.anne.sends(mail)

    assert desk.anne.mailbox == []
    assert "not_acknowledged" in desk.history()


def test_two_desks_that_write_to_each_other_stop_at_once(open_desk):
    """R37: the other desk's acknowledgement is an automatic mail."""
    desk, other = open_desk(), open_desk()
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    acknowledgement = desk.letters("acknowledgement")[0].raw.replace(
        b"help@desk.example", b"help@other.example"
    )
    before = len(other.sent)

    row = other.post(acknowledgement, "")

    assert other.outcome(row).outcome.startswith("ignored:")
    assert len(other.sent) == before


def test_a_hundred_out_of_office_replies_change_nothing(desk):
    """R39: no acknowledgement, no reopened ticket, no letter to anybody."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    before, letters = desk.ticket(), len(desk.sent)

    for n in range(100):
        mail = desk.anne.reply(desk.anne.last("answer"), f"I am away until {n}.")
        mail["Auto-Submitted"] = "auto-replied"
        desk.receive(mail.as_bytes(), "", (ADDRESS,))
    desk.run()

    after = desk.ticket()
    assert (after.status, after.deadlines, len(desk.sent)) == (before.status, before.deadlines, letters)
    assert desk.history().count("automatic_mail") == 100
