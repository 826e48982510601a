"""Fiscal calendars: months from any month on, and weeks that come to 52 or 53."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.fiscal import FiscalCalendar, FiscalPeriod
from dealgate.model.hours import DAY_NAMES

PATTERNS = ("months", "4-4-5", "4-5-4", "5-4-4", "13x4")
# The National Retail Federation's 4-5-4 calendar ends on the Saturday nearest to 31 January.
NRF = FiscalCalendar.model_validate(
    {"start_month": 2, "pattern": "4-5-4", "year_ends": "nearest", "named_by": "start"}
)


def day(text: str) -> int:
    """Return the ordinal of a day."""
    return dt.date.fromisoformat(text).toordinal()


def shown(period: FiscalPeriod) -> tuple[str, str, str]:
    """Return name, first and last day."""
    first, last = map(dt.date.fromordinal, (period.first, period.last))
    return period.name, first.isoformat(), last.isoformat()


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        # https://nrf.com/resources/4-5-4-calendar: 2023 has 53 weeks.
        ("FY2022", "2022-01-30", "2023-01-28", 52),
        ("FY2023", "2023-01-29", "2024-02-03", 53),
        ("FY2024", "2024-02-04", "2025-02-01", 52),
        ("FY2025", "2025-02-02", "2026-01-31", 52),
    ],
)
def test_the_retail_calendar_is_that_of_the_federation(
    year: str, first: str, last: str, weeks: int
) -> None:
    """Its years, with the 53rd week of 2023."""
    found = NRF.year_of(day(first))

    assert shown(found) == (year, first, last)
    assert found.last - found.first + 1 == 7 * weeks
    assert NRF.year_of(day(last)) == found
    assert NRF.named(year) == found


def test_a_year_by_weeks_ends_on_the_last_such_day_of_a_month() -> None:
    """Apple's years end on the last Saturday of September: 2023 had 53 weeks (Form 10-K, 2023)."""
    apple = FiscalCalendar.model_validate({"start_month": 10, "pattern": "13x4"})

    assert shown(apple.year_of(day("2023-09-30"))) == ("FY2023", "2022-09-25", "2023-09-30")
    assert shown(apple.year_of(day("2023-10-01"))) == ("FY2024", "2023-10-01", "2024-09-28")
    assert len(apple.periods(day("2023-09-30"))) == 13
    assert shown(apple.periods(day("2023-09-30"))[-1])[1:] == ("2023-08-27", "2023-09-30")


def test_months_from_any_month_on() -> None:
    """A year from February to January bears the name of the one it ends in."""
    calendar = FiscalCalendar.model_validate({"start_month": 2})

    assert shown(calendar.quarter_of(day("2026-10-31"))) == (
        "FY2027-Q3",
        "2026-08-01",
        "2026-10-31",
    )
    assert shown(calendar.period_of(day("2027-01-31"))) == (
        "FY2027-P12",
        "2027-01-01",
        "2027-01-31",
    )
    assert calendar.named("FY2027-Q3") == calendar.quarter_of(day("2026-10-31"))
    assert calendar.named("FY2027-Q5") is None
    assert calendar.named("next") is None


@given(
    st.integers(1, 12),
    st.sampled_from(PATTERNS),
    st.sampled_from(DAY_NAMES),
    st.sampled_from(("last", "nearest")),
    st.sampled_from(("end", "start")),
    st.dates(),
)
def test_every_day_is_in_one_period_of_one_quarter_of_one_year(
    month: int, pattern: str, ends_on: str, ends: str, named_by: str, date: dt.date
) -> None:
    """Parts follow each other without gaps from the first day of the year to its last."""
    calendar = FiscalCalendar.model_validate(
        {
            "start_month": month,
            "pattern": pattern,
            "year_ends_on": ends_on,
            "year_ends": ends,
            "named_by": named_by,
        }
    )
    today = date.toordinal()
    year = calendar.year_of(today)
    assert year.first <= today <= year.last
    for parts in (calendar.quarters(today), calendar.periods(today)):
        assert parts[0].first == year.first
        assert parts[-1].last == year.last
        for one, following in pairwise(parts):
            assert one.last + 1 == following.first
    assert calendar.quarter_of(today).first <= today <= calendar.quarter_of(today).last
    if 3 < date.year < 9990 and pattern != "months":
        assert (year.last - year.first + 1) in {364, 371}
        assert DAY_NAMES[dt.date.fromordinal(year.last).weekday()] == ends_on
