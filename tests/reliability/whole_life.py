"""One conversation with everything in it, compact: the steps at each of whose commits the power is cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from helpdesk.model.outcome import Refused
from helpdesk.model.policy import Assignment, AssignmentMode, Policy
from helpdesk.testing.desk import ADDRESS, LIST, policy
from helpdesk.testing.power import PoweredDesk
from helpdesk.testing.scenario_people import Player

Step = Callable[[PoweredDesk], object]


def rules() -> Policy:
    mode = Assignment(mode=AssignmentMode.CLAIM, claim_window=timedelta(minutes=10))
    return policy(assignment=mode)


def asks_desk_and_list(desk: PoweredDesk) -> None:
    anne = desk.anne
    anne.sends(anne.new([ADDRESS], "My order 12", "Where is my order?\n\nAnne", cc=[LIST]))


def both_claim(desk: PoweredDesk) -> None:
    desk.cate.claims()
    desk.bart.claims()


def operator(desk: PoweredDesk) -> Player:
    return desk.bart if desk.ticket().operator == desk.bart.address else desk.cate


def answers_with_attachment(desk: PoweredDesk) -> None:
    person = operator(desk)
    message = person.reply(person.last_personal("assignment"), "Which colour was it? See the attached form.")
    message.add_attachment(b"%PDF-1.4 form", maintype="application", subtype="pdf", filename="form.pdf")
    person.sends(message)


def new_operator_answers(desk: PoweredDesk) -> None:
    operator(desk).answers("It left our house yesterday. Did it arrive?")


def customer_is_away(desk: PoweredDesk) -> None:
    desk.anne.replies("I am away until Monday.", "answer", Auto_Submitted="auto-replied")


def writes_from_elsewhere(desk: PoweredDesk) -> None:
    """Nothing proves this mail: a fresh one with the number in its subject."""
    person = operator(desk)
    person.sends(person.new([ADDRESS], "Re: [#1] My order 12", "We have sent a second parcel, too."))


def confirms(desk: PoweredDesk) -> None:
    operator(desk).replies("", "confirm_sender")


def answer_bounces(desk: PoweredDesk) -> None:
    desk.post(bounce_of(desk.anne.last("answer").raw), "")


def closes(desk: PoweredDesk) -> None:
    operator(desk).answers("#close\n\nAll is done; enjoy it.")


def second_question_meets_a_full_mailbox(desk: PoweredDesk) -> None:
    desk.fails["anne@customer.example"] = Refused("550 5.2.2 mailbox full")
    desk.anne.asks("An invoice", "Please send me the invoice of order 12.")
    del desk.fails["anne@customer.example"]


def bounce_of(raw: bytes) -> bytes:
    """As a mail server of the customer's would write it (RFC 3464)."""
    head = (
        "From: Mail Delivery System <MAILER-DAEMON@customer.example>\r\n"
        f"To: {ADDRESS}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Date: Mon, 9 Mar 2026 08:00:00 +0000\r\n"
        "Message-ID: <bounce.1@customer.example>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    )
    status = (
        "Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; anne@customer.example\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )
    returned = raw.partition(b"\r\n\r\n")[0].decode("ascii") + "\r\n"
    parts = (
        ("text/plain", "The mail could not be delivered.\r\n"),
        ("message/delivery-status", status),
        ("text/rfc822-headers", returned),
    )
    body = "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{words}\r\n" for kind, words in parts)
    return f"{head}{body}--b--\r\n".encode("ascii")


STEPS: tuple[tuple[str, Step], ...] = (
    ("the question reaches desk and list", asks_desk_and_list),
    ("both claim", both_claim),
    ("the claim window ends", lambda desk: desk.passes(minutes=15)),
    ("an answer with an attachment", answers_with_attachment),
    ("the customer replies", lambda desk: desk.anne.replies("A blue one.", "answer")),
    ("a reminder", lambda desk: desk.passes(hours=13)),
    ("breach and reassignment", lambda desk: desk.passes(hours=12)),
    ("a second answer", new_operator_answers),
    ("an out-of-office", customer_is_away),
    ("a nudge", lambda desk: desk.passes(hours=30)),
    ("staff mail that is held", writes_from_elsewhere),
    ("its confirmation", confirms),
    ("the answer bounces", answer_bounces),
    ("the operator closes", closes),
    ("PIC agrees", lambda desk: desk.dora.replies("", "close_notice")),
    ("a vote by mail", lambda desk: desk.anne.replies("4 quite good", "survey")),
    ("a vote on the page", lambda desk: desk.votes(1, 5, "even better")),
    ("a second question, its letters refused", second_question_meets_a_full_mailbox),
    ("nobody claims it: the rota decides", lambda desk: desk.passes(hours=3)),
)

__all__ = ["STEPS", "rules"]
