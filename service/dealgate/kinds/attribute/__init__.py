"""The attribute kind: which touches earned this revenue, to the minor unit?

`journey` chooses the touches that count, `models` gives each its share, `credits` makes money
of the shares. A touch that a rule cannot judge for want of facts counts until it can, and the
answer says that it is provisional: to take credit from a channel, somebody has to know.
"""

from dealgate.kinds.attribute.answers import again, attributing, modelled
from dealgate.kinds.attribute.credits import Whole, whole_of
from dealgate.kinds.attribute.journey import lookback_days, selected
from dealgate.kinds.attribute.stakes import PROOFS
from dealgate.kinds.attribute.terms import AttributeEffect, AttributeParameters
from dealgate.kinds.attribute.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.folds import first
from dealgate.model.kind import Kind
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import attribute_pb2 as pb


def conclude(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
    _: int,
) -> Conclusion:
    """Return the AttributeOutcome; its word is attributed, unattributed or partly_attributed.

    Raises RulesFailed if a rule went wrong: revenue divided by half the rules is a wrong answer.
    """
    refuse_failed(ruleset, evidence)
    whole = whole_of(facts)
    outcome = pb.AttributeOutcome(
        amount=whole.amount,
        rounding=pb.ROUNDING_METHOD_LARGEST_REMAINDER,
        reporting_amount=whole.reporting,
        reporting=facts.reporting if facts.HasField("reporting") else None,
    )
    if facts.HasField("adjustment"):
        outcome.models.extend(again(whole, original) for original in facts.adjustment.original)
    else:
        _divide(outcome, facts, ruleset, evidence, whole)
    outcome.status = _status(outcome)
    word = words.of(pb.AttributionStatus, outcome.status)
    return Conclusion(outcome, word)


def brief(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
    _: int,
) -> Brief | None:
    """Return the status as `conclude` does; None for what adjusts an earlier answer."""
    refuse_failed(ruleset, evidence)
    if facts.HasField("adjustment"):
        return None
    whole_of(facts)  # which refuses what no amount can hold
    parameters = ruleset.parameters
    given = attributing(facts, parameters, selected(facts, ruleset, evidence))
    if any(hit.rule.then.withhold for hit in evidence.fired):
        given = [False] * len(given)
    status = pb.ATTRIBUTION_STATUS_PARTLY_ATTRIBUTED
    if all(given):
        status = pb.ATTRIBUTION_STATUS_ATTRIBUTED
    elif not any(given):
        status = pb.ATTRIBUTION_STATUS_UNATTRIBUTED
    numbers = {"lookback_days": float(lookback_days(facts, parameters))}
    return Brief(words.of(pb.AttributionStatus, status), numbers)


def _divide(
    outcome: pb.AttributeOutcome,
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
    whole: Whole,
) -> None:
    selection = selected(facts, ruleset, evidence)
    withheld = first(hit.rule.then.withhold for hit in evidence.fired if hit.rule.then.withhold)
    outcome.models.extend(modelled(facts, ruleset.parameters, selection, whole, withheld))
    outcome.dropped.extend(selection.dropped)
    outcome.lookback_days = lookback_days(facts, ruleset.parameters)
    outcome.provisional = (
        any(selection.undecided)
        or any(one.rule.then.withhold for one in evidence.undecided)
        or any(model.unseen_channels for model in outcome.models)
    )


def _status(outcome: pb.AttributeOutcome) -> pb.AttributionStatus.ValueType:
    if not any(model.unattributed_code for model in outcome.models):
        return pb.ATTRIBUTION_STATUS_ATTRIBUTED
    credits_ = [credit for model in outcome.models for credit in model.credits]
    if all(credit.exact_share == "0" for credit in credits_):
        return pb.ATTRIBUTION_STATUS_UNATTRIBUTED
    return pb.ATTRIBUTION_STATUS_PARTLY_ATTRIBUTED


ATTRIBUTE = Kind(
    name="attribute",
    request=pb.AttributeRevenueRequest,
    response=pb.AttributeRevenueResponse,
    facts=pb.AttributeFacts,
    effect=AttributeEffect,
    parameters=AttributeParameters,
    entity="opportunity/opportunity.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    proofs=PROOFS,
)
