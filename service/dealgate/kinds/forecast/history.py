"""What earlier deals teach: chances by age, and what a period usually creates and closes itself."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.lifetable import Life, LifeTable
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.days import day_number
from dealgate.model.instants import nanoseconds
from dealgate.model.ratio import Ratio
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity


def life_table(
    facts: pb.ForecastFacts, parameters: ForecastParameters, period: Period
) -> LifeTable | None:
    """Return chances by age; None if no earlier deal is known.

    The open deals that are asked about have lived too: each is known to have reached its age.
    """
    if not facts.history:
        return None
    return LifeTable([*_past(facts, period), *_open(facts.opportunities, parameters, period)])


def created_and_closed(
    facts: pb.ForecastFacts, period: Period, ledger: Ledger
) -> Sequence[Fraction] | None:
    """Return what earlier periods created after this day of theirs and won before their end.

    Periods are as many days long as this one and end before it, the latest first, as far back as
    history reaches. None: there is no whole one, or a won deal does not tell its amount. Deals in a
    currency that no rate converts are left out, as they are among those asked about.
    """
    if not facts.history:
        return None
    began = min(day_number(deal.opened_on) for deal in facts.history)
    found = [Ratio(0)] * max((period.start - began) // period.days, 0)
    for deal in facts.history:
        index = _created_and_won(deal, period)
        if index is None or index >= len(found):
            continue
        if not deal.HasField("amount"):
            return None
        found[index] += ledger.read(deal.amount) or Ratio(0)
    return found or None


def _past(facts: pb.ForecastFacts, period: Period) -> Iterator[Life]:
    for deal in facts.history:
        closed = deal.HasField("closed_on")
        end = day_number(deal.closed_on) if closed else period.today
        yield Life(end - day_number(deal.opened_on), deal.won if closed else None)


def _open(
    deals: Iterable[Opportunity], parameters: ForecastParameters, period: Period
) -> Iterator[Life]:
    for deal in deals:
        stage = parameters.ways.of(deal).by_name.get(deal.stage_name)
        if deal.HasField("created_at") and (stage is None or stage.closed is None):
            yield Life(period.age(nanoseconds(deal.created_at)), None)


def _created_and_won(deal: pb.PastDeal, period: Period) -> int | None:
    """Return how many periods lie between this one and that which created and won the deal."""
    if not deal.won or day_number(deal.closed_on) >= period.start:
        return None
    between = (period.start - day_number(deal.closed_on) - 1) // period.days
    then = period.today - (between + 1) * period.days
    return between if day_number(deal.opened_on) > then else None
