"""What may come of it: trials in which each deal is won or not, and where they end.

Deals are thrown for by themselves, in the order of their ids, from a fixed seed, so that the same
facts give the same trials. What is created and closed within the period is drawn from what
earlier periods had.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random
from threading import Lock

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.deals import Deal
from dealgate.kinds.forecast.lines import Known
from dealgate.kinds.forecast.terms import ForecastParameters, Simulation
from dealgate.model.ratio import Ratio
from dealgate.v1 import forecast_pb2 as pb

Chance = tuple[Fraction, int]
KEPT_DEALS = 512  # of at most 2,000 trials each: 10 MB a seed


class Throws:
    """What a seed throws, which is always the same: for the first deals it is kept, sorted."""

    def __init__(self, seed: int, trials: int) -> None:
        """Throw what every question needs."""
        self._random, self._trials = Random(seed), trials  # noqa: S311  # repeatable, not secret
        self.first = _throw(self._random, trials)
        self._kept: list[tuple[array[float], array[int]]] = []
        self._lock = Lock()

    def won(self, limits: Sequence[float]) -> Iterator[Sequence[int]]:
        """Yield for each deal the trials in which it throws less than its limit."""
        kept = self._keep(min(len(limits), KEPT_DEALS))
        for limit, (throws, order) in zip(limits, kept, strict=False):
            yield order[: bisect_left(throws, limit)]
        rest = limits[KEPT_DEALS:]
        if rest:
            random = Random()  # noqa: S311  # goes on where what is kept ends
            random.setstate(self._random.getstate())
            for limit in rest:
                thrown = _throw(random, self._trials)
                yield [trial for trial, throw in enumerate(thrown) if throw < limit]

    def _keep(self, deals: int) -> Sequence[tuple["array[float]", "array[int]"]]:
        """Return the throws of so many deals, in ascending order, and whose they are."""
        with self._lock:
            while len(self._kept) < deals:
                throws = _throw(self._random, self._trials)
                order = sorted(range(self._trials), key=throws.__getitem__)
                ascending = array("d", [throws[trial] for trial in order])
                self._kept.append((ascending, array("H", order)))
        return self._kept


def _throw(random: Random, times: int) -> list[float]:
    return [random.random() for _ in range(times)]


@lru_cache(maxsize=8)
def _thrown(seed: int, trials: int) -> Throws:
    return Throws(seed, trials)


def interval(
    known: Known, parameters: ForecastParameters, ledger: Ledger
) -> pb.ForecastInterval | None:
    """Return the interval; None if nobody knows what was booked."""
    if known.booked is None:
        return None
    by_age = parameters.headline == "age_aware" and known.has_history
    created = known.created if by_age and known.created else [Ratio(0)]
    totals = sorted(
        _trials(
            round(known.booked),
            [*_chances(known.deals, by_age=by_age)],
            [round(amount) for amount in created],
            parameters.simulation,
        )
    )
    p10, p50, p90 = (ledger.write(Ratio(_rank(totals, share))) for share in (10, 50, 90))
    return pb.ForecastInterval(
        p10=p10,
        p50=p50,
        p90=p90,
        trials=parameters.simulation.trials,
        seed=parameters.simulation.seed,
        probabilities=pb.FORECAST_METHOD_AGE_AWARE if by_age else pb.FORECAST_METHOD_STAGE_WEIGHTED,
    )


def _chances(deals: Sequence[Deal], *, by_age: bool) -> list[Chance]:
    chances = []
    for deal in sorted(deals, key=lambda deal: deal.id):
        probability = deal.age_probability if by_age else deal.stage_probability
        counts = not deal.gone if by_age else deal.counts
        if counts and probability and deal.amount:
            chances.append((probability, round(deal.amount)))
    return chances


def _trials(
    booked: int, chances: Sequence[Chance], created: Sequence[int], simulation: Simulation
) -> list[int]:
    throws = _thrown(simulation.seed, simulation.trials)
    totals = [booked + created[int(throw * len(created))] for throw in throws.first]
    limits = [float(probability) for probability, _ in chances]
    for won, (_, amount) in zip(throws.won(limits), chances, strict=True):
        for trial in won:
            totals[trial] += amount
    return totals


def _rank(totals: Sequence[int], percent: int) -> int:
    """Return the nearest rank: the least number that so many percent are not above."""
    return totals[-(-len(totals) * percent // 100) - 1]
