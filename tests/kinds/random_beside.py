"""What may stand beside the lines of a random contract: other contracts, interest, costs, taxes."""

from random import Random

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.kinds.recognize.contract import added_ids, fixed_price
from dealgate.model.days import date_message, day_number
from dealgate.model.fiscal import FiscalCalendar, Pattern
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import recognize_pb2 as pb

PATTERNS: tuple[Pattern, ...] = ("months", "4-4-5", "5-4-4", "13x4")


class Beside:
    """Adds to a contract what other features than lines and changes are about."""

    def __init__(self, random: Random, currency: str, first: int, last: int) -> None:
        self._random = random
        self._currency = currency
        self._first, self._last = first, last

    def add(self, facts: pb.RecognizeFacts) -> None:
        """Add some of everything; what is there already stays."""
        if self._chance(0.2):
            self._unite(facts)
        if self._chance(0.2):
            self._agent(facts)
        if self._chance(0.2):
            self._discount(facts)
        if self._chance(0.2):
            self._finance(facts)
        if self._chance(0.2):
            self._cost(facts)
        if self._chance(0.2):
            self._debts_and_taxes(facts)

    def periods(self, name: str) -> list[pb.FinancePeriod]:
        """Return the periods of a fiscal calendar that cover all days."""
        random = self._random
        fiscal = FiscalCalendar(pattern=random.choice(PATTERNS), start_month=random.randint(1, 12))
        day, periods = self._first, []
        while day <= self._last:
            period = fiscal.period_of(day)
            periods.append(
                pb.FinancePeriod(
                    id=f"{name}{period.name}",
                    start=date_message(max(period.first, self._first)),
                    end=date_message(period.last),
                )
            )
            day = period.last + 1
        return periods

    def _unite(self, facts: pb.RecognizeFacts) -> None:
        """Some lines belong to a second contract that was made for the same aim."""
        signed = facts.contract.signed_on
        if not facts.contract.HasField("signed_on"):
            signed = self._day(self._first, self._first + 200)
            facts.contract.signed_on.CopyFrom(signed)
        facts.contracts.add(id="K2", signed_on=signed, negotiated_as_package=True)
        added = added_ids(facts)
        for line in facts.lines:
            if line.id not in added and self._chance(0.5):
                line.contract_id = "K2"

    def _agent(self, facts: pb.RecognizeFacts) -> None:
        line = self._random.choice(facts.lines)
        line.principal = False
        line.supplier_cost.CopyFrom(self._amount(0, to_minor(line.price)))

    def _discount(self, facts: pb.RecognizeFacts) -> None:
        lines = self._random.sample([*facts.lines], self._random.randint(1, len(facts.lines)))
        facts.discounts.add(
            id="D",
            amount=self._amount(0, to_minor(lines[0].price) // 2),
            line_ids=[line.id for line in lines],
            lines_sold_alone=True,
            bundle_sold_at_discount=True,
            discount_matches_bundle=self._chance(0.8),
        )

    def _finance(self, facts: pb.RecognizeFacts) -> None:
        whole, count = fixed_price(facts), self._random.randint(1, 3)
        if whole < count:
            return
        facts.financing.annual_rate.value = str(self._random.randint(0, 20) / 100)
        facts.financing.compounding_months = self._random.choice((1, 3, 12))
        facts.financing.transfer_on.CopyFrom(self._day(self._first, self._last))
        parts = [whole // count] * (count - 1)
        for part in (*parts, whole - sum(parts)):
            facts.financing.payments.add(
                on=self._day(self._first, self._last), amount=from_minor(part, self._currency)
            )

    def _cost(self, facts: pb.RecognizeFacts) -> None:
        incurred = self._random.randint(self._first, self._last)
        cost = facts.costs.add(
            id="C",
            amount=self._amount(0, 10**5),
            incurred_on=date_message(incurred),
            benefit_end=self._day(incurred, self._last),
            incremental=self._chance(0.8),
        )
        for _ in range(self._random.randint(0, 2)):
            cost.impairment_tests.add(
                on=self._day(incurred, self._last), remaining_costs=self._amount(0, 10**6)
            )

    def _debts_and_taxes(self, facts: pb.RecognizeFacts) -> None:
        facts.bad_debts.add(
            id="B", on=self._day(self._first, self._last), amount=self._amount(-100, 1000)
        )
        for invoice in facts.invoices:
            invoice.tax.CopyFrom(self._amount(0, 1000))
        for credit in facts.credits:
            credit.tax.CopyFrom(self._amount(-100, 0))

    def _amount(self, low: int, high: int) -> Money:
        return from_minor(self._random.randint(low, max(low, high)), self._currency)

    def _day(self, first: int, last: int) -> Date:
        return date_message(self._random.randint(first, max(first, last)))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


def price_otherwise(random: Random, line: pb.RevenueLine, currency: str) -> None:
    """Tell the standalone price in another way than by what the line sells for."""
    worth, told = to_minor(line.standalone_price.observable), line.standalone_price
    told.ClearField("observable")
    way = random.choice(("range", "market", "cost", "option"))
    if way == "range":
        told.low.CopyFrom(from_minor(worth // 2, currency))
        told.high.CopyFrom(from_minor(worth, currency))
    elif way == "market":
        told.market.CopyFrom(from_minor(worth, currency))
    elif way == "cost":
        told.cost.CopyFrom(from_minor(worth, currency))
        told.margin.CopyFrom(Decimal(value="0.25"))
    else:
        line.option.expected_purchases.CopyFrom(from_minor(worth, currency))
        line.option.incremental_discount.value = random.choice(("0.05", "0.3"))
        line.option.likelihood.value = "0.8"


def change_of(random: Random, line: pb.RevenueLine, day: int, last: int) -> pb.LineChange | None:
    """Return a change of the line from a day on, None if it has nothing that could change."""
    change = pb.LineChange(line_id=line.id)
    if line.pattern == pb.RECOGNITION_PATTERN_RATABLE:
        trial = line.trial_end if line.HasField("trial_end") else line.start
        first = max(day, day_number(line.start) + 1, day_number(trial) + 1)
        change.end.CopyFrom(date_message(random.randint(min(first, last), last)))
    elif line.pattern == pb.RECOGNITION_PATTERN_USAGE and line.HasField("included_quantity"):
        change.included_quantity.value = str(random.randint(1, 80))
    else:
        return None
    return change
