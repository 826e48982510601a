"""The inspect kind: which deals of a pipeline need care, and how much money that is about?

`measuring` computes what rules read of each deal, `issues` what they found of it. An issue that
somebody put off is shown and counts for nothing; a check that waits for facts is named, because
nobody has proved that the deal is well kept.
"""

from collections import Counter
from collections.abc import Sequence

from google.type.money_pb2 import Money

from dealgate.kinds.inspect.currencies import judge
from dealgate.kinds.inspect.issues import DealIssues, issues_of
from dealgate.kinds.inspect.measuring import derive, pipeline_currency
from dealgate.kinds.inspect.terms import InspectEffect, InspectParameters
from dealgate.kinds.inspect.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.days import day_number
from dealgate.model.decision import Conclusion, Evidence
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
Inspected = tuple[pb.PipelineDeal, DealIssues]


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
    outcome = pb.InspectOutcome(
        deals=[_deal(deal, one) for deal, one in inspected],
        worklist=_worklist(inspected, currency),
        counts=_counts(inspected, currency),
        conversions=facts.conversions,
        time_zone=facts.time_zone or parameters.time_zone,
    )
    outcome.money_at_risk.extend(
        from_minor(amount, code) for code, amount in sorted(_at_risk(inspected).items())
    )
    _judge(outcome, inspected, currency, parameters)
    return Conclusion(outcome, words.of(pb.PipelineHealth, outcome.health))


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
    return [*zip(facts.deals, per_deal, strict=True)]


def _judge(
    outcome: pb.InspectOutcome,
    inspected: Sequence[Inspected],
    currency: str,
    parameters: InspectParameters,
) -> None:
    """Write the score, the health and the share of deals without an issue."""
    if inspected:
        clean = sum(not one.standing for _, one in inspected)
        outcome.clean_share.value = rounded(Ratio(clean, len(inspected)), SHARE_DECIMALS)
    judge(outcome, [(_money(deal), one.score) for deal, one in inspected], currency, parameters)


def _deal(deal: pb.PipelineDeal, item: DealIssues) -> pb.DealInspection:
    return pb.DealInspection(
        opportunity_id=deal.opportunity.id,
        score=item.score,
        issues=item.issues,
        at_risk=deal.opportunity.amount if item.at_risk and _has_amount(deal) else None,
        open_checks=item.open_checks,
        measures=deal.measures,
    )


def _has_amount(deal: pb.PipelineDeal) -> bool:
    return deal.opportunity.HasField("amount")


def _worth(deal: pb.PipelineDeal) -> int:
    return to_minor(deal.opportunity.amount) if _has_amount(deal) else 0


def _at_risk(inspected: Sequence[Inspected]) -> Counter[str]:
    """Return minor units by currency."""
    totals: Counter[str] = Counter()
    for deal, one in inspected:
        if one.at_risk and _has_amount(deal):
            totals[deal.opportunity.amount.currency_code] += _worth(deal)
    return totals


def _worklist(inspected: Sequence[Inspected], currency: str) -> list[str]:
    """Order deals with issues by money at risk, which other currencies cannot be compared by."""

    def urgency(pair: Inspected) -> tuple[int, int, str]:
        deal, one = pair
        same = deal.opportunity.amount.currency_code == currency
        return -_worth(deal) if one.at_risk and same else 0, one.score, deal.opportunity.id

    todo = [pair for pair in inspected if pair[1].standing]
    return [deal.opportunity.id for deal, _ in sorted(todo, key=urgency)]


def _counts(inspected: Sequence[Inspected], currency: str) -> list[pb.IssueCount]:
    deals: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for deal, one in inspected:
        same = deal.opportunity.amount.currency_code == currency
        for code in set(one.standing):
            deals[code] += 1
            amounts[code] += _worth(deal) if same else 0
    return [
        pb.IssueCount(
            code=code,
            deals=count,
            amount=from_minor(amounts[code], currency) if currency else None,
        )
        for code, count in sorted(deals.items(), key=lambda item: (-item[1], item[0]))
    ]


def _money(deal: pb.PipelineDeal) -> Money | None:
    return deal.opportunity.amount if _has_amount(deal) else None


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
