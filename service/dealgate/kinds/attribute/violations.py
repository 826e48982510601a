"""What can be wrong with the facts of an attribution."""

from collections.abc import Sequence

from dealgate.kinds.attribute.adjustment_violations import adjustment_violations
from dealgate.kinds.attribute.fitted import fitted_violations
from dealgate.kinds.attribute.milestones import NAMED_BY
from dealgate.kinds.attribute.terms import AttributeParameters
from dealgate.kinds.attribute.transforms import transform_violations
from dealgate.kinds.attribute.whole import divided, whole_of
from dealgate.model import money
from dealgate.model.amounts import bounded_sum, currency_code, total
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    are_usual_ids,
    has_happened,
    non_negative_money,
    not_after,
    required,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.instants import SKEW, nanoseconds
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.v1 import attribute_pb2 as pb

# More credits take too long for one decision, and outgrow what a gRPC client accepts.
CREDITS_MAX = 10_000
NEEDING_MORE = frozenset({pb.ATTRIBUTION_MODEL_UNSPECIFIED, pb.ATTRIBUTION_MODEL_CUSTOM})


def violations(
    facts: pb.AttributeFacts, parameters: AttributeParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    wrong = [*malformed(facts), *out_of_bounds(facts)]
    found = [*wrong, *_beyond(facts, parameters, as_of)]
    return found or _too_large(facts)


def sound_violations(
    facts: pb.AttributeFacts, parameters: AttributeParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return _beyond(facts, parameters, as_of) or _too_large(facts)


def _beyond(
    facts: pb.AttributeFacts, parameters: AttributeParameters, as_of: int
) -> list[Violation]:
    return [
        *required_id("opportunity.id", facts.opportunity.id),
        *required("opportunity.amount", facts.opportunity.HasField("amount")),
        *_touches(facts, as_of),
        *_milestones(facts),
        *_models(facts),
        *fitted_violations(facts),
        *transform_violations("path_transforms", facts.path_transforms),
        *_size(facts, parameters),
        *_amounts(facts),
        *_conversion(facts),
        *(adjustment_violations(facts) if facts.HasField("adjustment") else _closed(facts, as_of)),
    ]


def _closed(facts: pb.AttributeFacts, as_of: int) -> list[Violation]:
    deal, path = facts.opportunity, "opportunity.closed_at"
    if not deal.HasField("closed_at"):
        return [Violation(path, "is required: the instant of the conversion")]
    violations = has_happened(path, deal.closed_at, as_of)
    if deal.HasField("created_at"):
        violations += not_after("opportunity.created_at", deal.created_at, path, deal.closed_at)
    return violations


def _touches(facts: pb.AttributeFacts, as_of: int) -> list[Violation]:
    touches = facts.touches
    if are_usual_ids([touch.id for touch in touches]) and all(
        _is_usual(touch, as_of) for touch in touches
    ):
        return []
    violations: list[Violation] = []
    for index, touch in enumerate(facts.touches):
        path = f"touches[{index}]"
        violations += required_id(f"{path}.id", touch.id)
        violations += required(f"{path}.at", touch.HasField("at"))
        violations += required(f"{path}.channel", touch.channel)
        violations += has_happened(f"{path}.at", touch.at, as_of)
        violations += non_negative_money(f"{path}.cost", touch.cost)
    return violations + unique_ids("touches", (touch.id for touch in facts.touches))


def _is_usual(touch: pb.Touch, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a touch that has an id."""
    return (
        touch.HasField("at")
        and bool(touch.channel)
        and nanoseconds(touch.at) <= as_of + SKEW
        and not touch.HasField("cost")
    )


def _milestones(facts: pb.AttributeFacts) -> list[Violation]:
    if not facts.HasField("milestones"):
        return []
    known = {touch.id for touch in facts.touches}
    named = {name: getattr(facts.milestones, name) for name in NAMED_BY.values()}
    return [
        Violation(f"milestones.{name}", "is not the id of a touch in touches")
        for name, touch_id in named.items()
        if touch_id and touch_id not in known
    ]


def _models(facts: pb.AttributeFacts) -> list[Violation]:
    return [
        violation
        for index, choice in enumerate(facts.models)
        if not _is_plain(choice)
        for violation in _choice(f"models[{index}]", choice)
    ]


def _is_plain(choice: pb.ModelChoice) -> bool:
    """Tell whether a choice only names a model, and one that needs no more."""
    return choice.model not in NEEDING_MORE and len(choice.ListFields()) == 1


def _choice(path: str, choice: pb.ModelChoice) -> list[Violation]:
    violations = required(f"{path}.model", choice.model)
    if choice.HasField("half_life_days") and choice.model != pb.ATTRIBUTION_MODEL_TIME_DECAY:
        violations.append(Violation(f"{path}.half_life_days", "belongs to TIME_DECAY alone"))
    if choice.HasField("weights") != (choice.model == pb.ATTRIBUTION_MODEL_CUSTOM):
        violations.append(
            Violation(f"{path}.weights", "belongs to CUSTOM alone, and CUSTOM needs it")
        )
    if choice.HasField("weights"):
        violations += _weights(f"{path}.weights", choice.weights)
    return violations


def _weights(path: str, weights: pb.PositionWeights) -> list[Violation]:
    some = any(plain_decimal(value) for _, value in weights.ListFields())
    return [] if some else [Violation(path, "are all 0; one of them must be more")]


def _size(facts: pb.AttributeFacts, parameters: AttributeParameters) -> list[Violation]:
    asked = len(facts.touches) * len(facts.models or parameters.models)
    kept = sum(len(model.credits) for model in facts.adjustment.original)
    cure = f"touches times models are more than {CREDITS_MAX}; ask for fewer models at once"
    return [Violation("touches", cure)] if max(asked, kept) > CREDITS_MAX else []


def _conversion(facts: pb.AttributeFacts) -> list[Violation]:
    if not facts.HasField("reporting"):
        return []
    rate = plain_decimal(facts.reporting.rate)
    violations = currency_code("reporting.currency_code", facts.reporting.currency_code)
    violations += required("reporting.rate", rate is not None)
    if rate not in {None, 1} and facts.reporting.currency_code == divided(facts).currency_code:
        violations.append(Violation("reporting.rate", "must be 1: it is the amount's own currency"))
    return violations


def _amounts(facts: pb.AttributeFacts) -> list[Violation]:
    costs = [
        (f"touches[{index}].cost", touch.cost)
        for index, touch in enumerate(facts.touches)
        if touch.HasField("cost")
    ]
    deal, adjusted = facts.opportunity.amount, facts.adjustment.amount
    before = [("adjustment.adjusted_before", facts.adjustment.adjusted_before)]
    before += [
        (f"adjustment.original[{index}].adjusted", original.adjusted)
        for index, original in enumerate(facts.adjustment.original)
    ]
    amounts = [("opportunity.amount", deal), ("adjustment.amount", adjusted), *before, *costs]
    whole = total(cost for _, cost in costs)
    return [*same_currency(amounts), *bounded_sum("touches", whole, money.UNITS_MAX, "costs")]


def _too_large(facts: pb.AttributeFacts) -> list[Violation]:
    """Look at sums and converted amounts, which exist only if everything else is right."""
    try:
        whole_of(facts)
    except ValueError:
        path = "reporting.rate" if facts.HasField("reporting") else "adjustment.adjusted_before"
        return [Violation(path, "makes the amount too large for 64 bits of units")]
    return []
