"""Random contracts: every pattern, changed, credited, cancelled, used and returned anyhow.

They are made to be sound, so that most are scheduled: laws say nothing about what is refused.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.kinds.recognize.contract import added_ids
from dealgate.model.days import date_message, day_number
from dealgate.model.money import from_minor
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.random_beside import Beside, change_of, price_otherwise
from tests.kinds.recognizing import months

FIRST = dt.date(2026, 1, 1).toordinal()
PERIODS = 30
LAST = dt.date(2028, 6, 30).toordinal()
HALF = (FIRST + LAST) // 2
CURRENCIES = ("JPY", "USD", "KWD")


class Contracts:
    """Makes contracts; in `done` ones all has happened that could earn anything."""

    def __init__(self, seed: object, *, done: bool = False) -> None:
        self._random = Random(f"contracts {seed}")
        self._done = done
        self._currency = "USD"

    def one(self) -> pb.RecognizeFacts:
        """Return the next contract."""
        self._currency = self._random.choice(CURRENCIES)
        beside = Beside(self._random, self._currency, FIRST, LAST)
        by_month = self._chance(0.6)
        periods = months("2026-01-01", PERIODS) if by_month else beside.periods("")
        facts = pb.RecognizeFacts(periods=periods)
        contract = facts.contract
        contract.id, contract.approved, contract.collectible = "K", True, True
        contract.rounding = self._random.choice((0, 0, 0, 1, 2, 3))  # type: ignore[assignment]
        if self._chance(0.2):
            contract.signed_on.CopyFrom(self._day(FIRST, HALF))
        for name in "ABCD"[: self._random.randint(1, 4)]:
            facts.lines.append(self._line(name))
        self._combine(facts)
        for number in range(self._count()):
            facts.variable.append(self._variable(f"V{number}", facts))
        for number in range(self._count()):
            self._modify(facts, f"M{number}")
        for number in range(self._count()):
            facts.credits.append(self._credit(f"C{number}", facts, FIRST))
        for number in range(self._random.randint(0, 3)):
            amount = self._amount(0, 10**6)
            facts.invoices.add(id=f"I{number}", on=self._day(FIRST, LAST), amount=amount)
        beside.add(facts)
        return facts

    def later(self, facts: pb.RecognizeFacts, day: int) -> pb.RecognizeFacts:
        """Return the contract with something more that became known on `day` or after it."""
        more = pb.RecognizeFacts()
        more.CopyFrom(facts)
        changes: Sequence[Callable[[pb.RecognizeFacts, int], None]] = (
            self._later_variable,
            self._later_modification,
            self._later_credit,
            self._later_use,
            self._later_returns,
            self._later_cancellation,
            self._later_line,
            self._later_milestone,
        )
        for _ in range(self._random.randint(1, 3)):
            self._random.choice(changes)(more, day)
        return more

    def one_more_fact(self, facts: pb.RecognizeFacts) -> pb.RecognizeFacts:
        """Return the contract with something more that does not say when it became known."""
        more = pb.RecognizeFacts()
        more.CopyFrom(facts)
        if self._chance(0.5):
            self._modify(more, "more")
        else:
            more.variable.append(self._variable("more", more))
        return more

    def _later_variable(self, facts: pb.RecognizeFacts, day: int) -> None:
        amount = self._variable(f"L{len(facts.variable)}", facts)
        amount.known_on.CopyFrom(self._day(day, LAST))
        old = [told for told in facts.variable if not told.HasField("known_on")]
        if old and self._chance(0.5) and not any(told.revises for told in facts.variable):
            amount.revises, amount.line_id = old[0].id, old[0].line_id
            amount.relates_to_line_alone = old[0].relates_to_line_alone
        facts.variable.append(amount)

    def _later_modification(self, facts: pb.RecognizeFacts, day: int) -> None:
        known = self._random.randint(day, LAST)
        on = known if self._chance(0.5) else self._random.randint(FIRST, known)
        change = facts.modifications.add(
            id=f"L{len(facts.modifications)}",
            on=date_message(on),
            known_on=date_message(known),
            price_change=self._amount(-(10**4), 10**6),
            remaining_distinct=self._chance(0.6),
        )
        ratable = [line for line in facts.lines if line.pattern == pb.RECOGNITION_PATTERN_RATABLE]
        if ratable and self._chance(0.5):
            line = self._random.choice(ratable)
            trial = line.trial_end if line.HasField("trial_end") else line.start
            end = max(on, day_number(line.start) + 1, day_number(trial) + 1)
            change.changes.add(line_id=line.id, end=self._day(min(end, LAST), LAST))

    def _later_credit(self, facts: pb.RecognizeFacts, day: int) -> None:
        credit = self._credit(f"L{len(facts.credits)}", facts, FIRST)
        credit.known_on.CopyFrom(self._day(max(day, day_number(credit.on)), LAST))
        facts.credits.append(credit)

    def _later_use(self, facts: pb.RecognizeFacts, day: int) -> None:
        for line in facts.lines:
            if line.pattern == pb.RECOGNITION_PATTERN_USAGE:
                record = line.usage.add(on=self._day(FIRST, LAST), quantity=self._number(0, 9))
                record.known_on.CopyFrom(self._day(day, LAST))

    def _later_returns(self, facts: pb.RecognizeFacts, day: int) -> None:
        for line in facts.lines:
            if line.HasField("returns"):
                line.returns.revisions.add(
                    known_on=self._day(day, LAST), expected=self._number(0, 10)
                )

    def _later_cancellation(self, facts: pb.RecognizeFacts, day: int) -> None:
        for line in facts.lines:
            if line.pattern == pb.RECOGNITION_PATTERN_RATABLE and not line.HasField("cancelled_on"):
                line.cancelled_on.CopyFrom(self._day(day_number(line.start), LAST))
                line.known_on.CopyFrom(self._day(max(day, day_number(line.cancelled_on)), LAST))
                line.refundable = self._chance(0.5)
                return

    def _later_line(self, facts: pb.RecognizeFacts, day: int) -> None:
        line = self._line(f"X{len(facts.lines)}")
        facts.lines.append(line)
        facts.modifications.add(
            id=f"L{len(facts.modifications)}",
            on=self._day(day, LAST),
            price_change=self._amount(0, 10**6),
            added_line_ids=[line.id],
            adds_distinct=True,
            at_standalone_price=self._chance(0.5),
            remaining_distinct=self._chance(0.6),
        )

    def _later_milestone(self, facts: pb.RecognizeFacts, day: int) -> None:
        for line in facts.lines:
            for milestone in line.milestones:
                if not milestone.HasField("accepted_on") and not line.HasField("cancelled_on"):
                    milestone.accepted_on.CopyFrom(self._day(FIRST, LAST))
                    milestone.known_on.CopyFrom(self._day(day, LAST))
                    return

    def _line(self, name: str) -> pb.RevenueLine:
        line = pb.RevenueLine(id=name, price=self._amount(0, 10**6), distinct=True)
        line.standalone_price.observable.CopyFrom(self._amount(1, 10**6))
        line.pattern = self._random.choice((1, 1, 2, 3, 4, 5, 6))  # type: ignore[assignment]
        PATTERNS[line.pattern](self, line)
        if self._chance(0.2):
            price_otherwise(self._random, line, self._currency)
        return line

    def _ratable(self, line: pb.RevenueLine) -> None:
        first, last = sorted(self._random.sample(range(FIRST, LAST), 2))
        line.start.CopyFrom(date_message(first))
        line.end.CopyFrom(date_message(last))
        line.proration = self._random.choice(pb.Proration.values())
        if self._chance(0.2):
            line.trial_end.CopyFrom(self._day(first, last - 1))
        if self._chance(0.2):
            self._ramp(line, first, last)
        if self._chance(0.2):
            self._cancel(line, first)

    def _ramp(self, line: pb.RevenueLine, first: int, last: int) -> None:
        prices = [self._random.randint(1, 10**5) for _ in range(2)]
        starts = [first, self._random.randint(first + 1, last)]
        for start, price in zip(starts, prices, strict=True):
            line.ramp.add(start=date_message(start), price=from_minor(price, self._currency))
        line.price.CopyFrom(from_minor(sum(prices), self._currency))

    def _cancel(self, line: pb.RevenueLine, first: int) -> None:
        line.cancelled_on.CopyFrom(self._day(first, LAST))
        if self._chance(0.7):
            line.refundable = self._chance(0.5)

    def _at_once(self, line: pb.RevenueLine) -> None:
        if self._done or self._chance(0.7):
            line.delivered_on.CopyFrom(self._day(FIRST, LAST))
        if self._chance(0.4):
            line.returns.quantity.value = "10"
            line.returns.expected.value = str(self._random.randint(0, 10))
            line.returns.cost.CopyFrom(self._amount(0, 1000))

    def _milestones(self, line: pb.RevenueLine) -> None:
        for number, share in enumerate(
            self._random.choice((("1",), ("0.3", "0.7"), ("0.333",) * 3))
        ):
            milestone = line.milestones.add(id=str(number), share=Decimal(value=share))
            if self._done or self._chance(0.6):
                milestone.accepted_on.CopyFrom(self._day(FIRST, LAST))

    def _usage(self, line: pb.RevenueLine) -> None:
        line.overage_price.CopyFrom(self._amount(0, 1000))
        metered = self._chance(0.4)
        if metered:
            line.price.CopyFrom(from_minor(0, self._currency))
        else:
            line.included_quantity.CopyFrom(self._number(1, 50))
        for _ in range(self._random.randint(1 if self._done else 0, 6)):
            record = line.usage.add(on=self._day(FIRST, LAST), quantity=self._number(0, 20))
            if self._chance(0.2):
                record.known_on.CopyFrom(self._day(day_number(record.on), LAST))
        if self._chance(0.4) or (self._done and not metered):
            line.end.CopyFrom(self._day(FIRST, LAST))
        if not metered and self._chance(0.3):
            line.breakage.add(quantity=Decimal(value="0.5"))
        if self._chance(0.1):
            self._cancel(line, FIRST)

    def _custom(self, line: pb.RevenueLine) -> None:
        for _ in range(self._random.randint(1, 4)):
            line.custom.add(on=self._day(FIRST, LAST), weight=self._number(1, 9))

    def _progress(self, line: pb.RevenueLine) -> None:
        days = self._random.sample(range(FIRST, LAST), self._random.randint(1, 4))
        for number, day in enumerate(sorted(days)):
            record = line.progress.add(on=date_message(day))
            if self._done and number == len(days) - 1:
                record.share.value = "1"
            elif self._chance(0.5):
                record.share.value = str(self._random.randint(0, 100) / 100)
            else:
                cost = self._random.randint(1, 10**6)
                record.expected_cost.CopyFrom(from_minor(cost, self._currency))
                incurred = self._random.randint(0, cost)
                record.incurred.CopyFrom(from_minor(incurred, self._currency))

    def _combine(self, facts: pb.RecognizeFacts) -> None:
        """Some lines are part of an earlier one, in chains too."""
        for before, line in zip(facts.lines, facts.lines[1:], strict=False):
            if self._chance(0.2) and not line.HasField("cancelled_on"):
                line.distinct = False
                line.part_of = before.id

    def _variable(self, name: str, facts: pb.RecognizeFacts) -> pb.VariableConsideration:
        amount = pb.VariableConsideration(id=name, reversal_improbable=self._chance(0.5))
        amount.method = self._random.choice((1, 2))  # type: ignore[assignment]
        for chance in self._random.choice((("1",), ("0.25", "0.75"), ("0.333333",) * 3)):
            value = self._amount(-1000, 10**5)
            amount.scenarios.add(amount=value, probability=Decimal(value=chance))
        if self._chance(0.4):
            line = self._random.choice(facts.lines)
            amount.line_id, amount.relates_to_line_alone = line.id, self._chance(0.7)
        return amount

    def _modify(self, facts: pb.RecognizeFacts, name: str) -> None:
        change = facts.modifications.add(
            id=name,
            on=self._day(FIRST, LAST),
            price_change=self._amount(-(10**4), 10**6),
            remaining_distinct=self._chance(0.6),
        )
        if self._chance(0.4):
            line = self._line(f"{name}-line")
            facts.lines.append(line)
            change.added_line_ids.append(line.id)
            change.adds_distinct = self._chance(0.8)
            change.at_standalone_price = self._chance(0.5)
        if self._chance(0.4):
            line = self._random.choice([line for line in facts.lines if line.distinct])
            changed = change_of(self._random, line, day_number(change.on), LAST)
            if changed is not None and line.id not in added_ids(facts):
                change.changes.append(changed)

    def _credit(self, name: str, facts: pb.RecognizeFacts, first: int) -> pb.RevenueCredit:
        credit = pb.RevenueCredit(id=name, on=self._day(first, LAST))
        credit.amount.CopyFrom(self._amount(-(10**5), -1))
        if self._chance(0.4):
            credit.line_id = facts.lines[0].id
        return credit

    def _amount(self, low: int, high: int) -> Money:
        return from_minor(self._random.randint(low, high), self._currency)

    def _number(self, low: int, high: int) -> Decimal:
        return Decimal(value=f"{self._random.randint(low * 100, high * 100) / 100:.2f}")

    def _day(self, first: int, last: int) -> Date:
        return date_message(self._random.randint(first, max(first, last)))

    def _count(self) -> int:
        return self._random.choice((0, 0, 0, 1, 1, 2))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


PATTERNS: dict[int, Callable[[Contracts, pb.RevenueLine], None]] = {
    pb.RECOGNITION_PATTERN_RATABLE: Contracts._ratable,  # the table of its methods
    pb.RECOGNITION_PATTERN_POINT_IN_TIME: Contracts._at_once,
    pb.RECOGNITION_PATTERN_MILESTONE: Contracts._milestones,
    pb.RECOGNITION_PATTERN_USAGE: Contracts._usage,
    pb.RECOGNITION_PATTERN_CUSTOM: Contracts._custom,
    pb.RECOGNITION_PATTERN_PROGRESS: Contracts._progress,
}
