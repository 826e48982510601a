"""The period that is forecast, beside the day it is forecast on. Days are proleptic ordinals."""

from dataclasses import dataclass

from google.type.date_pb2 import Date

from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.business_time import workdays
from dealgate.model.days import day_number
from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.zones import day_in
from dealgate.v1 import forecast_pb2 as pb


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `start` to the day `end`, both included, seen on the day `today` in a zone."""

    start: int
    end: int
    today: int
    zone: str = ""

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

    def age(self, instant: int) -> int:
        """Return how many days ago the instant (ns) was."""
        return max(self.today - day_in(self.zone, instant), 0)


def zone_of(facts: pb.ForecastFacts, parameters: ForecastParameters) -> str:
    """Return the time zone whose days count."""
    return facts.time_zone or parameters.time_zone


def period(facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int) -> Period:
    """Return the period of the facts, seen at `as_of` (nanoseconds since the epoch)."""
    zone = zone_of(facts, parameters)
    start, end = day_number(facts.period_start), day_number(facts.period_end)
    return Period(start, end, day_in(zone, as_of), zone)


def fiscal_name(period: Period, calendar: FiscalCalendar) -> str:
    """Return what the books call the period; empty if it is not a year, quarter or period there."""
    parts = (
        calendar.year_of(period.start),
        calendar.quarter_of(period.start),
        calendar.period_of(period.start),
    )
    days = (period.start, period.end)
    return next((part.name for part in parts if (part.first, part.last) == days), "")
