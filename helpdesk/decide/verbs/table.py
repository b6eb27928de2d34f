"""All verbs that the desk knows, in the order in which `#help` lists them, and their names."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.decide.verbs import (
    absence,
    asking,
    cancelling,
    conduct,
    ending,
    escalating,
    forms,
    handing,
    helping,
    lifting,
    merging,
    noting,
    promising,
    splitting,
    taking,
    undoing,
    waiting,
)
from helpdesk.decide.verbs.rule import VerbRule
from helpdesk.model.orders import Verb

_WORK: tuple[VerbRule, ...] = (
    taking.CLAIM,
    handing.RELEASE,
    handing.ASSIGN,
    ending.CLOSE,
    ending.CANNED,
    splitting.SPLIT,
    merging.MERGE,
    noting.NOTE,
    noting.TAG,
    noting.PRIORITY,
    noting.LANG,
    asking.STATUS,
    asking.MINE,
    asking.WHY,
    conduct.REPORT,
    conduct.WARN,
    conduct.BLOCK,
    conduct.UNBLOCK,
    absence.AWAY,
    absence.BACK,
    forms.FORM,
    undoing.UNDO,
    waiting.PENDING,
    waiting.HOLD,
    promising.DELAY,
    cancelling.CANCEL,
    lifting.LIFT,
    escalating.ESCALATE,
)
VERBS: tuple[VerbRule, ...] = (*_WORK, helping.help_on(_WORK))

RULES: Mapping[Verb, VerbRule] = {rule.verb: rule for rule in VERBS}
NAMES: Mapping[str, VerbRule] = {name: rule for rule in VERBS for name in (rule.verb, *rule.aliases)}
