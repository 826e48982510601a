"""What earlier deals teach: chances by age, and what a period usually creates and closes itself."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.lifetable import Life, LifeTable
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.business_time import ordinal
from dealgate.model.days import day_number
from dealgate.model.instants import nanoseconds
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
    history reaches. None: there is no whole one, or a won deal does not tell its amount.
    """
    if not facts.history:
        return None
    began = min(day_number(deal.opened_on) for deal in facts.history)
    found = []
    back = period.days
    while period.start - back >= began:
        amounts = [*_created_and_won(facts.history, period, back)]
        if any(amount is None for amount in amounts):
            return None
        known = (ledger.read(deal.amount) for deal in amounts if deal is not None)
        found.append(sum(known, Fraction(0)))
        back += period.days
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
        stage = parameters.by_name.get(deal.stage_name)
        if deal.HasField("created_at") and (stage is None or stage.closed is None):
            yield Life(period.today - ordinal(nanoseconds(deal.created_at)), None)


def _created_and_won(
    history: Iterable[pb.PastDeal], period: Period, back: int
) -> Iterator[pb.PastDeal | None]:
    """Yield the deals of the period so many days back; None for one without an amount."""
    for deal in history:
        if not deal.won or day_number(deal.opened_on) <= period.today - back:
            continue
        if period.start - back <= day_number(deal.closed_on) <= period.end - back:
            yield deal if deal.HasField("amount") else None
