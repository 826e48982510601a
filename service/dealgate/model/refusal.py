"""Refusal: a kind whose answer is a sum does not answer with a part of its rules."""

from dealgate.model.decision import AnyEvidence, AnyFired, AnyUndecided
from dealgate.model.errors import RulesFailed
from dealgate.model.rules import AnyRuleSet


def refuse_failed(ruleset: AnyRuleSet, evidence: AnyEvidence) -> None:
    """Raise RulesFailed if a rule went wrong on these facts."""
    if evidence.failed:
        names = ", ".join(failed.rule.id for failed in evidence.failed)
        raise RulesFailed(ruleset.name, f"went wrong on these facts: {names}")


def refuse_wrong_list(
    ruleset: AnyRuleSet, evidence: AnyEvidence, right: dict[str, set[str]]
) -> None:
    """Raise RulesFailed if a rule makes a claim about elements of the wrong list.

    `right` gives the lists for each claim; "" is the question as a whole.
    """
    both: list[AnyFired | AnyUndecided] = [*evidence.fired, *evidence.undecided]
    for name in both:
        over = name.rule.each.items.source if name.rule.each else ""
        for claim, value in name.rule.then:
            if value is not None and over not in right.get(claim, {over}):
                lists = " or ".join(sorted(right[claim])) or "no list"
                raise RulesFailed(ruleset.name, f"{name.rule.id}: {claim} needs each over {lists}")
