"""What the rules found of each deal: its issues, what they take from its score, what is open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from dealgate.kinds.inspect.terms import InspectEffect, InspectParameters
from dealgate.model import words
from dealgate.model.days import day_number
from dealgate.model.decision import Evidence
from dealgate.model.errors import BadQuestion, RulesFailed, Violation
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.gate_pb2 import ReasonSeverity


@dataclass(slots=True)
class DealIssues:
    """What was found of one deal, in the order of the rules.

    `standing` are the codes of the issues that nobody has put off, `penalty` what those take.
    """

    issues: list[pb.DealIssue] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    penalty: int = 0
    at_risk: bool = False
    open_checks: list[pb.OpenCheck] = field(default_factory=list)

    @property
    def score(self) -> int:
        """100 less the penalties of what is not put off, at least 0."""
        return max(0, 100 - self.penalty)

    def add(self, rule: Rule[InspectEffect], snooze: pb.Snooze | None) -> None:
        """Add the issue that a rule found, and whether somebody has put it off."""
        self.issues.append(_issue(rule, snooze))
        if snooze is None:
            self.standing.append(rule.then.issue)
            self.penalty += rule.then.penalty
            self.at_risk |= rule.then.at_risk


def issues_of(
    facts: pb.InspectFacts,
    ruleset: RuleSet[InspectEffect, InspectParameters],
    evidence: Evidence[InspectEffect],
    today: int,
) -> Sequence[DealIssues]:
    """Return what was found of each deal, in the order they were sent.

    Raises RulesFailed if a rule judged another list: its indexes would hit the wrong deals; and
    BadQuestion if something is put off that these rules do not find.
    """
    _check_snoozes(facts, ruleset)
    each = [DealIssues() for _ in facts.deals]
    quiet = _snoozed(facts, today)
    for fired in evidence.fired:
        _check(fired.rule, ruleset)
        for index in fired.elements:
            put_off = quiet.get((facts.deals[index].opportunity.id, fired.rule.then.issue))
            each[index].add(fired.rule, put_off)
    for open_ in evidence.undecided:
        _check(open_.rule, ruleset)
        missing = _by_deal(open_.missing)
        for index in open_.elements:
            each[index].open_checks.append(
                pb.OpenCheck(
                    code=open_.rule.then.issue,
                    rule_id=open_.rule.id,
                    missing_facts=missing[f"deals[{index}]"],
                )
            )
    return each


def _by_deal(missing: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the missing facts of each deal: "deals[3].owner" is one of "deals[3]"."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for path in missing:
        paths[path.partition(".")[0]].append(path)
    return paths


def _check(rule: Rule[InspectEffect], ruleset: RuleSet[InspectEffect, InspectParameters]) -> None:
    if rule.each is None or rule.each.items.source.strip() != "deals":
        raise RulesFailed(ruleset.name, f"{rule.id} is not judged over deals")


def _check_snoozes(
    facts: pb.InspectFacts, ruleset: RuleSet[InspectEffect, InspectParameters]
) -> None:
    """Only an issue that some rule can find may be put off: a misspelt one would put off nothing.

    Raises BadQuestion.
    """
    issues = sorted({rule.then.issue for rule in ruleset.rules})
    strange = [
        Violation(f"snoozes[{index}].code", f"is not an issue here{_meant(snooze.code, issues)}")
        for index, snooze in enumerate(facts.snoozes)
        if issues and snooze.code not in issues
    ]
    if strange:
        raise BadQuestion(strange)


def _meant(code: str, issues: Sequence[str]) -> str:
    close = get_close_matches(code.strip().upper(), issues, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _snoozed(facts: pb.InspectFacts, today: int) -> Mapping[tuple[str, str], pb.Snooze]:
    return {
        (snooze.opportunity_id, snooze.code): snooze
        for snooze in facts.snoozes
        if day_number(snooze.until) >= today
    }


def _issue(rule: Rule[InspectEffect], snooze: pb.Snooze | None) -> pb.DealIssue:
    return pb.DealIssue(
        code=rule.then.issue,
        severity=words.number_of(ReasonSeverity, rule.then.severity),
        message=rule.because,
        fix=rule.then.fix,
        penalty=rule.then.penalty,
        rule_id=rule.id,
        snoozed_until=None if snooze is None else snooze.until,
    )
