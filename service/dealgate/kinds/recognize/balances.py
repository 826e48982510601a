"""Balances: how the contract stands at the end of each period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.costs import Cost, costs_of
from dealgate.kinds.recognize.owing import beyond, rebates
from dealgate.kinds.recognize.settling import Settled
from dealgate.kinds.recognize.timeline import Mark, Timeline
from dealgate.kinds.recognize.uses import known
from dealgate.model.days import date_message, day_number
from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contract stands at the end of a period, in minor units; before the first: all 0."""

    recognized: int = 0
    invoiced: int = 0
    liability: int = 0
    interest: int = 0

    @property
    def net(self) -> int:
        """Deferred revenue if positive, a contract asset if negative: a contract has one."""
        return self.invoiced - self.recognized - self.liability - self.interest


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every period of a contract in minor units, and what waits for an event after them.

    `owed` is what will be paid back at the end of each, expected returns apart.
    """

    contract: Contract
    revenue: Sequence[int]
    invoiced: Sequence[int]
    returns: Sequence[int]
    owed: Sequence[int]
    asset: Sequence[int]
    cost: Sequence[int]
    waiting: int
    obligations: Sequence[Settled] = ()
    costs: Sequence[Cost] = ()

    def standings(self) -> list[Standing]:
        """Return the standing at the end of each period."""
        standings, recognized, invoiced, returns, interest = [], 0, 0, 0, 0
        for number, revenue in enumerate(self.revenue):
            recognized += revenue
            invoiced += self.invoiced[number]
            returns += self.returns[number]
            interest += self.interest(number)
            unearned = max(invoiced - recognized - returns - interest, 0)
            liability = returns + min(self.owed[number], unearned)
            standings.append(Standing(recognized, invoiced, liability, interest))
        return standings

    def interest(self, number: int) -> int:
        """Return the interest of a period: income, less expense."""
        interest = self.contract.interest
        return interest.income[number] - interest.expense[number] if interest else 0

    def over(self, day: int) -> int:
        """Return how many periods are over before `day`."""
        return sum(end < day for end in self.contract.calendar.ends)

    def by_year(self, day: int) -> Iterator[pb.YearAmount]:
        """Yield what is still to be earned after the periods that are over, by fiscal year."""
        years: dict[int, int] = {}
        fiscal = self.contract.parameters.fiscal
        for number in range(self.over(day), len(self.revenue)):
            year = fiscal.year_number(self.contract.calendar.ends[number])
            years[year] = years.get(year, 0) + self.revenue[number]
        for year, amount in years.items():
            if amount:
                yield pb.YearAmount(year=year, amount=self.money(amount))
        if self.waiting:
            yield pb.YearAmount(amount=self.money(self.waiting))

    def periods(self) -> Iterator[pb.PeriodRevenue]:
        """Yield what each period recognises, and how it ends."""
        facts = self.contract.facts
        for number, (period, standing) in enumerate(
            zip(facts.periods, self.standings(), strict=True)
        ):
            revenue = self.revenue[number]
            yield pb.PeriodRevenue(
                period_id=period.id,
                revenue=self.money(revenue),
                invoiced=self.money(self.invoiced[number]),
                closing=self._balances(standing, self.contract.calendar.ends[number]),
                reporting_revenue=self._reported(revenue, period)
                if facts.contract.reporting_currency
                else None,
                interest=self.money(self.interest(number)) if self.contract.interest else None,
            )

    def at(self, day: int) -> pb.RevenueBalances:
        """Return how it stands when the last period has ended that is over before `day`."""
        over = self.over(day)
        if not over:
            return self._balances(Standing(), None)
        return self._balances(self.standings()[over - 1], self.contract.calendar.ends[over - 1])

    def money(self, amount: int) -> Money:
        """Return an amount in the currency of the contract."""
        return from_minor(amount, self.contract.currency)

    def _balances(self, standing: Standing, through: int | None) -> pb.RevenueBalances:
        remaining = sum(self.revenue) + self.waiting - standing.recognized
        return pb.RevenueBalances(
            through=None if through is None else date_message(through),
            recognized=self.money(standing.recognized),
            invoiced=self.money(standing.invoiced),
            deferred=self.money(max(standing.net, 0)),
            contract_asset=self.money(max(-standing.net, 0)),
            refund_liability=self.money(standing.liability),
            remaining=self.money(remaining),
        )

    def _reported(self, revenue: int, period: pb.FinancePeriod) -> Money:
        """Translate at the rate of the period, half to even."""
        home, other = self.contract.currency, self.contract.facts.contract.reporting_currency
        exact = revenue * fraction(period.rate) * minor_per_unit(other) / minor_per_unit(home)
        return from_minor(round(exact), other)


def ledger(contract: Contract, obligations: Sequence[Settled], timeline: Timeline | None) -> Ledger:
    """Return the ledger of the contract; credits count as invoices that were taken back.

    Without a timeline there is no contract yet, and nothing but a liability.
    """
    count = len(contract.calendar.ends)
    columns = [
        (obligation.slots, obligation.liability, obligation.asset, obligation.cost)
        for obligation in obligations
    ]
    revenue, returns, asset, cost = (
        [sum(column[number][slot] for column in columns) for slot in range(count)]
        for number in range(4)
    )
    waiting = sum(obligation.slots[contract.calendar.waiting] for obligation in obligations)
    invoiced = _invoiced(contract)
    owed = [0] * count if timeline is None else _owed(timeline, invoiced)
    return Ledger(
        contract=contract,
        revenue=revenue,
        invoiced=invoiced,
        returns=returns,
        owed=owed,
        asset=asset,
        cost=cost,
        waiting=waiting,
        obligations=obligations,
        costs=costs_of(contract, timeline),
    )


def _invoiced(contract: Contract) -> list[int]:
    invoiced = [0] * len(contract.calendar.ends)
    for invoice in contract.facts.invoices:
        invoiced[contract.calendar.index(day_number(invoice.on))] += to_minor(invoice.amount)
    for credit in contract.facts.credits:
        invoiced[contract.calendar.index(known(credit, "on"))] += to_minor(credit.amount)
    return invoiced


def _owed(timeline: Timeline, invoiced: Sequence[int]) -> list[int]:
    """Return by period what will be paid back of what was invoiced, expected returns apart.

    Rebates on what was invoiced so far, service that was cancelled, and what is beyond the price.
    """
    owed, billed = [], 0
    for number, end in enumerate(timeline.contract.calendar.ends):
        billed += invoiced[number]
        standing, mark = timeline.standing(end), timeline.mark(end)
        unpaid = max(rebates(timeline.contract.variables, end) - standing.rebates, 0)
        gross = standing.worth + unpaid
        share = Ratio(min(billed, gross), gross) if gross > 0 and billed > 0 else Ratio(0)
        away = round(unpaid * share) + _lost(timeline.contract, mark, end)
        owed.append(away + beyond(timeline.contract, end, standing))
    return owed


def _lost(contract: Contract, mark: Mark, end: int) -> int:
    """Return what cancellations until then leave unserved, and was not credited yet."""
    lost = 0
    for index, amount in mark.lost.items():
        line = contract.facts.lines[index]
        if line.refundable and line.HasField("cancelled_on"):
            day = max(known(line, "cancelled_on"), contract.born[index])
            lost += amount if day <= end else 0
    return lost
