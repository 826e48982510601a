"""What the rules found of each deal: its issues, what they take from its score, what is open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from dealgate.kinds.inspect.answers import issue, open_check
from dealgate.kinds.inspect.terms import InspectEffect, InspectParameters
from dealgate.model.days import day_number
from dealgate.model.decision import Evidence
from dealgate.model.errors import BadQuestion, RulesFailed, Violation
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import inspect_pb2 as pb


@dataclass(slots=True)
class DealIssues:
    """What was found of one deal, in the order of the rules.

    `issues` and `open_checks` are written already (`answers.py`). `standing` are the codes of the
    issues that nobody has put off, `penalty` what those take.
    """

    issues: list[bytes] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    penalty: int = 0
    at_risk: bool = False
    open_checks: list[bytes] = field(default_factory=list)

    @property
    def score(self) -> int:
        """100 less the penalties of what is not put off, at least 0."""
        return max(0, 100 - self.penalty)

    def add(self, effect: InspectEffect, written: bytes) -> None:
        """Add an issue that nobody has put off."""
        self.issues.append(written)
        self.standing.append(effect.issue)
        self.penalty += effect.penalty
        self.at_risk |= effect.at_risk


# Of a deal that no rule has anything to say about.
NOTHING = DealIssues()


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
    for rule in [one.rule for one in evidence.fired] + [one.rule for one in evidence.undecided]:
        _check(rule, ruleset)
    if facts.snoozes:
        ids = [deal.opportunity.id for deal in facts.deals]
        per_deal = _issues_by_deal(evidence, ids, _snoozed(facts, today))
    else:
        per_deal = evidence.once(_issues_by_deal)
    return [per_deal.get(index, NOTHING) for index in range(len(facts.deals))]


def _issues_by_deal(
    evidence: Evidence[InspectEffect],
    ids: Sequence[str] = (),
    quiet: Mapping[tuple[str, str], pb.Snooze] | None = None,
) -> Mapping[int, DealIssues]:
    """Return what was found, by the deal's index; with nothing `quiet` evidence alone tells it."""
    issues: defaultdict[int, DealIssues] = defaultdict(DealIssues)
    for fired in evidence.fired:
        effect, written = fired.rule.then, issue(fired.rule, None)
        for index in fired.elements:
            put_off = quiet.get((ids[index], effect.issue)) if quiet else None
            if put_off is None:
                issues[index].add(effect, written)
            else:
                issues[index].issues.append(issue(fired.rule, put_off))
    for open_ in evidence.undecided:
        missing = _by_deal(open_.missing)
        for index in open_.elements:
            written = open_check(open_.rule, missing[f"deals[{index}]"])
            issues[index].open_checks.append(written)
    return issues


def _by_deal(missing: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the missing facts of each deal: "deals[3].owner" is one of "deals[3]"."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for path in missing:
        paths[path.partition(".")[0]].append(path)
    return paths


def _check(rule: Rule[InspectEffect], ruleset: RuleSet[InspectEffect, InspectParameters]) -> None:
    source = None if rule.each is None else rule.each.items.source
    if source != "deals" and (source is None or source.strip() != "deals"):
        raise RulesFailed(ruleset.name, f"{rule.id} is not judged over deals")


def _check_snoozes(
    facts: pb.InspectFacts, ruleset: RuleSet[InspectEffect, InspectParameters]
) -> None:
    """Only an issue that some rule can find may be put off: a misspelt one would put off nothing.

    Raises BadQuestion.
    """
    if not facts.snoozes:
        return
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
