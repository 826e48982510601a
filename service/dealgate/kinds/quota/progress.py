"""Progress: attainment, pace and projection of one seller, or of a quota as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.model.parts import decimal_message
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

RATIO_DECIMALS = 6
STEP = 10**RATIO_DECIMALS


@dataclass(frozen=True)
class Progress:
    """Amounts in exact minor units; None: cannot be told.

    A quota of 0 has no attainment: it is neither missed nor reached infinitely often.
    """

    quota: Fraction | None
    credited: int
    expected: Fraction | None
    share: Fraction | None

    @cached_property
    def attainment(self) -> Fraction | None:
        """Credited by quota."""
        return self.credited / self.quota if self.quota else None

    @cached_property
    def pace(self) -> Fraction | None:
        """Credited by what was to be expected."""
        return self.credited / self.expected if self.expected else None

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
        if pace >= parameters.ahead_from:
            return pb.PACE_STATUS_AHEAD
        if pace >= parameters.on_track_from:
            return pb.PACE_STATUS_ON_TRACK
        at_risk = pace >= parameters.at_risk_from
        return pb.PACE_STATUS_AT_RISK if at_risk else pb.PACE_STATUS_OFF_TRACK


def progress(quota: Fraction | None, credited: int, share: Fraction | None) -> Progress:
    """Return the progress toward `quota`, of which `share` was to be expected by now."""
    expected = None if quota is None or share is None else quota * share
    return Progress(quota, credited, expected, share)


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
