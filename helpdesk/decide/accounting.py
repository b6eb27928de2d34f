"""What became of a mail, in one word: the table behind `helpdesk audit` and the daily report.

`handled` says what the desk made of each row of the inbox: the name of an event, or of the rule that set it
aside. Each belongs to one class; a test holds that every event has one. What is no word of this table is
unaccounted for, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.model.account import Fate

CLASSES: Mapping[str, Fate] = {
    # words that stand on a ticket now, or did something to it
    **dict.fromkeys(
        (
            "customer_wrote", "operator_answered", "only_links_answered", "third_party_wrote", "pic_wrote",
            "card_appealed", "robot_wrote", "rated", "letter_refused",
        ),
        Fate.TICKETED,
    ),
    # what somebody wanted done of the desk itself: done, or sent back with the reason
    **dict.fromkeys(
        (
            "operator_claimed", "staff_commanded", "desk_commanded", "operator_closed", "operator_split",
            "operator_unclear", "operator_away", "command_failed", "pic_approved", "pic_objected",
            "staff_not_proven", "confirmation", "report_asked", "customer_asked", "admin",
        ),
        Fate.COMMANDS,
    ),
    "duplicate": Fate.REFUSED,
}  # fmt: skip

RULE = "ignored:"
"""What a rule of `decide.intent` set aside has the rule's name behind this word."""


def fate(state: str, outcome: str) -> Fate:
    """What became of a row, by its `state` (taken, done, parked) and its outcome."""
    if state == "taken":
        return Fate.WAITING
    if state == "parked":
        return Fate.PARKED
    if outcome.startswith(RULE) and outcome != RULE:
        return Fate.REFUSED
    return CLASSES.get(outcome, Fate.UNACCOUNTED)


def rule(outcome: str) -> str:
    """The name under which a row is counted: the event's or the rule's."""
    return outcome.removeprefix(RULE)
