"""Points that fade with age and fill caps: the exact arithmetic of scores."""

from collections.abc import Callable, Hashable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from dealgate.model.folds import DIGITS, half_life_weight
from dealgate.model.instants import DAY

MILLIONTH = Decimal("0.000001")
# Exact for every number that points can be.
WIDE = Context(prec=60)
# Below a thousand points, in millionths, a double is off by less than 1e-6 of a millionth.
FLOAT_IS_SURE = 1e9
CLEAR_OF_A_TIE = 0.5 - 1e-5
# The first Monday after the epoch: with it, periods of seven days are calendar weeks.
FIRST_MONDAY = 4 * DAY
ROUNDING = "faded points half-even to 0.000001; scores half-up to 1"


def halving(half_life: int) -> Callable[[int, int], int]:
    """Return what says how many points (millionths) are left at an age, by their half-life (ns).

    A float is right to a millionth unless it lies beside a tie, which exact arithmetic decides.
    """

    def halved(points: int, age: int) -> int:
        if age >= 0:
            parts: float = points * 2.0 ** (-age / half_life)
            whole = round(parts)
            if -CLEAR_OF_A_TIE < parts - whole < CLEAR_OF_A_TIE and 0 <= whole < FLOAT_IS_SURE:
                return whole
        return _halved_exactly(points, age, half_life)

    return halved


def _halved_exactly(points: int, age: int, half_life: int) -> int:
    left = DIGITS.multiply(DIGITS.scaleb(Decimal(points), -6), half_life_weight(age, half_life))
    return in_millionths(millionths(left))


def stepped(points: int, age: int, loss: int, every: int) -> int:
    """Return `points` after `age`, losing `loss` of them after each whole `every` (ns); never < 0.

    This is how marketing automation words decay: "-5 per week".
    """
    return max(0, points - loss * (age // every))


def in_millionths(number: Decimal) -> int:
    """Return a number as millionths; raises ValueError if it is not a whole number of them."""
    scaled = WIDE.scaleb(number, 6)
    if scaled != scaled.to_integral_value():
        raise ValueError("is not a whole number of millionths")
    return int(scaled)


def plain_millionths(millionths: int) -> str:
    """Write a number of millionths as `plain` does: 12,500,000 is "12.5"."""
    if millionths < 0:
        return f"-{plain_millionths(-millionths)}"
    whole, rest = divmod(millionths, 1_000_000)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


def period(at: int, days: int) -> int:
    """Return the number of the period of `days` days that contains the instant `at` (ns).

    Periods are anchored in the calendar, not at the instant judged at. If they were counted
    back from there, two visits could share a cap today and not tomorrow, and a score that
    only fades would rise.
    """
    return (at - FIRST_MONDAY) // (days * DAY)


def granted(left: dict[Hashable, int], key: Hashable, cap: int, amount: int) -> int:
    """Return what a claim of `amount` gets of the cap that goes by `key`, and take it from `left`.

    The sum for a key is the lesser of its cap and of what is claimed, in whatever order. Amounts
    are not negative.
    """
    rest = left.get(key, cap)
    share = amount if amount < rest else rest  # noqa: FURB136  # half of min's time
    left[key] = rest - share
    return share


def millionths(number: Decimal) -> Decimal:
    """Round to millionths, half-even: sums of such numbers are exact in any order."""
    return number.quantize(MILLIONTH, ROUND_HALF_EVEN, DIGITS)


def plain(number: Decimal) -> str:
    """Write the number without exponent and trailing zeros: 12.50 is "12.5"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
