"""The letters the desk writes: name, reader, and the variables their templates may use.

`docs/canned_responses.md` documents every variable and a test holds both to this table.
Values are text, whole numbers, yes/no, lists of text, or instants (shown in the desk's time zone and
the letter's language). Nothing else ever reaches a template (T11).
"""

from __future__ import annotations

from dataclasses import dataclass

COMMON = ("desk_name", "desk_address", "hours", "timezone", "public_url")
TICKET = (*COMMON, "number", "tag")


@dataclass(frozen=True, slots=True)
class LetterKind:
    """`reader` is customer, staff, pic or third_party; `variables` are beyond TICKET."""

    name: str
    reader: str
    variables: tuple[str, ...]


def _kinds(reader: str, **variables: str) -> dict[str, LetterKind]:
    return {name: LetterKind(name, reader, tuple(words.split())) for name, words in variables.items()}


LETTERS: dict[str, LetterKind] = {
    **_kinds(
        "customer",
        acknowledgement="customer_name answer_by",
        assigned="customer_name operator_name answer_by",
        confirmation="customer_name subject details",
        returned_form="customer_name missing wrong form",
        answer="customer_name operator_name subject text",
        handover="customer_name operator_name answer_by",
        delay="customer_name operator_name subject new_date old_date late reason text",
        consent="customer_name operator_name subject what text step close_at",
        nudge="customer_name operator_name subject step close_at",
        closed="customer_name operator_name subject text reopen_until",
        closed_no_feedback="customer_name operator_name subject missing reopen_until",
        survey="customer_name operator_name subject survey_url valid_until",
        reopened="customer_name operator_name subject answer_by",
        warning="customer_name reason",
        blocked="customer_name",
        confirm_request="customer_name request",
        request_done="customer_name request text",
    ),
    **_kinds(
        "staff",
        new_ticket="customer_name customer_address subject text attachments mode claim_until linked_to given_by",
        assignment=(
            "operator_name customer_name customer_address subject text attachments answer_by how copy note given_by"
        ),
        claim_lost="operator_name winner_name subject how won_before won_at",
        claim_refused="operator_name subject how until cards open_tickets max_open",
        taken_back="operator_name subject how new_operator_name given_by",
        customer_reply=(
            "operator_name customer_name customer_address subject text attachments answer_by reopened copy pic_name "
            "new_subject consent_open"
        ),
        third_party_reply=(
            "operator_name third_party foreign_number customer_name customer_address subject text attachments "
            "answer_by copy"
        ),
        escalation_overdue="operator_name third_party foreign_number asked_at customer_name subject text",
        reminder="operator_name customer_name subject text answer_by",
        breach="operator_name subject due_at card cards card_limit why_no_card evidence new_operator_name",
        back_today="operator_name customer_name subject text answer_by reason",
        promise_reminder="operator_name customer_name subject text due_at reason",
        promise_broken="operator_name customer_name subject due_at reason",
        consent_answer="operator_name customer_name subject what given text answer_by copy",
        cards_lifted="operator_name pic_name cards",
        receipt="operator_name subject text",
        confirm_sender="operator_name subject text why waiting",
        command_error="operator_name subject line problem suggestion ready text",
        unsure="operator_name subject why text",
        digest="operator_name day open_tickets due_today overdue back_today promised_today text",
        links_only="operator_name customer_name subject text delivered",
        undelivered="operator_name subject letter recipient reason text",
    ),
    **_kinds(
        "pic",
        close_notice="operator_name customer_name customer_address subject text how missing survey_at",
        breach_notice=(
            "operator_name customer_name subject due_at card cards card_limit why_no_card evidence new_operator_name"
        ),
        nobody_free="customer_name subject text claim_until given_by",
        away_notice="operator_name until given_back staying text",
        card_notice="operator_name cards card_limit reason",
        card_appeal="operator_name subject reason evidence text cards card_limit",
        abuse_report="operator_name customer_address reason text",
        daily_report=(
            "day since received unaccounted roads tickets_created tickets_closed first_in_time first_late first_kept "
            "next_in_time next_late next_kept tickets overdue cards_given parked_now letters_sent letters_failed "
            "letters_waiting proved findings head"
        ),
        report=(
            "period tickets_created tickets_closed auto_closed reopened_again first_in_time first_late first_kept "
            "next_in_time next_late next_kept first_answers first_median first_p90 votes score promises_kept "
            "promises_broken promises_open cards_given by_operator by_day"
        ),
        parked="spool_id reason",
        alarm="alarm text",
    ),
    **_kinds(
        "third_party",
        escalation="operator_name subject foreign_number words details text left_out",
        escalation_reminder="subject foreign_number answer_by",
        distribution="subject details expected_at",
    ),
}

LANGUAGES = ("en", "id", "el", "tl")  # that every letter is shipped in
