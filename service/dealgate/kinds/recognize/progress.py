"""Progress of use: how much of a price is earned when part of it is expected never to be used."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from dealgate.model.days import day_number
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb

ONE = Ratio(1)


def progressed(
    line: pb.RevenueLine, draws: Sequence[tuple[int, Fraction]]
) -> Iterator[tuple[int, Fraction]]:
    """Yield which share of the price each day earns.

    Of 100 units of which 20 are expected never to be used, each one used earns an 80th (55-48); a
    new expectation is caught up on the day on which it becomes known.
    """
    included = fraction(line.included_quantity)
    if not line.breakage:
        yield from ((day, part / included) for day, part in draws)
        return
    days = sorted(
        [*((day, 1, part) for day, part in draws), *((day, 0, left) for day, left in _unused(line))]
    )
    used, unused, before = Ratio(0), Ratio(0), Ratio(0)
    for day, is_use, quantity in days:
        used, unused = (used + quantity, unused) if is_use else (used, quantity)
        share = min(used / (included - unused), ONE) if unused < included else ONE
        if share != before:
            yield day, share - before
        before = share


def _unused(line: pb.RevenueLine) -> Iterator[tuple[int, Fraction]]:
    for estimate in line.breakage:
        day = day_number(estimate.known_on) if estimate.HasField("known_on") else 0
        yield day, fraction(estimate.quantity)
