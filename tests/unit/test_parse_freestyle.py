"Bounces in a mail system's own words, by kinds of server, and the humans who write about bounces (R40, R44)."

from __future__ import annotations

import pytest

from helpdesk.model.mail import Automatic
from helpdesk.parse.message import read

RETURNED = (
    "Received: from desk.example by mx.example; Mon, 9 Mar 2026 10:00:00 +0000\n"
    "Message-ID: <ours@desk.example>\nFrom: desk@desk.example\n"
    "To: anne@customer.example\nSubject: Your parcel\n\n"
    "Dear Anne, write to bart@staff.example\n"
)
DAEMON = "MAILER-DAEMON@mx.example"
# name: (From, Subject, what it says above the returned letter, recipients with status)
FAILED: dict[str, tuple[str, str, str, dict[str, str | None]]] = {
    "qmail": (
        DAEMON,
        "failure notice",
        (
            "Hi. This is the qmail-send program at mx.example.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<anne@customer.example>:\n192.0.2.1 does not like recipient.\n"
            "Remote host said: 550 5.1.1 User unknown\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <desk@desk.example>\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "exim": (
        f"Mail Delivery System <{DAEMON}>",
        "Mail delivery failed: returning message to sender",
        (
            "This message was created automatically by mail delivery software.\n\n"
            "A message that you sent could not be delivered to one or more of its\n"
            "recipients. This is a permanent error. The following address(es) failed:\n\n"
            "  anne@customer.example\n"
            "    host mx.customer.example [192.0.2.7]: 550 No such user\n"
            "  cate@customer.example\n    mailbox is full\n\n"
            "------ This is a copy of the message, including all the headers. ------\n\n"
        ),
        {"anne@customer.example": "5.1.1", "cate@customer.example": "5.2.2"},
    ),
    "sendmail": (
        f"Mail Delivery Subsystem <{DAEMON}>",
        "Returned mail: see transcript for details",
        (
            "The original message was received at Mon, 9 Mar 2026 10:00:00 GMT\n"
            "from desk.example [192.0.2.2]\n\n"
            "   ----- The following addresses had permanent fatal errors -----\n"
            "<anne@customer.example>\n\n   ----- Transcript of session follows -----\n"
            "... while talking to mx.customer.example.:\n>>> RCPT To:<anne@customer.example>\n"
            "<<< 550 5.1.1 <anne@customer.example>... User unknown\n"
            "550 5.1.1 <anne@customer.example>... User unknown\n\n"
            "   ----- Original message follows -----\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "postfix": (
        f"{DAEMON} (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        (
            "This is the Postfix program at host mx.example.\n\n"
            "I'm sorry to have to inform you that your message could not be\n"
            "delivered to one or more recipients.\n\n"
            "For further assistance, please send mail to <postmaster>\n\n"
            "<anne@customer.example>: host mx.customer.example[192.0.2.7] said: 552 5.2.2\n"
            "    Mailbox full (in reply to RCPT TO)\n\n"
        ),
        {"anne@customer.example": "5.2.2"},
    ),
    "exchange": (
        "System Administrator <postmaster@mx.example>",
        "Undeliverable: Your parcel",
        (
            "Your message\n\n  To:      Anne Smith; bart@staff.example\n  Subject: Your parcel\n"
            "  Sent:    Mon, 9 Mar 2026\n\ndid not reach the following recipient(s):\n\n"
            "anne@customer.example on Mon, 9 Mar 2026 10:00:00 +0000\n"
            "    The recipient name is not recognized\n"
            "    MSEXCH:IMS:ORG:SITE:MX 0 (000C05A6) Unknown Recipient\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "office 365": (
        "Microsoft Outlook <postmaster@mx.example>",
        "Undeliverable: Your parcel",
        (
            "Delivery has failed to these recipients or groups:\n\n"
            "anne@customer.example (anne@customer.example)\n"
            "The email address you entered couldn't be found.\n\n"
            "Diagnostic information for administrators:\n\nGenerating server: MX.example\n\n"
            "anne@customer.example\n"
            "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'\n\n"
            "Original message headers:\n\n"
        ),
        {"anne@customer.example": "5.1.10"},
    ),
    "yahoo": (
        "MAILER-DAEMON@mx.example",
        "Failure Notice",
        (
            "Sorry, we were unable to deliver your message to the following address.\n\n"
            "<anne@customer.example>:\n"
            "Remote host said: 554 delivery error: dd This user doesn't have a mx.example account "
            "[0] - mta1\n\n--- Below this line is a copy of the message.\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@mx.example>",
        "Delivery Status Notification (Failure)",
        (
            "Delivery to the following recipient failed permanently:\n\n"
            "     anne@customer.example\n\nTechnical details of permanent failure:\n"
            "The error that the other server returned was:\n550 5.7.1 Message rejected\n\n"
            "----- Original message -----\n\n"
        ),
        {"anne@customer.example": "5.7.1"},
    ),
    "new gmail": (
        "Mail Delivery Subsystem <mailer-daemon@mx.example>",
        "Delivery Status Notification (Failure)",
        (
            "** Address not found **\n\n"
            "Your message wasn't delivered to anne@customer.example because the address couldn't be "
            "found, or is unable to receive mail.\n\nThe response from the remote server was:\n"
            "550 5.1.1 The email account does not exist.\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "names alone": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Mail Delivery Problem",
        (
            "\n"
            "Your mail to the following recipients could not be delivered because they are not "
            "accepting mail from you:\n\n     annesmith\n"
        ),
        {"annesmith@mx.example": None},
    ),
    "lotus": (
        "postmaster@mx.example",
        "DELIVERY FAILURE: User anne (anne@customer.example) not listed in Domino Directory",
        (
            "Your message\n\n  Subject: Your parcel\n\nwas not delivered to:\n\n"
            "  anne@customer.example\n\nbecause:\n\n"
            "  User anne (anne@customer.example) not listed in Domino Directory\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "groupwise": (
        "Mailer-Daemon@mx.example",
        "Message status - undeliverable",
        (
            "The message that you sent was undeliverable to the following:\n\n"
            "\tanne@customer.example (user not found)\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "courier": (
        f'"Courier mail server at mx.example" <{DAEMON}>',
        "NOTICE: mail delivery status.",
        (
            "This is a delivery status notification from mx.example,\n"
            "running the Courier mail server, version 0.65.2.\n\nUNDELIVERABLE MAIL\n\n"
            "Your message to the following recipients cannot be delivered:\n\n"
            "<anne@customer.example>:\n    mx.customer.example [192.0.2.7]:\n"
            ">>> RCPT TO:<anne@customer.example>\n<<< 550 5.1.1 user unknown\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "smtp32": (
        '"Postmaster" <postmaster@mx.example>',
        "Undeliverable Mail",
        "User mailbox exceeds allowed size: anne@customer.example\n\nOriginal message follows.\n\n",
        {"anne@customer.example": "5.2.2"},
    ),
    "mdaemon": (
        "MDaemon@mx.example",
        "Permanent Delivery Failure",
        (
            "--------------------------------------------\n"
            "MDaemon has identified your mail message as undeliverable.\n\n"
            "The following addresses did not receive a copy of your message:\n\n"
            "> anne@customer.example\n\n"
        ),
        {"anne@customer.example": None},
    ),
    "opensmtpd": (
        "Mailer Daemon <MAILER-DAEMON@mx.example>",
        "Delivery status notification: error",
        (
            "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
            "    An error has occurred while attempting to deliver a message for\n"
            "    the following list of recipients:\n\n"
            "anne@customer.example: 550 5.2.2 mailbox full\n\n"
            "    Below is a copy of the original message:\n\n"
        ),
        {"anne@customer.example": "5.2.2"},
    ),
    "james": (
        "postmaster@mx.example",
        "[BOUNCE]",
        (
            "Hi. This is the James mail server at mx.example.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up.\n\nFailed recipient(s):\n"
            "anne@customer.example\n\nError message:\n"
            "550 - Requested action not taken: no such user here\n\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "german provider": (
        '"Mail Delivery System" <mailer-daemon@mx.example>',
        "Mail delivery failed: returning message to sender",
        (
            "Diese Nachricht wurde automatisch erzeugt.\n\n"
            "Die E-Mail konnte an folgende Empfänger nicht zugestellt werden:\n\n"
            "anne@customer.example\n\nDer Empfänger ist unbekannt.\n"
        ),
        {"anne@customer.example": None},
    ),
    "french": (
        f"Système de courrier <{DAEMON}>",
        "Échec de la remise du message",
        (
            "Votre message n'a pas pu être remis aux destinataires suivants :\n\n"
            "    anne@customer.example\n\n550 5.1.1 Adresse inconnue\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "spanish": (
        DAEMON,
        "Correo devuelto",
        "Su mensaje no se pudo entregar a los destinatarios siguientes:\n\nanne@customer.example\n\n",
        {"anne@customer.example": None},
    ),
    "russian": (
        DAEMON,
        "Недоставленное сообщение",
        (
            "Письмо не может быть доставлено следующим получателям:\n\nanne@customer.example\n"
            "550 5.1.1 user not found\n"
        ),
        {"anne@customer.example": "5.1.1"},
    ),
    "indonesian": (
        DAEMON,
        "Pesan tidak terkirim",
        "Pesan Anda tidak dapat dikirim ke alamat berikut:\n\n  anne@customer.example\n\n",
        {"anne@customer.example": None},
    ),
    "japanese": (
        DAEMON,
        "配信不能通知",
        "以下の宛先にメールを配信できませんでした。\n\nanne@customer.example\n\n",
        {"anne@customer.example": None},
    ),
    "chinese": (
        DAEMON,
        "系统退信",
        "抱歉，您的邮件无法投递到以下收件人：\n\nanne@customer.example\n\n550 User not found\n",
        {"anne@customer.example": "5.1.1"},
    ),
    "without from": (
        "<>",
        "Undelivered mail",
        "Your mail was not delivered.\n\nTo: <anne@customer.example>\n",
        {"anne@customer.example": None},
    ),
}


def _bounce(sender: str, subject: str, said: str, more: str = "") -> bytes:
    head = f"From: {sender}\r\nTo: desk@desk.example\r\nSubject: {subject}\r\n{more}"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{said}{RETURNED}".encode()


@pytest.mark.parametrize("kind", FAILED)
def test_each_kind_of_server_names_whom_it_could_not_reach(kind: str) -> None:
    """R40"""
    sender, subject, said, expected = FAILED[kind]

    mail = read(_bounce(sender, subject, said))

    assert mail.automatic is Automatic.BOUNCE
    assert mail.bounce is not None
    assert {r.address: r.status for r in mail.bounce.recipients} == expected
    assert {r.action for r in mail.bounce.recipients} == {"failed"}
    assert mail.bounce.permanent
    assert mail.bounce.original_message_id == "ours@desk.example"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Warning: message 1abc delayed 24 hours", (
"This message was created automatically by mail delivery software.\n"
"A message that you sent has not yet been delivered to one or more of its\n"
"recipients after more than 24 hours.\n\n  anne@customer.example\n"
"    Delay reason: connection timed out\n\n"
"No action is required on your part. Delivery attempts will continue.\n\n"
)),
        ("Warning: could not send message for past 4 hours", (
"    **********************************************\n"
"    **      THIS IS A WARNING MESSAGE ONLY      **\n"
"    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n\n"
"   ----- The following addresses had transient non-fatal errors -----\n"
"<anne@customer.example>\n\n"
)),
        ("Delivery Status Notification (Delay)", (
"Delivery to the following recipients has been delayed.\n\n"
"       anne@customer.example\n\n"
)),
        ("Delivery delayed: Your parcel", (
"Delivery is delayed to these recipients or groups:\n\nanne@customer.example\n\n"
"The server will keep trying to deliver your message for two more days.\n\n"
)),
    ],
)  # fmt: skip
def test_a_delay_in_words_is_not_the_end(subject: str, said: str) -> None:
    """R40"""
    bounce = read(_bounce(f"Mail Delivery System <{DAEMON}>", subject, said)).bounce

    assert bounce is not None
    assert [(r.address, r.action) for r in bounce.recipients] == [("anne@customer.example", "delayed")]
    assert not bounce.permanent


def test_exim_names_them_in_its_header() -> None:
    more = "X-Failed-Recipients: anne@customer.example,\r\n  cate@customer.example\r\n"

    bounce = read(_bounce(DAEMON, "Mail failure", "It failed.\n\n", more)).bounce

    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anne@customer.example", "cate@customer.example"]


def test_a_bounce_without_names_tells_of_whom_the_letter_was_for() -> None:
    said = "Your message could not be delivered.\n\n------ This is a copy of the message ------\n\n"

    bounce = read(_bounce(DAEMON, "Mail delivery failed", said)).bounce

    assert bounce is not None
    assert [r.address for r in bounce.recipients] == ["anne@customer.example"]


QUOTED_BOUNCE = FAILED["exim"][2]
HUMANS = {
    "asks about a bounce": (
        "Re: Mail delivery failed: returning message to sender",
        "Hi, what does this mean?\n\n" + QUOTED_BOUNCE,
    ),
    "sends it on": ("Fwd: Undelivered Mail Returned to Sender", "FYI\n\n" + FAILED["postfix"][2]),
    "pastes it": ("Mail problem", QUOTED_BOUNCE),
    "quotes it": ("Question", "Hello,\n\n> " + QUOTED_BOUNCE.replace("\n", "\n> ")),
    "waits for a parcel": (
        "Delivery problem",
        "My parcel could not be delivered. Please ask bart@staff.example.\nAnne",
    ),
    "has a failed delivery": ("Delivery failed", (
"The courier did not reach the following address:\nHigh Street 5\n\n"
"anne@customer.example"
)),
    "was returned": ("Returned mail", "The letter I sent you was returned. My address is anne@private.example\nAnne"),
    "has an unknown user": ("User unknown", "Your site says user unknown when I log in as anne@private.example."),
    "warns": ("Warning: message on your site", "Your page warns me: mailbox is full. Mine is anne@private.example"),
    "is late": ("Message delayed", "I got your message delayed by two days.\nAnne"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HUMANS)
@pytest.mark.parametrize(
    "sender", ["Anne Smith <anne@customer.example>", "Anne, Mail Administrator <anne@customer.example>"]
)
def test_a_human_who_writes_about_bounces_is_a_human(kind: str, sender: str) -> None:
    """R44"""
    subject, said = HUMANS[kind]

    mail = read(
        (
            f"From: {sender}\r\nTo: desk@desk.example\r\nSubject: {subject}\r\nUser-Agent: Mail\r\n\r\n{said}"
        ).encode()
    )

    assert (mail.bounce, mail.automatic) == (None, None)


@pytest.mark.parametrize("kind", sorted(HUMANS.keys() - {"pastes it"}))
def test_nor_without_a_mail_program(kind: str) -> None:
    """R44: web mailers leave no User-Agent."""
    subject, said = HUMANS[kind]

    mail = read(
        (
            f"From: Anne <anne@customer.example>\r\nTo: desk@desk.example\r\nSubject: {subject}\r\n\r\n{said}"
        ).encode()
    )

    assert (mail.bounce, mail.automatic) == (None, None)


def test_a_human_postmaster_is_a_human() -> None:
    said = (
        "Hello,\n\n"
        "we saw that your mails to anne@customer.example could not be delivered last week.\n"
        "Please fix your SPF.\n\nCate"
    )

    mail = read(f"From: Cate <postmaster@customer.example>\r\nSubject: Re: your mails\r\n\r\n{said}".encode())

    assert (mail.bounce, mail.automatic) == (None, None)


def test_a_rejection_in_a_receipts_clothes_is_a_bounce() -> None:
    """Sieve's reject answers with a disposition notification (RFC 5429)."""
    raw = (
        "From: Mail Delivery Subsystem <admin@mx.example>\r\n"
        "Subject: Automatically rejected mail\r\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"
        "\r\n--b\r\n\r\nYour message to <anne@customer.example> was automatically rejected:\r\n"
        "quota exceeded\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        "Final-Recipient: rfc822; anne@customer.example\r\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n--b--\r\n"
    )
    mail = read(raw.encode())

    assert mail.automatic is Automatic.BOUNCE
    assert mail.bounce is not None
    assert [r.address for r in mail.bounce.recipients] == ["anne@customer.example"]


def test_a_read_receipt_stays_one() -> None:
    """R45"""
    raw = (
        "Return-Path: <>\r\nFrom: Anne <anne@customer.example>\r\n"
        "Subject: Not read: Your parcel\r\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"
        "\r\n--b\r\n\r\n"
        "Your message was deleted without being read; it was not delivered to a human.\r\n"
        "--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        "Final-Recipient: rfc822; anne@customer.example\r\n"
        "Disposition: manual-action/MDN-sent-manually; deleted\r\n--b--\r\n"
    )
    mail = read(raw.encode())

    assert (mail.automatic, mail.bounce) == (Automatic.RECEIPT, None)
