"""The inspect kind: which deals of a pipeline need care, and how much money that is about?

`measuring` computes what rules read of each deal, `issues` what they found of it. An issue that
somebody put off is shown and counts for nothing; a check that waits for facts is named, because
nobody has proved that the deal is well kept.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from dealgate.kinds.inspect.answers import inspection
from dealgate.kinds.inspect.currencies import judge
from dealgate.kinds.inspect.issues import DealIssues, issues_of
from dealgate.kinds.inspect.measuring import derive, pipeline_currency
from dealgate.kinds.inspect.terms import InspectEffect, InspectParameters
from dealgate.kinds.inspect.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.days import day_number
from dealgate.model.decision import Conclusion, Evidence, Written
from dealgate.model.kind import Kind
from dealgate.model.money import from_minor, to_minor
from dealgate.model.numbers import numbers_of
from dealgate.model.parts import rounded
from dealgate.model.proofs import KindProofs
from dealgate.model.ratio import Ratio
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import inspect_pb2 as pb

SHARE_DECIMALS = 4


class Inspected(NamedTuple):
    """A deal with what was found of it, and its amount in minor units of a currency ("": none)."""

    deal: pb.PipelineDeal
    id: str
    currency: str
    worth: int
    found: DealIssues


def conclude(
    facts: pb.InspectFacts,
    ruleset: RuleSet[InspectEffect, InspectParameters],
    evidence: Evidence[InspectEffect],
    _: int,
) -> Conclusion:
    """Return the InspectOutcome; its word is green, yellow, red or unknown.

    Raises RulesFailed if a rule went wrong: a score without one of its checks is another score.
    """
    parameters = ruleset.parameters
    inspected = _inspected(facts, ruleset, evidence)
    currency = pipeline_currency(facts, parameters)
    behind = pb.InspectOutcome(
        worklist=_worklist(inspected, currency),
        counts=_counts(inspected, currency),
        conversions=facts.conversions,
        time_zone=facts.time_zone or parameters.time_zone,
    )
    _judge(behind, inspected, currency, parameters)
    word = words.of(pb.PipelineHealth, behind.health)
    return Conclusion(Written(pb.InspectOutcome, _written(inspected, behind)), word)


def _written(inspected: Sequence[Inspected], behind: pb.InspectOutcome) -> bytes:
    """Write the outcome in the order of its fields: the deals stand between others."""
    before = pb.InspectOutcome(health=behind.health)
    if behind.HasField("score"):
        before.score = behind.score
    before.money_at_risk.extend(
        from_minor(amount, code) for code, amount in sorted(_at_risk(inspected).items())
    )
    behind.ClearField("health")
    behind.ClearField("score")
    data = (
        before.SerializeToString(deterministic=True),
        *map(_deal, inspected),
        behind.SerializeToString(deterministic=True),
    )
    return b"".join(data)


def brief(
    facts: pb.InspectFacts,
    ruleset: RuleSet[InspectEffect, InspectParameters],
    evidence: Evidence[InspectEffect],
    _: int,
) -> Brief:
    """Return health and scores as `conclude` does."""
    inspected = _inspected(facts, ruleset, evidence)
    judged = pb.InspectOutcome()
    _judge(judged, inspected, pipeline_currency(facts, ruleset.parameters), ruleset.parameters)
    return Brief(words.of(pb.PipelineHealth, judged.health), numbers_of(judged))


def _inspected(
    facts: pb.InspectFacts,
    ruleset: RuleSet[InspectEffect, InspectParameters],
    evidence: Evidence[InspectEffect],
) -> Sequence[Inspected]:
    refuse_failed(ruleset, evidence)
    per_deal = issues_of(facts, ruleset, evidence, day_number(facts.today))
    inspected = []
    for deal, found in zip(facts.deals, per_deal, strict=True):
        one = deal.opportunity
        code, worth = "", 0
        if one.HasField("amount"):
            code, worth = one.amount.currency_code, to_minor(one.amount)
        inspected.append(Inspected(deal, one.id, code, worth, found))
    return inspected


def _judge(
    outcome: pb.InspectOutcome,
    inspected: Sequence[Inspected],
    currency: str,
    parameters: InspectParameters,
) -> None:
    """Write the score, the health and the share of deals without an issue."""
    if inspected:
        clean = sum([not one.found.standing for one in inspected])
        outcome.clean_share.value = rounded(Ratio(clean, len(inspected)), SHARE_DECIMALS)
    judged = [(one.currency, one.worth, one.found.score) for one in inspected]
    judge(outcome, judged, currency, parameters)


def _deal(item: Inspected) -> bytes:
    found = item.found
    at_risk = found.at_risk and bool(item.currency)
    return inspection(item.deal, found.score, found.issues, found.open_checks, at_risk=at_risk)


def _at_risk(inspected: Sequence[Inspected]) -> Counter[str]:
    """Return minor units by currency."""
    totals: Counter[str] = Counter()
    for one in inspected:
        if one.found.at_risk and one.currency:
            totals[one.currency] += one.worth
    return totals


def _worklist(inspected: Sequence[Inspected], currency: str) -> list[str]:
    """Order deals with issues by money at risk, which other currencies cannot be compared by."""

    def urgency(item: Inspected) -> tuple[int, int, str]:
        same = item.currency == currency
        return -item.worth if item.found.at_risk and same else 0, item.found.score, item.id

    todo = [one for one in inspected if one.found.standing]
    return [one.id for one in sorted(todo, key=urgency)]


def _counts(inspected: Sequence[Inspected], currency: str) -> list[pb.IssueCount]:
    deals: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for one in inspected:
        same = one.currency == currency
        for code in set(one.found.standing):
            deals[code] += 1
            amounts[code] += one.worth if same else 0
    return [
        pb.IssueCount(
            code=code,
            deals=count,
            amount=from_minor(amounts[code], currency) if currency else None,
        )
        for code, count in sorted(deals.items(), key=lambda item: (-item[1], item[0]))
    ]


INSPECT = Kind(
    name="inspect",
    request=pb.InspectPipelineRequest,
    response=pb.InspectPipelineResponse,
    facts=pb.InspectFacts,
    effect=InspectEffect,
    parameters=InspectParameters,
    entity="pipeline/id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    derive=derive,
    derive_reads=("currency", "time_zone", "ways", "fiscal"),
    proofs=KindProofs(adds=lambda _: True),  # every penalty is taken off
)
