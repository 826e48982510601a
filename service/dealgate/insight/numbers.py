"""Numbers as answers show them: shares with intervals, measures with why they have no value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window
from dealgate.model.instants import timestamp
from dealgate.model.money import from_minor
from dealgate.model.statistics import wilson
from dealgate.v1 import insight_pb2 as pb

SMALL_SAMPLE = 30  # below it, a share says little (domain reference, section 6)
CONFIDENCE = "0.95"
MILLION = Decimal(10**6)


def share(numerator: int, denominator: int, nothing: str = "there is none to count") -> pb.Share:
    """Return the share with its Wilson interval; `nothing` says why if there is none."""
    counted = pb.Share(numerator=numerator, denominator=denominator)
    counted.is_small_sample = denominator < SMALL_SAMPLE
    if denominator == 0:
        counted.unknown_because = nothing
        return counted
    interval = wilson(numerator, denominator, CONFIDENCE)
    counted.value.CopyFrom(decimal(interval.value))
    counted.at_least.CopyFrom(decimal(interval.low))
    counted.at_most.CopyFrom(decimal(interval.high))
    return counted


def measure(value: Fraction | float | None, unknown_because: str = "") -> pb.Measure:
    """Return the number, or why there is none."""
    if value is None:
        return pb.Measure(unknown_because=unknown_because)
    return pb.Measure(value=decimal(value))


def quotient(above: int | Fraction, below: int | Fraction, unknown_because: str) -> pb.Measure:
    """Return the exact quotient, or why there is none if it would be divided by 0."""
    return measure(Fraction(above) / below if below else None, unknown_because)


def decimal(value: Fraction | Decimal | float) -> DecimalMessage:
    """Return the number to 6 decimals, half to even, without zeros at its end."""
    if isinstance(value, Fraction):
        exact = Decimal(round(value * 10**6)) / MILLION
    else:
        exact = Decimal(value).quantize(1 / MILLION, ROUND_HALF_EVEN)
    text = f"{exact:f}"
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return DecimalMessage(value="0" if shown == "-0" else shown)


def money(minor: int | None, currency: str) -> Money | None:
    """Return the amount; None if it is not known, or no amount can hold it."""
    if minor is None or not currency:
        return None
    try:
        return from_minor(int(minor), currency)
    except ValueError:
        return None


def one_currency(texts: Iterable[str], asked: str) -> tuple[str, str]:
    """Return the currency that amounts are counted in, or "" and why there is none."""
    if asked:
        return asked, ""
    known = sorted(set(texts))
    if len(known) > 1:
        return "", f"amounts are in {', '.join(known)}: choose one with currency_code"
    return (known[0], "") if known else ("", "no amount is known")


class LeftOut:
    """Counts what could not be counted otherwise; `meanings` are codes with their words."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        """Start with nothing."""
        self._meanings = meanings
        self._counts: Counter[str] = Counter()

    def add(self, code: str, count: int = 1) -> None:
        """Exclude this number in addition."""
        self._counts[code] += count

    def messages(self) -> list[pb.LeftOut]:
        """Return what was left out, in the order of the meanings."""
        return [
            pb.LeftOut(code=code, message=words, count=self._counts[code])
            for code, words in self._meanings.items()
            if self._counts[code]
        ]


def basis(
    window: Window, traffic: Traffic, formulas: Sequence[str], left_out: LeftOut
) -> pb.InsightBasis:
    """Return what an insight rests on, once everything is read."""
    insight_basis = pb.InsightBasis(
        as_of=timestamp(window.as_of),
        decisions=traffic.decisions,
        results=traffic.results,
        formulas=formulas,
        left_out=[*left_out.messages(), *_damaged(traffic.damaged)],
    )
    if traffic.fresh_to is not None:
        insight_basis.fresh_to.CopyFrom(timestamp(traffic.fresh_to))
    return insight_basis


def _damaged(count: int) -> list[pb.LeftOut]:
    words = "recorded, but the record is damaged and can no longer be read"
    return [pb.LeftOut(code="RECORD_DAMAGED", message=words, count=count)] if count else []
