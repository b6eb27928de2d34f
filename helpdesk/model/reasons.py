"""Reasons that letters to staff quote: each has a name and values, so that every language can say it.

A `Reason` is its English sentence, which is what the history keeps. Letters say it in their own language, from
`canned_responses/<language>/reasons.txt` (`render.reasons`).
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        # which line, which verb
        "one_ticket_only": "this mail is about one ticket already",
        "unknown_verb": "#{word} is not a verb this desk knows",
        "contradicts": "it contradicts {said}",
        "no_number": "{said!r} is no number of a ticket",
        "no_verb_below": "there is no verb below it",
        "only_pic": "only a PIC may use #{word}",
        "only_operators": "only an operator may use #{word}",
        "takes_no_argument": "{word} takes no argument",
        "means_nothing": "{word} means nothing for a ticket that is {status}",
        "neither_verb_nor_topic": "{said!r} is neither a verb nor a topic",
        # which ticket
        "answer_to_no_ticket": "the words below it are an answer, but to no ticket",
        "takes_no_answer": "a ticket that is {status} takes no answer",
        "which_ticket": "it is not clear which ticket is meant",
        "no_ticket": "there is no ticket {number}",
        "changed_twice": "ticket {number} is changed by another section of this mail too",
        "whose_words": "the words below could belong to any of the tickets",
        "splits_none": "a mail about several tickets splits none",
        "needs_target": "{word} needs the number of the ticket that stays",
        "this_very_ticket": "#{number} is this very ticket",
        "part_already": "#{number} is part of #{other} already",
        "other_customer": "#{number} is another customer's: they would read each other's mail",
        "is_status": "#{number} is {status}",
        # names
        "needs_name": "{word} needs a name",
        "no_canned": "there is no canned reply named {said!r}",
        "no_form": "there is no form named {said!r}",
        "which_form": "it is not clear which form is meant",
        "no_party": "there is no third party named {said!r}",
        "to_whom": "to whom?",
        "no_operator": "{said!r} is no operator of this desk",
        "none_of_operators": "{said!r} is none of the operators",
        "whose_cards": "it does not say whose cards",
        # who may have it
        "not_yours": "{who} has this ticket, not you",
        "somebody_else": "somebody else",
        "nobody_else": "nobody else can take it at the moment, and it does not wait for you",
        "only_operator_has": "only an operator can have a ticket",
        "has_it": "{who} has it already",
        "is_so": "{who} {why}",
        "cannot_take": "{who} {why}, so cannot take it",
        "is_away": "is away",
        "is_away_until": "is away until {when} UTC",
        "is_off_rota": "is off the rota with {number} yellow cards",
        "is_full": "has a full plate ({number} open)",
        "skipped": "{who} is skipped: {why}",
        "just_had_it": "has just had it",
        "nobody_available": "no operator is available",
        "no_card": "{who} has no yellow card that counts",
        # consent
        "agreed": "the customer has agreed: {answer!r}",
        "not_agreed_yet": "the customer has not agreed yet",
        "refused": "the customer has refused: {answer!r}",
        "consent_used": "what the customer agreed to has been carried out already",
        "never_asked": "the customer was never asked, and nothing is cancelled without consent",
        # what is written down
        "note_or_letter": "the words below could be the note or the letter to the customer",
        "no_words": "there are no words to note",
        "no_tag": "{said!r} is no tag",
        "own_tag": "{said} is the desk's own tag",
        "needs_tag": "{word} needs a tag",
        "too_many_tags": "a ticket has at most {number} tags",
        "no_priority": "there is no priority {said!r}",
        "needs_priority": "{word} needs a priority",
        "no_language": "this desk has no letters in {said!r}",
        "needs_language": "{word} needs a language",
        # conduct
        "what_reported": "it does not say what is reported",
        "no_pic": "this desk has no PIC who could decide",
        "blocked_already": "this customer is blocked already",
        "no_warning": "no warning went before it",
        "not_blocked": "this customer is not blocked",
        # dates
        "no_date": "{said!r} begins with no date",
        "needs_date": "{word} needs a date",
        "not_a_date": "it does not begin with a date: {said!r}",
        "is_over": "{when} is over",
        "no_answer_yet": "the customer has had no answer yet, so there is nothing to wait for",
        # taking back
        "nothing_yet": "nothing has happened on this ticket yet",
        "stays": "{what} cannot be taken back: {why}",
        "came": "a ticket that came stays",
        "letter_is_out": "the letter to them is out, and their answer brings the ticket back",
        "ticket_is_there": "the other ticket is there already; #merge it",
        "undo_there": "write #undo on the ticket that was merged into this one",
        "since_then": "since then something else has happened: {what}, by {who}",
        "too_long_ago": "the last step ({what}) was at {when}; that is too long ago",
        "changed_nothing": "{what} changed nothing that could be taken back",
        "changed_nothing_sent": "{what} changed nothing that could be taken back; the customer was sent {names}",
        "hold_is_gone": "the day until which it was on hold is gone; write #hold DATE again",
        # splitting, escalating
        "no_second_mail": "#{number} holds no second mail of the customer: there is nothing to split off",
        "nothing_since_split": "the customer has written nothing since a question was split off from #{number}",
        "not_kept": "the customer's latest mail is not kept any more",
        "nothing_to_split": "there is no mail that could be split off",
        "lacking": "{who} can do nothing without: {names}",
        # what was meant
        "which_ticket_mail": "it is not clear which ticket this mail is about",
        "says_or_empty": "it is not clear whether the mail says something or is empty",
        "only_pic_reports": "only a PIC may ask for a report",
        "which_time": "which time is the report for: last week, this month, 2026-11, 2026-11-01 to 2026-11-15",
        "nothing_changed": "{what} means nothing for a ticket that is {status}: nothing was changed",
        "nothing_changed_no_ticket": "{what} means nothing for no ticket: nothing was changed",
        # why somebody is not believed, or spared
        "no_single_sender": "the From line names no single, plain address",
        "was_away": "{who} was away",
        "desk_was_down": "the desk was not running when the time was up; it noticed only at {when}",
        "nothing_arrived": "no letter about it had reached {who} by then",
        # what to write instead
        "to_commands": "a mail of its own to the desk's +commands address",
        "help_verbs": "#help, which lists all verbs",
        "help_yours": "#help, which lists what you may do",
        "help_alone": "#help alone",
        "one_of_two": "one of the two verbs only",
        "reply_to_ticket": "reply to a ticket",
        "a_reply_to_ticket": "a reply to the ticket",
        "write_in_reply": "write it in a reply to a letter about the ticket",
        "why_so": "#why tells how it came to be so",
        "why_last": "#why tells what happened last",
        "two_mails": "two mails, one after the other",
        "answer_each": "answer each customer by a reply to their ticket",
        "mine_lists": "#mine? lists yours",
        "mine_lists_open": "#mine? lists your open tickets",
        "ticket_above": "#ticket N above it",
        "alone": "{word} alone on its line",
        "one_of": "{word} with one of: {names}",
        "alone_or_one_of": "{word} alone, or with one of: {names}",
        "me_or_one_of": "{word} me, or one of: {names}",
        "and_one_of": "{word} and one of: {names}",
        "none_yet": "none yet",
        "none": "none",
        "no_forms": "none: the configuration has no [[forms]]",
        "no_parties": "the configuration has no [[third_parties]]",
        "take_over": "#assign me, if you want to take it over",
        "keep_it": "keep it, or #assign NAME",
        "nobody_now": "nobody can take it now; #assign me, or leave it where it is",
        "back_first": "#back first, if you are back",
        "ask_pic": "ask PIC: they lift cards with #lift",
        "close_one": "close one of your tickets first, or give one back with #release",
        "wait_or_ask": "wait for their answer; #cancel asks them once more",
        "close_or_ask": "#close, or #cancel to ask again",
        "ask_for_more": "#cancel to ask for more",
        "note_on_line": "{word} with the note on the same line",
        "less_tags": "{word} -one of those it has",
        "report_abuse": "#report abuse, and why",
        "unblock_first": "#unblock first",
        "unblock_ends": "#unblock ends it",
        "warn_first": "#warn first",
        "nothing_mail": "nothing: their mail comes in",
        "nothing_needed": "nothing needs to be done",
        "date_or_words": "{word} {when}, or in words as: {word} tomorrow",
        "later_day": "{word} {when}, or a later day",
        "another_day": "{word} {when}, or another day to come",
        "pending_below": "#pending with your answer below it",
        "ready_below": "#canned {what} sends the letter below, #form {said} sends the form",
        "ready_below_only": "#canned {what} sends the letter below, #form sends the form",
    }
)


class Reason(str):
    """The English sentence, with `name` and `values` for whoever says it in another language."""

    __slots__ = ("name", "values")
    name: str
    values: Mapping[str, str]


def because(name: str, **values: object) -> Reason:
    """The reason of that name. A value may be a reason itself."""
    reason = Reason(ENGLISH[name].format(**values))
    reason.name = name
    reason.values = {key: value if isinstance(value, Reason) else str(value) for key, value in values.items()}
    return reason


def fields(name: str) -> tuple[str, ...]:
    """The values that this reason speaks of."""
    return tuple(dict.fromkeys(field for _, field, _, _ in Formatter().parse(ENGLISH[name]) if field))
