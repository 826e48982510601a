"""What earlier deals teach: chances by age, and what a period usually creates and closes itself."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from google.type.money_pb2 import Money

from dealgate.kinds.forecast.amounts import Ledger
from dealgate.kinds.forecast.lifetable import Life, LifeTable
from dealgate.kinds.forecast.period import Period
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.instants import nanoseconds
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity

# A deal of history: the days it was opened and closed on (None: it is open), and itself.
Earlier: TypeAlias = tuple[int, int | None, pb.PastDeal]


def earlier(history: Iterable[pb.PastDeal]) -> list[Earlier]:
    """Return earlier deals with their days as numbers: they are counted more than once.

    A day that is not given has no year. There may be thousands, so `day_number` is written out.
    """
    past = list[Earlier]()
    for deal in history:
        opened, closed = deal.opened_on, deal.closed_on
        began = date(opened.year, opened.month, opened.day).toordinal()
        year = closed.year
        ended = date(year, closed.month, closed.day).toordinal() if year else None
        past.append((began, ended, deal))
    return past


def ages(
    deals: Iterable[Opportunity], parameters: ForecastParameters, period: Period
) -> list[int | None]:
    """Return how many days each deal asked about has been open; None if it is not, or unknown."""
    return [_age(deal, parameters, period) for deal in deals]


def life_table(
    history: Sequence[Earlier], open_for: Iterable[int | None], period: Period
) -> LifeTable | None:
    """Return chances by age; None if no earlier deal is known.

    The open deals that are asked about have lived too: each is known to have reached its age.
    """
    if not history:
        return None
    today = period.today
    lives: list[Life] = [
        (today - opened, None) if closed is None else (closed - opened, deal.won)
        for opened, closed, deal in history
    ]
    lives += [(age, None) for age in open_for if age is not None]
    return LifeTable(lives)


def created_and_closed(
    history: Sequence[Earlier], period: Period, ledger: Ledger
) -> Sequence[Fraction] | None:
    """Return what earlier periods created after this day of theirs and won before their end.

    Periods are as many days long as this one and end before it, the latest first, as far back as
    history reaches. None: there is no whole one, or a won deal does not tell its amount. Deals in a
    currency that no rate converts are left out, as they are among those asked about.
    """
    if not history:
        return None
    start, days, today = period.start, period.days, period.today
    began = min([opened for opened, _, _ in history])
    amounts: list[list[Money]] = [[] for _ in range((start - began) // days)]
    for opened, closed, deal in history:
        # How many periods lie between this one and that in which it closed.
        index = -1 if closed is None else (start - closed - 1) // days
        if not 0 <= index < len(amounts) or not deal.won or opened <= today - (index + 1) * days:
            continue
        if not deal.HasField("amount"):
            return None
        amounts[index].append(deal.amount)
    return [ledger.total(won) for won in amounts] or None


def _age(deal: Opportunity, parameters: ForecastParameters, period: Period) -> int | None:
    stage = parameters.ways.of(deal).by_name.get(deal.stage_name)
    if (stage is not None and stage.closed is not None) or not deal.HasField("created_at"):
        return None
    return period.age(nanoseconds(deal.created_at))
