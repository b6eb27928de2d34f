"""How a ticket ends: closing letter, close notice, survey, and what a word of thanks means."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpdesk.decide import deadlines, drafts, promises
from helpdesk.decide.plan import CLOCK, DESK, Plan
from helpdesk.model.decision import Attach, Value
from helpdesk.model.effects import EndEscalations
from helpdesk.model.forms import ESCALATED
from helpdesk.model.mail import Emptiness, InboundMail
from helpdesk.model.people import Address, Person
from helpdesk.model.policy import SurveyMode
from helpdesk.model.reasons import because
from helpdesk.model.ticket import DeadlineKind, Status, WaitingFor

NO_FEEDBACK = "no_feedback"
NO_FORM = "no_form"
BY_OPERATOR = "operator"

_THANKS = frozenset(
    """
    thanks thank thx tks ty you u so very much many a lot all for your the help support answer reply again really
    kindly great perfect super ok okay oke okey works now it fine good best cheers appreciate appreciated solved
    terima kasih terimakasih makasih makasi trims tengkyu banyak sudah bantuannya bantuan atas jawabannya ya pak bu
    bapak ibu mas mbak kak min beres aman mantap siap sip baik
    ευχαριστώ ευχαριστω πολύ πολυ σας σε για τη την βοήθεια βοηθεια καλά καλα όλα ολα εντάξει ενταξει
    salamat maraming po sa tulong ninyo opo sige
    danke schön schon vielen dank herzlichen für die hilfe alles klar merci beaucoup gracias muchas por la ayuda
    grazie mille obrigado obrigada muito bedankt dank je wel hartelijk dziękuję dzięki bardzo спасибо большое
    благодарю teşekkürler teşekkür ederim hi hello hey dear halo hai regards salam
    """.split()
)
_WORDS = re.compile(r"[^\W\d_]+")
_LONGEST_THANKS = 12


def is_plain_thanks(mail: InboundMail, writer: Address) -> bool:
    """True for "Thanks a lot! Anne" and for a reply without words: nothing in it asks for anything."""
    if mail.attachments:
        return False
    if mail.empty is Emptiness.EMPTY:
        return True
    text = mail.new_text.lower()
    words = _WORDS.findall(text)
    asks = "?" in text or ";" in text or any(c.isdigit() for c in text)
    name = set(_WORDS.findall(f"{writer.name} {writer.address.partition('@')[0]}".lower()))
    return not (not words or asks or len(words) > _LONGEST_THANKS) and (_THANKS | name).issuperset(words)


def solve(
    plan: Plan,
    how: str,
    text: str,
    *,
    by: Person | None = None,
    seen_by: frozenset[str] = frozenset(),
    attach: Attach = (),
    missing: tuple[str, ...] = (),
) -> None:
    """Write the closing letter, then leave the ticket to PIC or finish it, as the configuration wants.

    `by` is the operator who closed it, perhaps for the assignee; None: the clock did. `missing`: what the customer
    never told, of a form that was with them.
    """
    promises.solved(plan, by.address if by else CLOCK)
    plan.change(status=Status.SOLVED, waiting_for=WaitingFor.PIC, solved_at=plan.now)
    _end_escalations(plan)
    plan.note("solved", by.address if by else CLOCK, _WHY_SOLVED[how])
    letter = "closed" if how == BY_OPERATOR else "closed_no_feedback"
    reopen_until = plan.now + plan.policy.closing.reopen_for
    name = by.name if by else plan.operator_name
    values: dict[str, Value] = {"text": text, "operator_name": name, "missing": missing}
    closed = {**values, "reopen_until": reopen_until}
    drafts.to_customer(plan, letter, closed, human=by is not None, attach=attach)
    drafts.copies(plan, letter, closed, seen_by=seen_by, human=by is not None)
    _ask_pic(plan, {**values, "how": how})


def _end_escalations(plan: Plan) -> None:
    kept = tuple(tag for tag in plan.ticket.tags if not tag.startswith(ESCALATED))
    if kept != plan.ticket.tags:
        plan.change(tags=kept)
        plan.effect(EndEscalations(plan.ticket.number))


def _ask_pic(plan: Plan, values: Mapping[str, Value]) -> None:
    mode = plan.policy.closing.survey
    if mode is SurveyMode.AFTER_TIMEOUT:
        deadlines.start_pic_timeout(plan)
    survey_at = plan.now if mode is SurveyMode.AT_ONCE else plan.due(DeadlineKind.PIC_TIMEOUT)
    drafts.to_pics(plan, "close_notice", {**values, "survey_at": survey_at})
    if mode is SurveyMode.AT_ONCE:
        finish(plan, DESK, because("survey_configured"))
    elif mode is SurveyMode.AFTER_PIC and not drafts.has_pics(plan):
        finish(plan, DESK, because("survey_no_pic"))


def finish(plan: Plan, by: str, reason: str) -> None:
    """Close for good and send the survey."""
    plan.change(
        status=Status.CLOSED, waiting_for=WaitingFor.NOBODY, closed_at=plan.now, survey_sent_at=plan.now
    )
    plan.note("closed", by, reason)
    drafts.to_customer(plan, "survey")


def reopen(plan: Plan, by: str, reason: str) -> None:
    """Back to the operator, or to the next one when that operator has left."""
    plan.change(
        status=Status.OPEN,
        waiting_for=WaitingFor.OPERATOR,
        solved_at=None,
        closed_at=None,
        survey_sent_at=None,
    )
    plan.note("reopened", by, reason)


_WHY_SOLVED = {
    BY_OPERATOR: because("closed_by_operator"),
    NO_FEEDBACK: because("silent_after_answer"),
    NO_FORM: because("silent_with_form"),
}
