"""Half-lives in integers: what `folds.half_life_weight` says, at a third of its cost.

2^-x is taken from a table for the first eight bits of x, and from a series for what is left, with
128 bits after the point. The error is far below that of 28 digits, so both round to the same unless
a weight lies within a margin of a tie; then the decimals of `folds` are asked.
"""

from functools import cache

from dealgate.model.folds import DIGITS, GUARDED, NEGLIGIBLE_HALVINGS, half_life_weight

BITS = 128
ONE = 1 << BITS
STEPS = 256
TERMS = 10  # the last one is less than 1e-32
MARGIN = 10**4  # of a weight's last digit but this many: a hundred times any error


def half_life_units(age_ns: int, half_life_ns: int, digits: int) -> int:
    """Return 2^(-age / half_life) in units of 10^-digits, at most 18, rounded half to even."""
    if age_ns < 0 or half_life_ns <= 0:
        raise ValueError("age must be at least 0 and the half-life more than 0")
    halvings, rest = divmod(age_ns, half_life_ns)
    if halvings >= NEGLIGIBLE_HALVINGS:
        return 0
    scaled: int = _power(rest, half_life_ns) * 10**digits
    shift = BITS + halvings
    units, left = scaled >> shift, scaled & ((1 << shift) - 1)
    half = 1 << (shift - 1)
    if abs(left - half) * MARGIN < half:
        return _exactly(age_ns, half_life_ns, digits)
    return units + (left > half)


def _power(rest: int, half_life: int) -> int:
    """Return 2^(-rest / half_life) in units of 2^-128; rest is less than a half-life."""
    step, left = divmod(rest * STEPS, half_life)
    table, ln_2 = _constants()
    small = -(ln_2 * left // (half_life * STEPS))
    term = whole = ONE
    for number in range(1, TERMS + 1):
        term = (term * small >> BITS) // number
        whole += term
    return table[step] * whole >> BITS


@cache
def _constants() -> tuple[tuple[int, ...], int]:
    with_guard = GUARDED.copy()
    with_guard.prec = 60
    ln_2 = with_guard.ln(with_guard.create_decimal(2))
    powers = (
        with_guard.exp(with_guard.multiply(ln_2, with_guard.divide(-step, STEPS)))
        for step in range(STEPS)
    )
    return tuple(int(with_guard.multiply(power, ONE)) for power in powers), int(
        with_guard.multiply(ln_2, ONE)
    )


def _exactly(age_ns: int, half_life_ns: int, digits: int) -> int:
    weight = DIGITS.quantize(half_life_weight(age_ns, half_life_ns), DIGITS.scaleb(1, -digits))
    return int(DIGITS.scaleb(weight, digits))
