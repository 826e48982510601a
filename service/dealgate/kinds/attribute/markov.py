"""Markov chains of channels: what would be lost if a channel were not there?

A journey starts, passes its channels in order, and ends in a conversion or in nothing. The state
is the last `order` channels. The removal effect of a channel is the share of all conversions that
is lost if everything that would enter it ends in nothing instead, while all other probabilities
stay (Anderl et al., International Journal of Research in Marketing 33(3), 2016).

The probability to convert is what was observed, whatever the order: counts that go in come out.
Order 1 is exact up to 40 channels, since counts are integers; with more its matrix is inverted in
60 digits. Higher orders have many more states and are iterated in double precision until nothing
moves, by jumps along the mode that dies out last.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from dealgate.kinds.attribute.paths import Path
from dealgate.model.ratio import Ratio

State = tuple[str, ...]
Number = Fraction | float

START: State = ()
# Two sweeps that differ by less agree to more digits than a share is written with.
STILL = 1e-15
# Some twenty do, however long journeys are.
SWEEPS_MAX = 2000
# Every so many sweeps values jump to where the last ones point.
JUMP = 4
# What is still to come by more than so many times the last sweep is known to too few digits.
FAR_MAX = 10**4
# More channels are inverted in so many digits; what is written has twelve.
EXACT_MAX = 40
PRECISE = Context(prec=60)


class Unsettled(ArithmeticError):
    """Journeys cycle for so long that the chain does not converge."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What was counted: how often each state was left for which state, and how often it ended.

    `conversions` are the ends in a conversion by the state they came from, `nulls` the others.
    """

    moves: Mapping[State, Mapping[State, int]]
    conversions: Mapping[State, int]
    nulls: Mapping[State, int]

    @property
    def states(self) -> Sequence[State]:
        """Every state but the start, in a fixed order."""
        entered = {target for targets in self.moves.values() for target in targets}
        return sorted(entered)

    def left(self, state: State) -> int:
        """Return how often a state was left, for another or for an end."""
        inner = sum(self.moves.get(state, {}).values())
        return inner + self.conversions.get(state, 0) + self.nulls.get(state, 0)


@dataclass(frozen=True, slots=True)
class Effects:
    """The probability that a journey converts, and each channel's removal effect in [0, 1]."""

    probability: Number
    removal: Mapping[str, Number]


def chain(paths: Sequence[Path], order: int) -> Chain:
    """Count the moves of `paths`, which pass at least one channel each.

    A path that no journey took leaves no state behind: nothing would lead out of it.
    """
    moves: defaultdict[State, Counter[State]] = defaultdict(Counter)
    conversions: Counter[State] = Counter()
    nulls: Counter[State] = Counter()
    for path in (path for path in paths if path.conversions + path.nulls):
        state = START
        for channel in path.channels:
            following = (*state, channel)[-order:]
            moves[state][following] += path.conversions + path.nulls
            state = following
        conversions[state] += path.conversions
        nulls[state] += path.nulls
    return Chain(moves, conversions, nulls)


def removal_effects(counted: Chain, order: int) -> Effects:
    """Return the effect of removing each channel; at least one journey must have converted."""
    channels = sorted({state[-1] for state in counted.states})
    if order == 1:
        return _exact(counted, channels)
    whole = _observed(counted)
    return Effects(
        whole, {channel: 1 - _iterated(counted, channel) / float(whole) for channel in channels}
    )


def _observed(counted: Chain) -> Fraction:
    """Return the share of journeys that converted."""
    return Ratio(sum(counted.conversions.values()), counted.left(START))


def _exact(counted: Chain, channels: Sequence[str]) -> Effects:
    """Solve the chain of order 1 once; each removal follows from it.

    Without a channel only those conversions are lost that pass it, so what is lost is the
    probability ever to come to it times the probability to convert from there.
    """
    visits = _visits(counted, channels)
    journeys, indexes = counted.left(START), range(len(channels))
    begun = [counted.moves[START].get((channel,), 0) for channel in channels]
    ends = [counted.conversions.get((channel,), 0) for channel in channels]
    # A visit weighs what the inverse says, times how often the visited channel was left.
    converts = [sum((visits[a][b] * ends[b] for b in indexes), Ratio(0)) for a in indexes]
    whole = sum((begun[a] * converts[a] for a in indexes), Ratio(0)) / journeys
    reached = [
        sum((begun[a] * visits[a][b] for a in indexes), Ratio(0)) / visits[b][b] / journeys
        for b in indexes
    ]
    return Effects(whole, {channels[c]: reached[c] * converts[c] / whole for c in indexes})


def _visits(counted: Chain, channels: Sequence[str]) -> list[list[Fraction]]:
    """Return how often a journey that is at one channel visits each, by how often that is left."""
    left = [counted.left((channel,)) for channel in channels]
    rows = [
        [
            (left[a] if a == b else 0) - counted.moves.get((source,), {}).get((target,), 0)
            for b, target in enumerate(channels)
        ]
        for a, source in enumerate(channels)
    ]
    if len(rows) > EXACT_MAX:
        return approximated(rows)
    inverse, whole = inverted(rows)
    return [[Ratio(cell, whole) for cell in row] for row in inverse]


def approximated(rows: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """Return the inverse of a matrix of integers in sixty digits: exact ones have hundreds.

    By Gauss and Jordan in place; the matrix is as that of `inverted`.
    """
    with localcontext(PRECISE):
        work = [[Decimal(cell) for cell in row] for row in rows]
        for step, top in enumerate(work):
            head, top[step] = 1 / top[step], Decimal(1)
            top[:] = [cell * head for cell in top]
            for row in (row for row in work if row is not top):
                lead, row[step] = row[step], Decimal(0)
                row[:] = [cell - lead * above for cell, above in zip(row, top, strict=True)]
        return [[Ratio(cell) for cell in row] for row in work]


def inverted(rows: Sequence[Sequence[int]]) -> tuple[list[list[int]], int]:
    """Return a matrix of integers and a number: the first divided by the second is the inverse.

    Fraction-free elimination (Bareiss): every division on the way comes out even, so numbers stay
    as short as determinants are. No rows are swapped: what `_visits` passes is an M-matrix, whose
    leading determinants are all above 0, because every journey comes to an end.
    """
    size = len(rows)
    work = [[*row, *(int(a == b) for b in range(size))] for a, row in enumerate(rows)]
    before = 1
    for step in range(size):
        top, head = work[step], work[step][step]
        for row in (row for row in range(size) if row != step):
            lead = work[row][step]
            work[row] = [
                (head * cell - lead * above) // before
                for cell, above in zip(work[row], top, strict=True)
            ]
        before = head
    return [row[size:] for row in work], before


def _iterated(counted: Chain, removed: str) -> float:
    """Return the probability to convert from the start if nothing can enter `removed`."""
    named = list(_rows(counted, removed))
    indexes = {state: index for index, (state, _, _, _) in enumerate(named)}
    # By place, not by state: hashing states took most of the time.
    rows = [
        (index, 1 - own, ends, [(indexes[target], share) for target, share in others])
        for index, (_, own, ends, others) in enumerate(named)
    ]
    values, before, farthest = [0.0] * len(rows), 0.0, 0.0
    for sweep in range(1, SWEEPS_MAX):
        old = values[:]
        _sweep(rows, values)
        moved = [value - last for value, last in zip(values, old, strict=True)]
        if max(map(abs, moved)) < STILL:
            if farthest > FAR_MAX:
                break
            return values[indexes[START]]
        size = sum(moved)
        if sweep % JUMP == 0 and before and 0 < size / before < 1:
            # What dies out last dies out by this ratio: all that it will still bring comes now.
            far = size / (before - size)
            farthest = max(farthest, far)
            values = [value + far * step for value, step in zip(values, moved, strict=True)]
            size = 0.0
        before = size
    raise Unsettled


def _sweep(
    rows: Sequence[tuple[int, float, float, Sequence[tuple[int, float]]]], values: list[float]
) -> None:
    """Compute each value from the others, in place."""
    for index, leaves, ends, others in rows:
        inner = 0.0
        for target, share in others:
            inner += share * values[target]
        values[index] = (ends + inner) / leaves


def _rows(
    counted: Chain, removed: str
) -> Iterator[tuple[State, float, float, list[tuple[State, float]]]]:
    """Yield each state with its shares: back to itself, to a conversion, to other states.

    Late states come first, since values flow from the ends to the start.
    """
    states = [state for state in counted.states if state[-1] != removed]
    for state in (*sorted(states, key=len, reverse=True), START):
        left = counted.left(state)
        targets = counted.moves.get(state, {}).items()
        shares = [(to, n / left) for to, n in targets if to[-1] != removed]
        own = sum(share for to, share in shares if to == state)
        others = [(to, share) for to, share in shares if to != state]
        yield state, own, counted.conversions.get(state, 0) / left, others
