"""Maven's quarters, forecast on their thirtieth day from what was known then; what they brought.

A deal is worth its list price until it is won. The file has no expected close dates, so every
open deal is given the end of its quarter, which is what a weighted pipeline believes of dead ones.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bench import maven
from dealgate_client import (
    ForecastFacts,
    Money,
    Opportunity,
    PastDeal,
    date,
    money,
    timestamp,
)

Day = dt.date
QUARTERS = [
    (Day(2017, 4, 1), Day(2017, 4, 30), Day(2017, 6, 30)),
    (Day(2017, 7, 1), Day(2017, 7, 30), Day(2017, 9, 30)),
    (Day(2017, 10, 1), Day(2017, 10, 30), Day(2017, 12, 31)),
]


class Deal(NamedTuple):
    """A deal that somebody worked on: when, at what list price, and what became of it."""

    id: str
    price: Decimal
    opened: Day
    closed: Day | None
    won: bool
    value: Decimal

    def is_open(self, on: Day) -> bool:
        """Tell whether it was open at the end of that day."""
        return self.opened <= on and (self.closed is None or self.closed > on)


class Quarter(NamedTuple):
    """A quarter seen on one day; `brought` is what deals then open still brought, `whole` all."""

    as_of: dt.datetime
    facts: ForecastFacts
    brought: Decimal
    whole: Decimal


def quarters(rows: Sequence[maven.Row]) -> list[Quarter]:
    """Return the three quarters that have enough past behind them."""
    deals = [_deal(row) for row in rows if row.deal["engage_date"]]
    return [_quarter(deals, *days) for days in QUARTERS]


def _deal(row: maven.Row) -> Deal:
    closed = row.deal["close_date"]
    return Deal(
        id=row.deal["opportunity_id"],
        price=row.list_price,
        opened=Day.fromisoformat(row.deal["engage_date"]),
        closed=Day.fromisoformat(closed) if closed else None,
        won=row.deal["deal_stage"] == "Won",
        value=maven.value(row),
    )


def _quarter(deals: Sequence[Deal], start: Day, today: Day, end: Day) -> Quarter:
    facts = ForecastFacts(
        currency_code="USD",
        time_zone="UTC",
        id=f"maven/{start}",
        period_start=date(start),
        period_end=date(end),
        booked=_usd(_won(deals, start, today)),
        opportunities=[_open(deal, end) for deal in deals if deal.is_open(today)],
        history=[_past(deal) for deal in deals if deal.closed and deal.closed <= today],
    )
    as_of = dt.datetime.combine(today, dt.time(23, 59), tzinfo=dt.UTC)
    still_open = [deal for deal in deals if deal.is_open(today)]
    return Quarter(as_of, facts, _won(still_open, start, end), _won(deals, start, end))


def _won(deals: Sequence[Deal], first: Day, last: Day) -> Decimal:
    wins = (d.value for d in deals if d.won and d.closed and first <= d.closed <= last)
    return sum(wins, Decimal())


def _open(deal: Deal, end: Day) -> Opportunity:
    return Opportunity(
        id=deal.id,
        stage_name="Value Proposition",
        amount=_usd(deal.price),
        close_date=date(end),
        created_at=timestamp(dt.datetime.combine(deal.opened, dt.time(), tzinfo=dt.UTC)),
    )


def _past(deal: Deal) -> PastDeal:
    closed = date(deal.closed) if deal.closed else None
    amount = _usd(deal.value) if deal.won else None
    return PastDeal(opened_on=date(deal.opened), closed_on=closed, won=deal.won, amount=amount)


def _usd(amount: Decimal) -> Money:
    return money("USD", amount)
