"""Values that stand for all that a fact can be, to tell what fails whatever it is.

An operation that can fail has, for every operand, some witness on which it does not: a test holds
that for each of them, so that what fails on all witnesses fails on everything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

from dealgate.language.extensions import DATE, DECIMAL, MONEY
from dealgate.language.operations import OPERATIONS
from dealgate.language.times import TIMESTAMP
from dealgate.language.values import NANOS, CelError, Value

LONGEST = 20_000  # elements or characters: no rule counts further than that
INTS = (0, 1, -1, 12, 2**63 - 1, -(2**63))
# Two instants more than 292 years apart have no difference, so there is one in each 200.
CENTURIES = 200 * 31_556_952 * NANOS
WITNESSES: Mapping[str, tuple[Value, ...]] = {
    "bool": (False, True),
    "int": INTS,
    "uint": (0, 1, 2**64 - 1),
    "double": (0.0, 1.5, -1.5),
    "string": (
        *("", "1", "EUR", "2026-01-31", "2026-01-31T00:00:00Z", "1h", "true", "UTC", "()" * 9),
        "x" * LONGEST,  # last: as a pattern it takes seconds
    ),
    "bytes": (b"", b"x"),
    "timestamp": (*range(*TIMESTAMP, CENTURIES), TIMESTAMP[1]),
    "duration": (0, 3600 * NANOS, 2**63 - 1, -(2**63)),
    MONEY: (("EUR", 0), ("USD", 0)),
    DATE: ((2026, 1, 31),),
    DECIMAL: (Decimal(0), Decimal(1)),
}


@cache
def witnesses(type_: str) -> tuple[Value, ...]:
    """Return values of a type, few and unlike; none of a message's, which no operation takes."""
    if type_.startswith("list("):
        return tuple([value] * LONGEST for value in witnesses(type_[5:-1])[:2])
    return ({},) if type_.startswith("map(") else WITNESSES.get(type_, ())


def always_fails(overload: str, choices: Sequence[Sequence[Any]]) -> str | None:
    """Return why an operation fails on every combination of operands; None if it may not."""
    reasons: Counter[str] = Counter()
    for values in product(*choices):
        try:
            OPERATIONS[overload].call(*values)
        except CelError as error:
            reasons[str(error)] += 1
        else:
            return None
    # The rarest: it is what remains where no other operand is at fault.
    return min(reasons, key=reasons.__getitem__, default=None)
