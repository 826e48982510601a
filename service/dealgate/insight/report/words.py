"""Numbers of insights as people read them."""

from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.model.money import decimal, exponent
from dealgate.v1 import insight_pb2 as pb


def percent(share: pb.Share) -> str:
    """`63.2 % (62.0 to 64.3 %), 4,238 of 6,711`, or why there is none."""
    if not share.HasField("value"):
        return f"not known: {share.unknown_because}"
    low, high = (f"{100 * float(bound.value):.1f}" for bound in (share.at_least, share.at_most))
    counts = f"{share.numerator:,} of {share.denominator:,}"
    small = "; few" if share.is_small_sample else ""
    return f"{100 * float(share.value.value):.1f} % ({low} to {high} %), {counts}{small}"


def measured(measure: pb.Measure, unit: str = "") -> str:
    """`47.99 days`, or why there is none."""
    if not measure.HasField("value"):
        return f"not known: {measure.unknown_because}"
    return number(measure.value) + (f" {unit}" if unit else "")


def as_percent(measure: pb.Measure) -> str:
    """A measure that is a ratio, in percent, or why there is none."""
    if not measure.HasField("value"):
        return f"not known: {measure.unknown_because}"
    return ratio(measure.value)


def ratio(value: Decimal) -> str:
    """`163.2 %`."""
    return f"{100 * float(value.value):.1f} %"


def number(value: Decimal) -> str:
    """At most two decimals, and thousands apart."""
    text = f"{float(value.value):,.2f}"
    return text.rstrip("0").rstrip(".")


def amount(money: Money) -> str:
    """`EUR 1,134,672.00`; empty if it is not known."""
    if not money.currency_code:
        return "not known"
    digits = exponent(money.currency_code) or 0
    return f"{money.currency_code} {decimal(money):,.{digits}f}"


def amount_of(money: Money) -> float:
    """Return the amount as a number to draw."""
    return float(decimal(money))
