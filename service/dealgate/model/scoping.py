"""Which scope's rules decide: those that apply, a tenant's own before general ones.

Whether a scope applies is a rule like any other, over the facts as they are sent, so the engine
judges all scopes of a kind as one small rule set, whose rules are called after the scopes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import ScopesOverlap, Violation
from dealgate.model.rules import AnyRule, AnyRuleSet, Narrowing, Rule, RuleSet


class Applies(BaseModel):
    """What the condition of a scope claims."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The scope that decides; "": none, so the kind's own rules do.

    `missing` are the facts that would tell whether another scope applies; `violations` are there
    if that must not be left open.
    """

    scope: str = ""
    missing: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()


def choosing(scopes: Sequence[AnyRuleSet]) -> AnyRuleSet:
    """Return the rule set that tells which of these scopes of one kind apply."""
    first = scopes[0]
    return RuleSet(
        kind=first.kind,
        version=first.version,
        owner=first.owner,
        because=f"Which scope of {first.kind} applies.",
        digest="",
        message=first.message,
        constants={},
        facts={},
        rules=tuple(_condition(ruleset) for ruleset in scopes),
        parameters=first.parameters,
        location=first.location,
        vocabulary=first.vocabulary,
    )


def narrowing_of(ruleset: AnyRuleSet) -> Narrowing:
    """Return what the rules of a scope are."""
    if ruleset.narrowing is None:
        raise ValueError(ruleset.name)
    return ruleset.narrowing


def _condition(ruleset: AnyRuleSet) -> AnyRule:
    narrowing = narrowing_of(ruleset)
    if narrowing.applies is not None:
        return narrowing.applies
    return Rule(narrowing.scope, None, Applies(), ruleset.because, ruleset.location)


def chosen(scopes: Sequence[AnyRuleSet], evidence: AnyEvidence) -> Choice:
    """Return which of the scopes decides, by what came of `choosing` them.

    Raises ScopesOverlap if two of one rank apply, which `dealgate check` proves they never do.
    """
    ranks = [[s for s in scopes if bool(narrowing_of(s).tenant) is own] for own in (True, False)]
    missing: tuple[str, ...] = ()
    for rank in ranks:
        choice = _of_rank({narrowing_of(s).scope: narrowing_of(s) for s in rank}, evidence)
        missing = tuple(sorted({*missing, *choice.missing}))
        if choice.scope or choice.violations:
            return Choice(choice.scope, missing, choice.violations)
    return Choice("", missing)


def _of_rank(scopes: dict[str, Narrowing], evidence: AnyEvidence) -> Choice:
    applying = [hit.rule.id for hit in evidence.fired if hit.rule.id in scopes]
    if len(applying) > 1:
        raise ScopesOverlap(applying)
    if applying:
        # Scopes of one rank exclude each other, so those that are open cannot apply as well.
        return Choice(applying[0])
    violations = [
        Violation("facts", f"whether scope {failed.rule.id} applies fails: {failed.error}")
        for failed in evidence.failed
        if failed.rule.id in scopes
    ]
    missing: set[str] = set()
    for undecided in evidence.undecided:
        if undecided.rule.id not in scopes:
            continue
        missing |= {*undecided.missing}
        if scopes[undecided.rule.id].refuses:
            told = f"is needed to determine whether the rules of scope {undecided.rule.id} apply"
            violations += [Violation(path, told) for path in undecided.missing]
    return Choice("", tuple(sorted(missing)), tuple(violations))
