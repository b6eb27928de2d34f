"""What machines write never makes, answers or reopens a ticket: our own letters, reports, automatic replies."""

from __future__ import annotations

from helpdesk.decide.answering import null_sender, robot_address
from helpdesk.decide.out_of_office import out_of_office
from helpdesk.decide.received import Ignored, Meaning, Received, of_mail
from helpdesk.model import events
from helpdesk.model.mail import Automatic
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because


def own_letter(received: Received, policy: Policy) -> Meaning | None:
    """Our own letters come back by the list, perhaps with its From, or by a forward (R38)."""
    sender = received.mail.sender
    if received.own_id or (sender and policy.is_own(sender.address)):
        return Ignored("own_letter", "the desk itself wrote it")
    return None


def report(received: Received, _: Policy) -> Meaning | None:
    """Bounces, receipts and abuse reports never make tickets (R40, R42, R45)."""
    kind = received.mail.automatic
    if kind is Automatic.BOUNCE:
        return _bounce(received)
    if kind in (Automatic.RECEIPT, Automatic.FEEDBACK_REPORT):
        return Ignored(kind.value, received.mail.automatic_reason or kind.value)
    if kind is Automatic.AUTO_REPLY:
        why = received.mail.automatic_reason or because("automatic_reply")
        if away := out_of_office(received, why):
            return away
        return robot(received, why) if received.match.ticket else Ignored("auto_reply", why)
    return None


def _bounce(received: Received) -> Meaning:
    """Only a bounce that names a letter of ours is believed (R43)."""
    bounce = received.mail.bounce
    if received.match.ticket is None or received.match.answered is None or bounce is None:
        return Ignored("bounce", "it names no letter of this desk")
    failed = [r for r in bounce.recipients if r.action in (None, "failed")]
    if not failed or not bounce.permanent:
        return robot(received, because("nothing_final"))
    status = failed[0].status
    reason = because("bounced_status", status=status) if status else because("bounced")
    return events.LetterRefused(
        letter=received.match.answered.letter,
        audience=received.match.answered.audience,
        recipient=failed[0].address,
        reason=reason,
    )


def robot(received: Received, why: str) -> Meaning:
    """A machine wrote on a ticket: on record, without effect."""
    return events.RobotWrote(**of_mail(received), why=why)


def came_from_nobody(received: Received, _: Policy) -> Meaning | None:
    """On a ticket it does nothing (R46); a question from a human address is kept as a ticket."""
    if not null_sender(received.mail, received.sender):
        return None
    if received.match.ticket:
        return robot(received, because("machine_sent"))
    if received.speaker.person and received.mail.command_lines:
        return Ignored("mail_system", "a mail without envelope sender gives no orders")
    if robot_address(received.speaker.address.address or "mailer-daemon@"):
        return Ignored("mail_system", "a mail without envelope sender from a mail system")
    return None
