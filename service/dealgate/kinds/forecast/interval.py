"""What may come of it: trials in which each deal is won or not, and where they end.

Deals are thrown for by themselves, in the order of their ids, from a fixed seed, so that the same
facts give the same trials. What is created and closed within the period is drawn from what
earlier periods had.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import gcd

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.deals import Deal
from dealgate.kinds.forecast.lines import Known
from dealgate.kinds.forecast.terms import ForecastParameters, Simulation
from dealgate.kinds.forecast.throws import NARROW, WIDE, Throws
from dealgate.model.ratio import Ratio
from dealgate.v1 import forecast_pb2 as pb

Chance = tuple[Fraction, int]
SHARES = (10, 50, 90)  # percent


@lru_cache(maxsize=8)
def _thrown(seed: int, trials: int, lane: int) -> Throws:
    return Throws(seed, trials, lane)


@lru_cache(maxsize=64)
def _drawn(seed: int, trials: int, periods: int) -> Sequence[int]:
    """Return which of that many earlier periods each trial draws."""
    return [int(throw * periods) for throw in _thrown(seed, trials, NARROW).first]


def interval(
    known: Known, parameters: ForecastParameters, ledger: Ledger
) -> pb.ForecastInterval | None:
    """Return the interval; None if nobody knows what was booked."""
    if known.booked is None:
        return None
    by_age = parameters.headline == "age_aware" and known.has_history
    created = known.created if by_age and known.created else [Ratio(0)]
    totals = _totals(
        round(known.booked),
        [*_chances(known.deals, by_age=by_age)],
        [round(amount) for amount in created],
        parameters.simulation,
    )
    p10, p50, p90 = (ledger.write(Ratio(total)) for total in totals)
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


def _totals(
    booked: int, chances: Sequence[Chance], created: Sequence[int], simulation: Simulation
) -> list[int]:
    """Return what SHARES of the trials do not come to more than."""
    seed, trials = simulation.seed, simulation.trials
    # Amounts are mostly whole units: without cents that are all zero they need half the bits.
    unit = gcd(*(amount for _, amount in chances)) or 1
    limits = [(float(probability), amount // unit) for probability, amount in chances]
    lane = WIDE if sum(amount for _, amount in limits) >> NARROW else NARROW
    won = _thrown(seed, trials, lane).won(limits)
    if len(created) == 1:  # what all trials begin with does not change their order
        return [booked + created[0] + unit * more for more in _ranks(won)]
    starts = [booked + amount for amount in created]
    drawn = _drawn(seed, trials, len(created))
    return _ranks(starts[period] + unit * more for period, more in zip(drawn, won, strict=True))


def _ranks(totals: Iterable[int]) -> list[int]:
    """Return the nearest ranks: the least numbers that SHARES of all are not above."""
    ascending = sorted(totals)
    return [ascending[-(-len(ascending) * percent // 100) - 1] for percent in SHARES]
