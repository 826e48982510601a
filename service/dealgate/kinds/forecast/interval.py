"""What may come of it: trials in which each deal is won or not, and where they end.

Deals are thrown for by themselves, in the order of their ids, from a fixed seed, so that the same
facts give the same trials. What is created and closed within the period is drawn from what
earlier periods had.
"""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.deals import Deal
from dealgate.kinds.forecast.lines import Known
from dealgate.kinds.forecast.terms import ForecastParameters, Simulation
from dealgate.v1 import forecast_pb2 as pb

Chance = tuple[Fraction, int]


def interval(
    known: Known, parameters: ForecastParameters, ledger: Ledger
) -> pb.ForecastInterval | None:
    """Return the interval; None if nobody knows what was booked."""
    if known.booked is None:
        return None
    by_age = parameters.headline == "age_aware" and known.has_history
    created = known.created if by_age and known.created else [Fraction(0)]
    totals = sorted(
        _trials(
            round(known.booked),
            [*_chances(known.deals, by_age=by_age)],
            [round(amount) for amount in created],
            parameters.simulation,
        )
    )
    p10, p50, p90 = (ledger.write(Fraction(_rank(totals, share))) for share in (10, 50, 90))
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
    thrown = Random(simulation.seed).random  # noqa: S311  # repeatable, not secret
    totals = [booked + created[int(thrown() * len(created))] for _ in range(simulation.trials)]
    for probability, amount in chances:
        limit = float(probability)
        totals = [total + amount if thrown() < limit else total for total in totals]
    return totals


def _rank(totals: Sequence[int], percent: int) -> int:
    """Return the nearest rank: the least number that so many percent are not above."""
    return totals[-(-len(totals) * percent // 100) - 1]
