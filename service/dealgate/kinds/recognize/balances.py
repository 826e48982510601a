"""Balances: how the contract stands at the end of each period, and what to book for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.type.money_pb2 import Money

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.settling import Settled
from dealgate.model.days import date_message, day_number
from dealgate.model.money import from_minor, minor_per_unit, to_minor
from dealgate.model.parts import fraction
from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contract stands at the end of a period, in minor units; before the first: all 0."""

    recognized: int = 0
    invoiced: int = 0
    liability: int = 0

    @property
    def net(self) -> int:
        """Deferred revenue if positive, a contract asset if negative: a contract has one."""
        return self.invoiced - self.recognized - self.liability


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every period of a contract in minor units, and what waits for an event after them."""

    contract: Contract
    revenue: Sequence[int]
    invoiced: Sequence[int]
    liability: Sequence[int]
    asset: Sequence[int]
    cost: Sequence[int]
    waiting: int

    def standings(self) -> list[Standing]:
        """Return the standing at the end of each period."""
        found = [Standing()]
        for place, revenue in enumerate(self.revenue):
            last = found[-1]
            found.append(
                Standing(
                    last.recognized + revenue,
                    last.invoiced + self.invoiced[place],
                    last.liability + self.liability[place],
                )
            )
        return found[1:]

    def periods(self) -> Iterator[pb.PeriodRevenue]:
        """Yield what each period recognises, and how it ends."""
        facts = self.contract.facts
        for place, (period, standing) in enumerate(
            zip(facts.periods, self.standings(), strict=True)
        ):
            revenue = self.revenue[place]
            yield pb.PeriodRevenue(
                period_id=period.id,
                revenue=self._money(revenue),
                invoiced=self._money(self.invoiced[place]),
                closing=self._balances(standing, self.contract.calendar.ends[place]),
                reporting_revenue=self._reported(revenue, period)
                if facts.contract.reporting_currency
                else None,
            )

    def at(self, day: int) -> pb.RevenueBalances:
        """Return how it stands when the last period has ended that is over before `day`."""
        over = [end for end in self.contract.calendar.ends if end < day]
        if not over:
            return self._balances(Standing(), None)
        return self._balances(self.standings()[len(over) - 1], over[-1])

    def journal(self) -> Iterator[pb.JournalLine]:
        """Yield what to book; in every period debits equal credits."""
        last = Standing()
        for place, standing in enumerate(self.standings()):
            for account, debit in self._entries(place, last, standing):
                if debit:
                    yield pb.JournalLine(
                        period_id=self.contract.facts.periods[place].id,
                        account=account,
                        debit=self._money(debit) if debit > 0 else None,
                        credit=self._money(-debit) if debit < 0 else None,
                    )
            last = standing

    def _entries(
        self, place: int, last: Standing, now: Standing
    ) -> Iterator[tuple[pb.RevenueAccount.ValueType, int]]:
        yield pb.REVENUE_ACCOUNT_RECEIVABLE, self.invoiced[place]
        yield pb.REVENUE_ACCOUNT_REVENUE, -self.revenue[place]
        yield pb.REVENUE_ACCOUNT_DEFERRED_REVENUE, max(last.net, 0) - max(now.net, 0)
        yield pb.REVENUE_ACCOUNT_CONTRACT_ASSET, max(-now.net, 0) - max(-last.net, 0)
        yield pb.REVENUE_ACCOUNT_REFUND_LIABILITY, -self.liability[place]
        yield pb.REVENUE_ACCOUNT_RETURN_ASSET, self.asset[place]
        yield pb.REVENUE_ACCOUNT_COST_OF_SALES, self.cost[place]
        yield pb.REVENUE_ACCOUNT_INVENTORY, -self.asset[place] - self.cost[place]

    def _balances(self, standing: Standing, through: int | None) -> pb.RevenueBalances:
        remaining = sum(self.revenue) + self.waiting - standing.recognized
        return pb.RevenueBalances(
            through=None if through is None else date_message(through),
            recognized=self._money(standing.recognized),
            invoiced=self._money(standing.invoiced),
            deferred=self._money(max(standing.net, 0)),
            contract_asset=self._money(max(-standing.net, 0)),
            refund_liability=self._money(standing.liability),
            remaining=self._money(remaining),
        )

    def _reported(self, revenue: int, period: pb.FinancePeriod) -> Money:
        """Translate at the rate of the period, half to even."""
        home, other = self.contract.currency, self.contract.facts.contract.reporting_currency
        exact = revenue * fraction(period.rate) * minor_per_unit(other) / minor_per_unit(home)
        return from_minor(round(exact), other)

    def _money(self, amount: int) -> Money:
        return from_minor(amount, self.contract.currency)


def ledger(contract: Contract, obligations: Sequence[Settled]) -> Ledger:
    """Return the ledger of the contract; credits count as invoices that were taken back."""
    count = len(contract.calendar.ends)
    invoiced = [0] * count
    both: list[pb.RevenueInvoice | pb.RevenueCredit] = [
        *contract.facts.invoices,
        *contract.facts.credits,
    ]
    for one in both:
        invoiced[contract.calendar.place(day_number(one.on))] += to_minor(one.amount)
    columns = [(one.slots, one.liability, one.asset, one.cost) for one in obligations]
    revenue, liability, asset, cost = (
        [sum(column[number][place] for column in columns) for place in range(count)]
        for number in range(4)
    )
    waiting = sum(one.slots[contract.calendar.waiting] for one in obligations)
    return Ledger(contract, revenue, invoiced, liability, asset, cost, waiting)
