"""Tiers: what each share of a quota pays, from its start or from below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.model.parts import fraction
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

RETROACTIVE = pb.TIER_METHOD_RETROACTIVE


@quick
@dataclass(frozen=True, slots=True)
class Tier:
    """From which share of the quota it is reached, what it pays, and from where on."""

    start: Fraction
    rate: Fraction
    applies_from: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """What one tier pays on: exact minor units. `applies_from` is set if unusual."""

    start: Fraction
    end: Fraction | None
    credited: Fraction
    rate: Fraction
    applies_from: Fraction | None = None

    @property
    def amount(self) -> Fraction:
        """What it pays."""
        return self.credited * self.rate


def tiers_of(plan: pb.QuotaPlan, parameters: QuotaParameters) -> Sequence[Tier]:
    """Return the tiers from the lowest up: the plan's, or the rule set's."""
    if plan.tiers:
        return [
            Tier(
                fraction(getattr(tier, "from")),
                fraction(tier.rate),
                fraction(tier.applies_from) if tier.HasField("applies_from") else None,
            )
            for tier in plan.tiers
        ]
    return [
        Tier(
            Ratio(tier.start),
            Ratio(tier.rate),
            None if tier.applies_from is None else Ratio(tier.applies_from),
        )
        for tier in parameters.tiers
    ]


def method_of(plan: pb.QuotaPlan, parameters: QuotaParameters) -> pb.TierMethod.ValueType:
    """Return how tiers pay: as the plan says, or the rule set."""
    name = f"TIER_METHOD_{parameters.tier_method.upper()}"
    return plan.tier_method or pb.TierMethod.Value(name)


def legs(
    credited: int, quota: Fraction, tiers: Sequence[Tier], method: pb.TierMethod.ValueType
) -> list[Leg]:
    """Return what each tier that was reached pays on; together they hold all that was credited.

    A tier that applies from below its start takes what lies there from the tiers before it. A
    negative sum lies in the first tier: what was taken back earns a negative commission.
    """
    if credited < 0:
        end = tiers[1].start * quota if len(tiers) > 1 else None
        return [Leg(Ratio(0), end, Ratio(credited), tiers[0].rate)]
    spans: list[tuple[Fraction, int]] = []
    for index, tier in enumerate(tiers):
        if tier.start * quota > credited:
            break
        begin = _applies_from(tier, method) * quota
        spans = [span for span in spans if span[0] < begin]
        spans.append((begin, index))
    ends = [*(begin for begin, _ in spans[1:]), Ratio(credited)]
    found = [
        _leg(tiers, index, quota, end - begin)
        for (begin, index), end in zip(spans, ends, strict=True)
    ]
    return [leg for leg in found if leg.credited or not leg.start]


def _applies_from(tier: Tier, method: pb.TierMethod.ValueType) -> Fraction:
    if tier.applies_from is not None:
        return tier.applies_from
    return Ratio(0) if method == RETROACTIVE else tier.start


def _leg(tiers: Sequence[Tier], index: int, quota: Fraction, credited: Fraction) -> Leg:
    tier = tiers[index]
    return Leg(
        start=tier.start * quota,
        end=tiers[index + 1].start * quota if index + 1 < len(tiers) else None,
        credited=credited,
        rate=tier.rate,
        applies_from=None if tier.applies_from is None else tier.applies_from * quota,
    )
