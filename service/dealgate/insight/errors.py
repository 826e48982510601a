"""How wrong forecasts were: the measures of section 9 of the domain reference, for any pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.insight.numbers import measure, money, quotient
from dealgate.v1 import insight_pb2 as pb

ALARM = 4  # of the tracking signal, on either side


@dataclass(frozen=True, slots=True)
class Pair:
    """A forecast and its actual, in minor units; `before` is the actual of the period before."""

    forecast: int
    actual: int
    before: int | None = None

    @property
    def error(self) -> int:
        """Forecast less actual."""
        return self.forecast - self.actual


def errors(pairs: Sequence[Pair], name: str = "", currency: str = "") -> pb.ForecastError:
    """Return the measures of `pairs`, oldest first; each that is not defined says why."""
    shown = pb.ForecastError(
        name=name,
        periods=len(pairs),
        forecast=money(sum(pair.forecast for pair in pairs), currency) if pairs else None,
        actual=money(sum(pair.actual for pair in pairs), currency) if pairs else None,
    )
    signal = _tracking_signal(pairs)
    shown.mape.CopyFrom(_mape(pairs))
    shown.wmape.CopyFrom(_wmape(pairs))
    shown.accuracy.CopyFrom(_accuracy(pairs))
    shown.bias.CopyFrom(_bias(pairs))
    shown.smape.CopyFrom(_smape(pairs))
    shown.mase.CopyFrom(_mase(pairs))
    shown.tracking_signal.CopyFrom(measure(signal, _no_signal(pairs)))
    shown.is_alarm = signal is not None and abs(signal) > ALARM
    return shown


def ape(pair: Pair) -> pb.Measure:
    """Return |error| / |actual|."""
    return quotient(abs(pair.error), abs(pair.actual), "the actual is 0")


def _mape(pairs: Sequence[Pair]) -> pb.Measure:
    zeros = sum(pair.actual == 0 for pair in pairs)
    if zeros or not pairs:
        return measure(None, f"{zeros} of {len(pairs)} actuals are 0" if zeros else _EMPTY)
    total = sum(Fraction(abs(pair.error), abs(pair.actual)) for pair in pairs)
    return measure(Fraction(total, len(pairs)))


def _weighted(pairs: Sequence[Pair]) -> Fraction | None:
    actual = sum(abs(pair.actual) for pair in pairs)
    return Fraction(sum(abs(pair.error) for pair in pairs), actual) if actual else None


def _wmape(pairs: Sequence[Pair]) -> pb.Measure:
    return measure(_weighted(pairs), "all actuals are 0" if pairs else _EMPTY)


def _accuracy(pairs: Sequence[Pair]) -> pb.Measure:
    weighted = _weighted(pairs)
    accuracy = None if weighted is None else max(Fraction(0), 1 - weighted)
    return measure(accuracy, "all actuals are 0" if pairs else _EMPTY)


def _bias(pairs: Sequence[Pair]) -> pb.Measure:
    above, below = sum(pair.error for pair in pairs), sum(pair.actual for pair in pairs)
    return quotient(above, below, "the actuals sum to 0" if pairs else _EMPTY)


def _smape(pairs: Sequence[Pair]) -> pb.Measure:
    if not pairs:
        return measure(None, _EMPTY)
    # Where both are 0 the forecast was right.
    total = sum(
        Fraction(2 * abs(pair.error), abs(pair.forecast) + abs(pair.actual))
        for pair in pairs
        if pair.error
    )
    return measure(Fraction(total) / len(pairs))


def _mase(pairs: Sequence[Pair]) -> pb.Measure:
    """Scale by the naive forecast, over the periods that have one before them."""
    naive = [abs(pair.actual - pair.before) for pair in pairs if pair.before is not None]
    if not naive:
        return measure(None, "no period has one before it" if pairs else _EMPTY)
    ours = Fraction(sum(abs(pair.error) for pair in pairs), len(pairs))
    unknown = "the naive forecast makes no error"
    return quotient(ours, Fraction(sum(naive), len(naive)), unknown)


def _tracking_signal(pairs: Sequence[Pair]) -> Fraction | None:
    absolute = sum(abs(pair.error) for pair in pairs)
    return Fraction(sum(pair.error for pair in pairs) * len(pairs), absolute) if absolute else None


def _no_signal(pairs: Sequence[Pair]) -> str:
    return "there is no error" if pairs else _EMPTY


_EMPTY = "no forecast has an actual"
