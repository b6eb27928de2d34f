"""All verbs that the desk knows, in the order in which `#help` lists them, and their names."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.decide.verbs import ending, splitting, taking
from helpdesk.decide.verbs.rule import VerbRule
from helpdesk.model.orders import Verb

VERBS: tuple[VerbRule, ...] = (
    taking.CLAIM,
    ending.CLOSE,
    splitting.SPLIT,
)

RULES: Mapping[Verb, VerbRule] = {rule.verb: rule for rule in VERBS}
NAMES: Mapping[str, VerbRule] = {name: rule for rule in VERBS for name in (rule.verb, *rule.aliases)}
