"""The period that is forecast, beside the day it is forecast on. Days are proleptic ordinals."""

from dataclasses import dataclass

from google.type.date_pb2 import Date

from dealgate.model.business_time import ordinal, workdays
from dealgate.model.days import day_number
from dealgate.v1 import forecast_pb2 as pb


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `start` to the day `end`, both included, seen on the day `today`."""

    start: int
    end: int
    today: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.end - self.start + 1

    @property
    def business_days(self) -> int:
        """How many of them are Monday to Friday."""
        return workdays(self.start, self.end)

    @property
    def business_days_gone(self) -> int:
        """How many of these have passed, today included."""
        return workdays(self.start, min(self.today, self.end))

    @property
    def window(self) -> tuple[int, int]:
        """The first and the last day of what is left of it, counted from today; 1 is tomorrow."""
        return max(self.start - self.today, 1), self.end - self.today

    def holds(self, date: Date) -> bool:
        """Whether the day lies in it."""
        return self.start <= day_number(date) <= self.end


def period(facts: pb.ForecastFacts, as_of: int) -> Period:
    """Return the period of the facts, seen at `as_of` (nanoseconds since the epoch)."""
    return Period(day_number(facts.period_start), day_number(facts.period_end), ordinal(as_of))
