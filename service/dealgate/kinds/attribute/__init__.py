"""The attribute kind: which touches earned this revenue, to the minor unit?

`journey` chooses the touches that count, `models` gives each its share, `credits` makes money
of the shares. A touch that a rule cannot judge for want of facts counts until it can, and the
answer says that it is provisional: to take credit from a channel, somebody has to know.
"""

from collections.abc import Sequence

from dealgate.kinds.attribute.answers import Modelled, again, attributing, modelled
from dealgate.kinds.attribute.journey import lookback_days, selected
from dealgate.kinds.attribute.stakes import PROOFS
from dealgate.kinds.attribute.terms import AttributeEffect, AttributeParameters
from dealgate.kinds.attribute.violations import sound_violations, violations
from dealgate.kinds.attribute.whole import Whole, whole_of
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence, Written
from dealgate.model.encoding import integer_field, message_field
from dealgate.model.folds import first
from dealgate.model.kind import Kind
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import attribute_pb2 as pb

_outcome_status = integer_field(pb.AttributeOutcome, "status")
_amount = message_field(pb.AttributeOutcome, "amount")
_models = message_field(pb.AttributeOutcome, "models")
_dropped = message_field(pb.AttributeOutcome, "dropped")
_lookback_days = integer_field(pb.AttributeOutcome, "lookback_days")
_provisional = integer_field(pb.AttributeOutcome, "provisional")
_reporting_amount = message_field(pb.AttributeOutcome, "reporting_amount")
_reporting = message_field(pb.AttributeOutcome, "reporting")
ROUNDING = integer_field(pb.AttributeOutcome, "rounding")(pb.ROUNDING_METHOD_LARGEST_REMAINDER)


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
    if facts.HasField("adjustment"):
        models: Sequence[Modelled] = [
            again(whole, original) for original in facts.adjustment.original
        ]
        middle = _models_and_rounding(models)
    else:
        models, middle = _divided(facts, ruleset, evidence, whole)
    status = _status(models)
    amount = _amount(whole.amount.SerializeToString(deterministic=True))
    data = b"".join((_outcome_status(status), amount, middle, _reported(facts, whole)))
    return Conclusion(Written(pb.AttributeOutcome, data), words.of(pb.AttributionStatus, status))


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


def _divided(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
    whole: Whole,
) -> tuple[Sequence[Modelled], bytes]:
    """Return the models' answers, and what is written from them on, up to `provisional`."""
    selection = selected(facts, ruleset, evidence)
    withheld = first(hit.rule.then.withhold for hit in evidence.fired if hit.rule.then.withhold)
    models = [*modelled(facts, ruleset.parameters, selection, whole, withheld)]
    provisional = (
        any(selection.undecided)
        or any(one.rule.then.withhold for one in evidence.undecided)
        or any(model.lacks_channels for model in models)
    )
    dropped = [_dropped(one.SerializeToString(deterministic=True)) for one in selection.dropped]
    days = _lookback_days(lookback_days(facts, ruleset.parameters))
    return models, _models_and_rounding(models, b"".join((*dropped, days))) + _provisional(
        provisional
    )


def _models_and_rounding(models: Sequence[Modelled], between: bytes = b"") -> bytes:
    return b"".join((*(_models(model.data) for model in models), between, ROUNDING))


def _reported(facts: pb.AttributeFacts, whole: Whole) -> bytes:
    if whole.reporting is None:
        return b""
    amount = _reporting_amount(whole.reporting.SerializeToString(deterministic=True))
    return amount + _reporting(facts.reporting.SerializeToString(deterministic=True))


def _status(models: Sequence[Modelled]) -> pb.AttributionStatus.ValueType:
    if all(model.is_all for model in models):
        return pb.ATTRIBUTION_STATUS_ATTRIBUTED
    if not any(model.is_any for model in models):
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
