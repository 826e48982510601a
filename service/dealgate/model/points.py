"""Points that fade with age and fill caps: the exact arithmetic of scores."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from dealgate.model.folds import DIGITS, half_life_weight
from dealgate.model.instants import DAY

MILLIONTH = Decimal("0.000001")
MILLION = 1e6
# Below a thousand points, in millionths, a double is off by less than 1e-6 of a millionth.
FLOAT_IS_SURE = 1e9
BESIDE_A_TIE = 1e-5
# The first Monday after the epoch: with it, periods of seven days are calendar weeks.
FIRST_MONDAY = 4 * DAY
ROUNDING = "faded points half-even to 0.000001; scores half-up to 1"


def halved(points: Decimal, age: int, half_life: int) -> Decimal:
    """Return `points` after `age`, losing half of them every `half_life` (nanoseconds).

    A float is right to a millionth unless it lies beside a tie, which exact arithmetic decides.
    """
    if age >= 0 and half_life > 0:
        parts = float(points) * MILLION * 2.0 ** (-age / half_life)
        whole = int(parts) if 0 <= parts < FLOAT_IS_SURE else -1
        if whole >= 0 and abs(parts - whole - 0.5) > BESIDE_A_TIE:
            return DIGITS.scaleb(Decimal(whole + (parts - whole > 0.5)), -6)
    return _halved_exactly(points, age, half_life)


def _halved_exactly(points: Decimal, age: int, half_life: int) -> Decimal:
    return millionths(DIGITS.multiply(points, half_life_weight(age, half_life)))


def stepped(points: Decimal, age: int, loss: Decimal, every: int) -> Decimal:
    """Return `points` after `age`, losing `loss` of them after each whole `every` (ns); never < 0.

    This is how marketing automation words decay: "-5 per week".
    """
    return max(Decimal(0), points - loss * (age // every))


def period(at: int, days: int) -> int:
    """Return the number of the period of so many days in which the instant `at` (ns) lies.

    Periods are anchored in the calendar, not at the instant judged at. If they were counted
    back from there, two visits could share a cap today and not tomorrow, and a score that
    only fades would rise.
    """
    return (at - FIRST_MONDAY) // (days * DAY)


def filled(
    claims: Sequence[tuple[Hashable, Decimal]], caps: Mapping[Hashable, Decimal]
) -> list[Decimal]:
    """Return what each claim of (key, amount) gets, in order, while its key's cap lasts.

    The sum for a key is the lesser of its cap and of what is claimed, in whatever order; keys
    without a cap get all. Amounts are not negative.
    """
    left = dict(caps)
    granted = []
    for key, amount in claims:
        share = amount
        if key in left:
            share = min(amount, left[key])
            left[key] -= share
        granted.append(share)
    return granted


def millionths(number: Decimal) -> Decimal:
    """Round to millionths, half-even: sums of such numbers are exact in any order."""
    return number.quantize(MILLIONTH, ROUND_HALF_EVEN, DIGITS)


def half_up(number: Decimal) -> int:
    """Round to a whole number as people do on paper: 0.5 is 1."""
    return int(number.quantize(Decimal(1), ROUND_HALF_UP, DIGITS))


def plain(number: Decimal) -> str:
    """Write the number without exponent and trailing zeros: 12.50 is "12.5"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
