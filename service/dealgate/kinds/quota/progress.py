"""Progress: attainment, pace and projection of one seller, or of a quota as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.model.parts import decimal_message
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

RATIO_DECIMALS = 6
STEP = 10**RATIO_DECIMALS


@quick
@dataclass(frozen=True, slots=True)
class Progress:
    """Amounts in exact minor units; None: not known.

    `attainment` is what is credited by quota, `pace` by what was to be expected. A quota of 0 has
    no attainment: it is neither missed nor reached infinitely often.
    """

    quota: Fraction | None
    credited: int
    expected: Fraction | None
    share: Fraction | None
    attainment: Fraction | None
    pace: Fraction | None

    @property
    def projected(self) -> Fraction | None:
        """Credited by the share of the period that is over."""
        return self.credited / self.share if self.share else None

    @property
    def gap(self) -> Fraction | None:
        """What is still missing; 0 if nothing is."""
        return None if self.quota is None else max(self.quota - self.credited, Ratio(0))

    def status(self, parameters: QuotaParameters) -> pb.PaceStatus.ValueType:
        """Return the band of the pace."""
        pace = self.pace
        if pace is None:
            return pb.PACE_STATUS_UNSPECIFIED
        if pace >= _ratio(parameters.ahead_from):
            return pb.PACE_STATUS_AHEAD
        if pace >= _ratio(parameters.on_track_from):
            return pb.PACE_STATUS_ON_TRACK
        at_risk = pace >= _ratio(parameters.at_risk_from)
        return pb.PACE_STATUS_AT_RISK if at_risk else pb.PACE_STATUS_OFF_TRACK


def progress(quota: Fraction | None, credited: int, share: Fraction | None) -> Progress:
    """Return the progress toward `quota`, of which `share` was to be expected by now."""
    expected = None if quota is None or share is None else quota * share
    attainment = credited / quota if quota else None
    pace = credited / expected if expected else None
    return Progress(quota, credited, expected, share, attainment, pace)


@lru_cache(maxsize=256)
def _ratio(number: Decimal) -> Fraction:
    """Return what a rule set says as a fraction, which compares with others at less cost."""
    ratio: Fraction = Ratio(number)
    return ratio


def shown(ratio: Fraction, marks: Iterable[Fraction]) -> DecimalMessage:
    """Write a ratio to 6 decimals; it is never rounded up to a mark that it has not reached.

    0.9999999 of a quota is shown as 0.999999: as 1 it would promise the tier above.
    """
    steps, rest = divmod(ratio.numerator * STEP, ratio.denominator)
    if rest:
        above = Ratio(steps + 1, STEP)
        if any(ratio < mark <= above for mark in marks):
            return decimal_message(Ratio(steps, STEP), RATIO_DECIMALS)
    return decimal_message(ratio, RATIO_DECIMALS)
