"""Every reply the listener can give, by name; nothing else in the package makes one (STYLE 19).

A reply never holds the text of an exception (F5a). RFC 2034 section 4: with ENHANCEDSTATUSCODES announced,
each 2xx, 4xx and 5xx reply carries its code, except the greeting and the answers to HELO, EHLO and LHLO.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of the server: `status` is the enhanced code (RFC 3463), '' where RFC 2034 wants none."""

    code: int
    status: str
    text: str

    @property
    def line(self) -> bytes:
        words = (str(self.code), self.status, self.text)
        return " ".join(word for word in words if word).encode("ascii", "replace") + b"\r\n"


# The session
BYE = Reply(221, "2.0.0", "Bye")
READY_FOR_TLS = Reply(220, "2.0.0", "Ready to start TLS")
OK = Reply(250, "2.0.0", "Ok")
HELP = Reply(214, "2.0.0", "See RFC 5321")
SHUTTING_DOWN = Reply(421, "4.3.2", "Shutting down, please come back soon")
IDLE_TOO_LONG = Reply(421, "4.4.2", "Idle for too long, closing")
TOO_SLOW = Reply(421, "4.4.2", "Message comes in too slowly, closing")
TOO_MANY_SESSIONS = Reply(421, "4.7.0", "Too many connections, please try again later")
MAKING_ROOM = Reply(421, "4.3.2", "Idle while others wait, closing")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors, closing")
NOT_A_MAIL_CLIENT = Reply(421, "4.7.0", "This is a mail server, closing")
NO_PROXY_HEADER = Reply(421, "4.3.5", "The balancer did not say who you are, closing")
NO_PROXY_OF_OURS = Reply(550, "5.7.1", "Nobody is taken at their word about another's address, closing")

# The envelope
SENDER_OK = Reply(250, "2.1.0", "Sender ok")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient ok")
NOT_VERIFIED = Reply(252, "2.5.0", "Cannot verify; send mail and see")  # R19: one text for known and unknown
SEND_DATA = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
UNKNOWN_RECIPIENT = Reply(550, "5.1.1", "No such mailbox here")
BAD_RECIPIENT = Reply(550, "5.1.3", "That is no mailbox address")
BAD_RECIPIENT_BYTES = Reply(553, "5.1.3", "Address is not valid UTF-8")
BAD_SENDER = Reply(553, "5.1.7", "Sender is no mailbox address")
NEEDS_SMTPUTF8 = Reply(553, "5.6.7", "Address outside ASCII needs SMTPUTF8")
TOO_MANY_MAILS = Reply(450, "4.7.1", "Too many mails from your address, please try again in a minute")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients, send the rest separately")

# The message
ACCEPTED = Reply(250, "2.0.0", "Accepted")
OUR_FAULT = Reply(451, "4.3.0", "Temporary problem here, please try again later")
DISK_FULL = Reply(452, "4.3.1", "No room at the moment, please try again later")
TOO_BIG = Reply(552, "5.3.4", "Message is too big")
LINE_TOO_LONG = Reply(554, "5.6.0", "Message has a line that is too long")
TOO_MANY_HOPS = Reply(554, "5.4.6", "Too many hops, this looks like a mail loop")

# Wrong commands
LINE_OVERLONG = Reply(500, "5.5.2", "Command line too long")
BAD_LINE = Reply(500, "5.5.2", "Commands are printable and end with <CR><LF>")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "Command unknown")
NOT_IMPLEMENTED = Reply(502, "5.5.1", "Command not implemented")
HELLO_FIRST = Reply(503, "5.5.1", "Say hello first")
MAIL_FIRST = Reply(503, "5.5.1", "MAIL first")
RECIPIENT_FIRST = Reply(503, "5.5.1", "No valid recipient yet")
NESTED_MAIL = Reply(503, "5.5.1", "Sender already given")
ALREADY_TLS = Reply(503, "5.5.1", "TLS is already on")
TLS_FIRST = Reply(530, "5.7.0", "Issue STARTTLS first")
SYNTAX_HELLO = Reply(501, "5.5.4", "A greeting needs your name")
SYNTAX_NO_ARGUMENT = Reply(501, "5.5.4", "No argument allowed here")
SYNTAX_MAIL = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
SYNTAX_RCPT = Reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
BAD_PARAMETER = Reply(501, "5.5.4", "Parameter is malformed or given twice")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "Parameter not supported")


def greeting(hostname: str, protocol: str) -> Reply:
    return Reply(220, "", f"{hostname} {protocol} ready")


def hello(hostname: str) -> Reply:
    return Reply(250, "", hostname)


def extended_hello(hostname: str, extensions: list[str]) -> bytes:
    """The answer to EHLO and LHLO: one line per extension (RFC 5321 section 4.1.1.1)."""
    lines = [hostname, *extensions]
    marked = [f"250-{line}\r\n" for line in lines[:-1]] + [f"250 {lines[-1]}\r\n"]
    return "".join(marked).encode("ascii", "replace")
