"""Any working week: weekends of a region, half days, breaks, nights, days of one's own."""

import datetime as dt
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from dealgate.model.business_time import Office
from dealgate.model.hours import DAY_NAMES, week_of
from dealgate.model.office_hours import OfficeHours, office_of
from dealgate.model.zones import day_in, is_zone
from dealgate.v1.route_pb2 import WorkingHours

MINUTE = 60_000_000_000
RIYADH = Office(9, 17, "Asia/Riyadh", "SA")
SHOP = week_of({"tuesday": ["09:00-12:30", "14:00-18:00"], "saturday": ["10:00-13:00"]})


def at(text: str) -> int:
    """Return an instant."""
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000_000


def shown(instant: int) -> str:
    """Write an instant in UTC."""
    return dt.datetime.fromtimestamp(instant // 10**9, dt.UTC).strftime("%a %Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("office", "asked", "minutes", "due"),
    [
        # The weekend in Saudi Arabia is Friday and Saturday (findings, leads L-18).
        (RIYADH, "2026-11-26T14:30:00+00:00", 5, "Sun 2026-11-29T06:05"),
        (RIYADH, "2026-11-29T07:00:00+00:00", 5, "Sun 2026-11-29T07:05"),
        # The United Arab Emirates moved theirs to Saturday and Sunday in 2022.
        (Office(9, 17, "Asia/Dubai", "AE"), "2026-11-26T14:30:00+00:00", 5, "Fri 2026-11-27T05:05"),
        # In Iran Friday alone is free.
        (
            Office(9, 17, "Asia/Tehran", "IR"),
            "2026-11-27T07:00:00+00:00",
            5,
            "Sat 2026-11-28T05:35",
        ),
        # A night shift from 22 to 6 in New York: 5 minutes at 02:00 are over at 02:05.
        (Office(22, 6, "America/New_York"), "2026-11-25T07:00:00+00:00", 5, "Wed 2026-11-25T07:05"),
        # At noon the next one begins at 22:00, which is 03:00 UTC.
        (Office(22, 6, "America/New_York"), "2026-11-25T17:00:00+00:00", 5, "Thu 2026-11-26T03:05"),
        # Friday's night ends on Saturday, and there is none that begins on Saturday.
        (Office(22, 6, "America/New_York"), "2026-11-28T10:59:00+00:00", 5, "Tue 2026-12-01T03:04"),
        # Half past nine to half past six in India.
        (
            Office(0, 24, "Asia/Kolkata", "", week_of({"wednesday": ["09:30-18:30"]})),
            "2026-11-25T03:00:00+00:00",
            5,
            "Wed 2026-11-25T04:05",
        ),
        # A break does not count: 12:29 and three minutes are 14:02.
        (Office(0, 24, "UTC", "", SHOP), "2026-11-24T12:29:00+00:00", 3, "Tue 2026-11-24T14:02"),
        # A shop that opens on Saturdays.
        (Office(0, 24, "UTC", "", SHOP), "2026-11-24T17:59:00+00:00", 2, "Sat 2026-11-28T10:01"),
    ],
)
def test_business_time_is_that_of_the_place(
    office: Office, asked: str, minutes: int, due: str
) -> None:
    """Any week, and the weekend of the region: sources are `holidays` and the IANA database."""
    assert shown(office.after(at(asked), minutes * MINUTE)) == due


def test_half_days_and_days_off() -> None:
    """On 24 December the office closes at noon; its own day off is no workday."""
    hours = OfficeHours.model_validate(
        {
            "zone": "Europe/Berlin",
            "region": "DE",
            "half_days": {"12-24": ["09:00-12:00"]},
            "days_off": ["2026-12-28"],
        }
    )

    # 25 and 26 December are holidays, the 27th is a Sunday, the 28th their own.
    due = hours.office.after(at("2026-12-24T10:58:00+00:00"), 5 * MINUTE)

    assert shown(due) == "Tue 2026-12-29T08:03"


def test_facts_say_otherwise_than_the_rule_set() -> None:
    """What somebody tells of their week wins; what they leave out is as the rule set says."""
    usual = OfficeHours.model_validate({"opens": 8, "zone": "Europe/Berlin", "region": "DE"})
    own = WorkingHours(time_zone="Asia/Riyadh", region="SA")
    own.week.sunday.append("10:00-12:00")

    office = office_of(usual, own)

    assert (office.zone, office.region) == ("Asia/Riyadh", "SA")
    assert shown(office.after(at("2026-11-26T14:30:00+00:00"), MINUTE)) == "Sun 2026-11-29T07:01"


GERMAN = OfficeHours.model_validate(
    {"zone": "Europe/Berlin", "region": "DE", "half_days": {"12-24": ["09:00-12:00"]}}
)
ELSEWHERE = [
    # Easter Monday is a holiday in Berlin, and no day of Japan's calendar or New York's.
    ("Asia/Tokyo", "2026-04-06T01:00:00+00:00", "Mon 2026-04-06T10:01"),
    ("America/New_York", "2026-04-06T15:00:00+00:00", "Mon 2026-04-06T11:01"),
    ("US/Eastern", "2026-04-06T15:00:00+00:00", "Mon 2026-04-06T11:01"),
    ("Australia/Sydney", "2026-04-06T01:00:00+00:00", "Tue 2026-04-07T09:01"),
    # Thanksgiving; Labour Day is in May for most, and in September for Americans.
    ("America/New_York", "2026-11-26T15:00:00+00:00", "Fri 2026-11-27T09:01"),
    ("America/Chicago", "2026-05-01T15:00:00+00:00", "Fri 2026-05-01T10:01"),
    # Their week, and their Christmas.
    ("Asia/Riyadh", "2026-11-26T14:30:00+00:00", "Sun 2026-11-29T09:01"),
    ("Asia/Jerusalem", "2026-11-26T15:30:00+00:00", "Sun 2026-11-29T09:01"),
    ("America/New_York", "2026-12-23T19:00:00+00:00", "Wed 2026-12-23T14:01"),
    ("Asia/Tokyo", "2026-12-24T06:00:00+00:00", "Thu 2026-12-24T15:01"),
    # The same country, or none.
    ("Europe/Busingen", "2026-04-06T10:00:00+00:00", "Tue 2026-04-07T09:01"),
    ("Europe/Berlin", "2026-12-24T12:00:00+00:00", "Mon 2026-12-28T09:01"),
    ("CET", "2026-04-06T10:00:00+00:00", "Tue 2026-04-07T09:01"),
]


@pytest.mark.parametrize(("zone", "asked", "due"), ELSEWHERE)
def test_who_works_in_another_country_rests_on_its_holidays(
    zone: str, asked: str, due: str
) -> None:
    """L-18's kind: a time zone says where somebody is, unless they name their region."""
    office = office_of(GERMAN, WorkingHours(time_zone=zone))
    at_home = dt.datetime.fromtimestamp(office.after(at(asked), MINUTE) // 10**9, ZoneInfo(zone))
    assert at_home.strftime("%a %Y-%m-%dT%H:%M") == due


def test_a_region_that_is_named_goes_before_the_zone() -> None:
    """Somebody in Tokyo who keeps Bavaria's days; or nobody's."""
    kept, none = (WorkingHours(time_zone="Asia/Tokyo", region=region) for region in ("DE-BY", ""))
    monday = at("2026-04-06T01:00:00+00:00")
    assert shown(office_of(GERMAN, kept).after(monday, MINUTE)) == "Tue 2026-04-07T00:01"
    assert shown(office_of(GERMAN, none).after(monday, MINUTE)) == "Mon 2026-04-06T01:01"
    assert office_of(GERMAN, kept).half_days
    anywhere = OfficeHours.model_validate({"zone": "Europe/Berlin"})
    assert office_of(anywhere, WorkingHours(time_zone="Asia/Tokyo")).region == ""


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"week": {}}, "no hours"),
        ({"week": {"monday": ["9-17"]}}, "pattern"),
        ({"week": {"monday": ["09:00-25:00"]}}, "is not hours"),
        ({"week": {"monday": ["09:00-12:00", "11:00-13:00"]}}, "monday run into"),
        ({"week": {"sunday": ["22:00-06:00"], "monday": ["05:00-12:00"]}}, "sunday run into"),
        ({"zone": "localtime"}, "not an IANA time zone"),
        ({"days_off": ["2026-02-30"]}, "day"),
    ],
)
def test_weeks_that_make_no_sense_are_refused(wrong: dict[str, Any], says: str) -> None:
    """With what is wrong."""
    with pytest.raises(ValidationError, match=says):
        OfficeHours.model_validate(wrong)


@pytest.mark.parametrize("name", ["localtime", "posix/Europe/Berlin", "right/UTC", "Factory", ""])
def test_a_zone_is_the_same_on_every_machine(name: str) -> None:
    """`localtime` is whatever the machine is set to (findings, leads L-26)."""
    assert not is_zone(name)


SPANS = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(1, 12 * 60))


@given(
    st.dictionaries(st.sampled_from(DAY_NAMES), SPANS, min_size=1),
    st.integers(at("2026-01-01T00:00:00+00:00"), at("2027-01-01T00:00:00+00:00")),
    st.integers(0, 3000),
    st.sampled_from(["UTC", "Asia/Tokyo", "Europe/Berlin"]),
)
@example({"thursday": (23, 0, 61), "friday": (0, 0, 1)}, at("2026-01-01T00:00:00+00:00"), 61, "UTC")
def test_open_time_adds_up(
    days: dict[str, tuple[int, int, int]], start: int, minutes: int, zone: str
) -> None:
    """The spans until a deadline are as long as what was promised, whatever the week."""
    week = tuple(
        ((day[0] * 60 + day[1], day[0] * 60 + day[1] + day[2]),) if (day := days.get(name)) else ()
        for name in DAY_NAMES
    )
    office = Office(9, 17, zone, "", week)

    due = office.after(start, minutes * MINUTE)

    open_ = 0
    reached = start
    for begin, end in office.spans(start):
        if begin >= due:
            break
        # Nights of two days may overlap here; the check refuses such weeks.
        open_ += min(end, due) - begin
        reached = max(reached, min(end, due))
    assert open_ == minutes * MINUTE
    assert due == reached or minutes == 0


def test_the_day_is_that_of_the_zone() -> None:
    """16:30 on the 25th in San Francisco is the 26th in UTC (findings, leads L-14)."""
    instant = at("2026-11-26T00:30:00+00:00")

    assert day_in("UTC", instant) == dt.date(2026, 11, 26).toordinal()
    assert day_in("America/Los_Angeles", instant) == dt.date(2026, 11, 25).toordinal()
    assert day_in("Pacific/Auckland", at("2026-11-25T20:00:00+00:00")) == (
        dt.date(2026, 11, 26).toordinal()
    )


@pytest.mark.parametrize(
    ("zone", "shift", "night"),
    [
        ("Europe/Berlin", (150, 180), "2026-03-29T00:00:00"),
        ("Australia/Lord_Howe", (125, 150), "2026-10-03T12:00:00"),
    ],
)
def test_hours_that_the_clock_leaves_out_are_not_worked(
    zone: str, shift: tuple[int, int], night: str
) -> None:
    """Half an hour before the end of the gap would end before it begins, and add open time."""
    office = Office(opens=0, closes=24, zone=zone, week=((shift,),) * 7)
    start = at(f"{night}+00:00")
    spans = list(islice(office.spans(start), 3))
    assert all(begin < end for begin, end in spans)
    assert spans[0][0] - start > 12 * 60 * MINUTE
    assert office.after(start, spans[0][1] - spans[0][0]) == spans[0][1]
