"""Refusal: a kind whose answer is a sum does not answer with a part of its rules."""

from dealgate.model.decision import Evidence, Fired, Undecided
from dealgate.model.errors import RulesFailed
from dealgate.model.rules import RuleSet


def refuse_failed(ruleset: RuleSet, evidence: Evidence) -> None:
    """Raise RulesFailed if a rule went wrong on these facts."""
    if evidence.failed:
        names = ", ".join(failed.rule.id for failed in evidence.failed)
        raise RulesFailed(ruleset.name, f"went wrong on these facts: {names}")


def refuse_wrong_list(ruleset: RuleSet, evidence: Evidence, right: dict[str, set[str]]) -> None:
    """Raise RulesFailed if a rule makes a claim about elements of the wrong list.

    `right` gives the lists for each claim; "" is the question as a whole.
    """
    both: list[Fired | Undecided] = [*evidence.fired, *evidence.undecided]
    for one in both:
        over = one.rule.each.items.source if one.rule.each else ""
        for claim, value in one.rule.then:
            if value is not None and over not in right.get(claim, {over}):
                lists = " or ".join(sorted(right[claim])) or "no list"
                raise RulesFailed(ruleset.name, f"{one.rule.id}: {claim} needs each over {lists}")
