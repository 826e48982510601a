"""The fiscal calendar: years, quarters and periods, by months or by weeks.

By months a year has twelve periods, from any month on. By weeks it ends on a weekday at or about
the end of a month, has 52 or 53 weeks, and its quarters are split 4-4-5, 4-5-4 or 5-4-4; or it has
thirteen periods of four weeks, of which the last quarter has four. A 53rd week belongs to the last
period. Source: National Retail Federation, 4-5-4 calendar; ASC 235 and Regulation S-X 3-02 allow
52-53-week years. Days are proleptic ordinals.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from dealgate.model.hours import DAY_NAMES
from dealgate.model.office_hours import DayName
from dealgate.model.terms import Terms
from dealgate.model.zones import FIRST_ORDINAL, LAST_ORDINAL

Pattern = Literal["months", "4-4-5", "4-5-4", "5-4-4", "13x4"]
Month: TypeAlias = Annotated[int, Field(ge=1, le=12)]
QUARTERS, MONTHS = 4, 12
WEEK = 7
HALF_WEEK = 3


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A period, a quarter or a year: its name, its first and its last day."""

    name: str
    first: int
    last: int


class FiscalCalendar(Terms):
    """How the years of the books run."""

    start_month: Month = Field(
        default=1, description="The month that the year begins with, or about"
    )
    pattern: Pattern = Field(default="months", description="How a year is divided")
    year_ends_on: DayName = Field(
        default="saturday", description="By weeks: the last day of every year"
    )
    year_ends: Literal["last", "nearest"] = Field(
        default="last",
        description="By weeks: that day's last before the month ends, or the nearest to it",
    )
    named_by: Literal["end", "start"] = Field(
        default="end",
        description="Whether a year bears the name of the one it ends in, or begins in",
    )

    def year_of(self, day: int) -> FiscalPeriod:
        """Return the year that the day is in."""
        calendar_year = dt.date.fromordinal(day).year
        near = (calendar_year - 1, calendar_year, calendar_year + 1)
        return next(
            FiscalPeriod(self._name(year), self._start(year), self._start(year + 1) - 1)
            for year in near
            if self._start(year) <= day < self._start(year + 1)
        )

    def year_number(self, day: int) -> int:
        """Return the number of the year that the day is in: 2027 of FY2027."""
        return int(self.year_of(day).name.removeprefix("FY"))

    def quarter_of(self, day: int) -> FiscalPeriod:
        """Return the quarter that the day is in, such as FY2026-Q3."""
        return self._quarter(day)

    @cached_property
    def _quarter(self) -> Callable[[int], FiscalPeriod]:
        # Deals close on the same few days.
        return lru_cache(4096)(lambda day: self._holding(day, self.quarters(day)))

    def period_of(self, day: int) -> FiscalPeriod:
        """Return the period that the day is in, such as FY2026-P07."""
        return self._period(day)

    @cached_property
    def _period(self) -> Callable[[int], FiscalPeriod]:
        return lru_cache(4096)(lambda day: self._holding(day, self.periods(day)))

    def quarters(self, day: int) -> Sequence[FiscalPeriod]:
        """Return the four quarters of the year that the day is in."""
        periods = self.periods(day)
        year = self.year_of(day)
        size = len(periods) // QUARTERS
        bounds = [*(periods[size * number].first for number in range(QUARTERS)), year.last + 1]
        return [
            FiscalPeriod(f"{year.name}-Q{number + 1}", bounds[number], bounds[number + 1] - 1)
            for number in range(QUARTERS)
        ]

    def periods(self, day: int) -> Sequence[FiscalPeriod]:
        """Return the periods of the year that the day is in: twelve, or thirteen."""
        year = self.year_of(day)
        starts = [*self._starts(year.first), year.last + 1]
        return [
            FiscalPeriod(f"{year.name}-P{number + 1:02}", starts[number], starts[number + 1] - 1)
            for number in range(len(starts) - 1)
        ]

    def named(self, name: str) -> FiscalPeriod | None:
        """Return the year, quarter or period of that name, or None if there is none."""
        number = name.removeprefix("FY").partition("-")[0]
        if not number.isdecimal() or not dt.MINYEAR < int(number) < dt.MAXYEAR:
            return None
        day = dt.date(int(number), 1, 1).toordinal()
        for shift in (-365, 0, 365):
            here = [
                self.year_of(day + shift),
                *self.quarters(day + shift),
                *self.periods(day + shift),
            ]
            fiscal_period = next((quarter for quarter in here if quarter.name == name), None)
            if fiscal_period is not None:
                return fiscal_period
        return None

    def _holding(self, day: int, parts: Sequence[FiscalPeriod]) -> FiscalPeriod:
        return next(part for part in parts if part.first <= day <= part.last)

    def _starts(self, first: int) -> Iterator[int]:
        """Yield the first day of each period of the year that begins on `first`."""
        if self.pattern == "months":
            yield from (months_after(first, month) for month in range(MONTHS))
            return
        weeks = [4] * 13 if self.pattern == "13x4" else _weeks(self.pattern) * QUARTERS
        yield from (first + WEEK * passed for passed in accumulate([0, *weeks[:-1]]))

    def _start(self, year: int) -> int:
        """Return the first day of the year that begins in, or about, `year`'s start month.

        Years that begin before or after the calendar does are cut off where it ends.
        """
        if not dt.MINYEAR < year <= dt.MAXYEAR:
            return FIRST_ORDINAL if year <= dt.MINYEAR else LAST_ORDINAL + 1
        first = dt.date(year, self.start_month, 1)
        if self.pattern == "months":
            return first.toordinal()
        before = first - dt.timedelta(days=1)
        return self._end(before) + 1

    def _end(self, month_end: dt.date) -> int:
        """Return the weekday's last day in the month that ends then, or its nearest to the end."""
        back = (month_end.weekday() - DAY_NAMES.index(self.year_ends_on)) % WEEK
        last = month_end.toordinal() - back
        return last + WEEK if self.year_ends == "nearest" and back > HALF_WEEK else last

    def _name(self, year: int) -> str:
        shift = 1 if self.named_by == "end" and self.start_month > 1 else 0
        return f"FY{year + shift}"


def _weeks(pattern: str) -> list[int]:
    return [int(number) for number in pattern.split("-")]


def months_after(first: int, months: int) -> int:
    """Return the first day of the month a number of months later; at most the calendar's end."""
    start = dt.date.fromordinal(first)
    years, index = divmod(start.month - 1 + months, MONTHS)
    if start.year + years > dt.MAXYEAR:
        return LAST_ORDINAL + 1
    return dt.date(start.year + years, index + 1, 1).toordinal()
