"""When an office is open, as the authors of rules write it, and as facts may say otherwise."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from google.type.date_pb2 import Date
from pydantic import AfterValidator, Field, field_validator, model_validator

from dealgate.model.business_time import Office, country_of_zone, is_region
from dealgate.model.days import day_number
from dealgate.model.hours import CURE, DAY_NAMES, overlap, shift_of, shifts_of, week_of
from dealgate.model.terms import Terms
from dealgate.model.zones import is_zone
from dealgate.v1.route_pb2 import WorkingHours

DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HoursText = Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$", description="09:00-12:30")]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


def checked_zone(zone: str) -> str:
    """Return the zone; raises ValueError with the cure if there is none of that name."""
    if not is_zone(zone):
        raise ValueError("is not an IANA time zone; write one such as Europe/Berlin")
    return zone


CheckedZone = Annotated[str, AfterValidator(checked_zone)]


class OfficeHours(Terms):
    """When the office is open: every workday of its region alike, or as its week says."""

    opens: Annotated[int, Field(ge=0, le=23)] = Field(
        default=9, description="The hour at which the office opens, 0 to 23"
    )
    closes: Annotated[
        int, Field(ge=1, le=24, description="Before it opens: on the next day, as a night shift")
    ] = 17
    zone: Annotated[
        str, Field(description="Whose hours: an IANA time zone such as Europe/Berlin")
    ] = "UTC"
    region: Annotated[
        str,
        Field(description='Whose weekends and public holidays: "DE", "US-CA"; empty: none'),
    ] = ""
    week: Mapping[DayName, tuple[HoursText, ...]] | None = Field(
        default=None,
        description="Instead of opens and closes: the hours of each day; others are closed",
    )
    half_days: Mapping[MonthDay, tuple[HoursText, ...]] = Field(
        default_factory=dict, description='Days of every year with other hours: "12-24"'
    )
    days_off: tuple[Day, ...] = Field(
        default=(), description="Days of its own on which nobody works"
    )

    @cached_property
    def office(self) -> Office:
        """The calendar that counts them."""
        return Office(
            self.opens,
            self.closes,
            self.zone,
            self.region,
            None if self.week is None else week_of(_by_name(self.week)),
            frozenset(_ordinal(day) for day in self.days_off),
            {_month_day(day): shifts_of(texts) for day, texts in self.half_days.items()},
        )

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        return checked_zone(zone)

    @field_validator("region")
    @classmethod
    def _is_region(cls, region: str) -> str:
        if region and not is_region(region):
            raise ValueError("has no calendar of holidays; write an ISO code such as DE or US-CA")
        return region

    @field_validator("days_off")
    @classmethod
    def _are_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            _ordinal(day)
        return days

    @model_validator(mode="after")
    def _open_sometimes(self) -> Self:
        if self.opens == self.closes:
            raise ValueError("closes: is when it opens; open all day is opens: 0, closes: 24")
        texts = [text for hours in (self.week or {}).values() for text in hours]
        for text in [*texts, *(text for hours in self.half_days.values() for text in hours)]:
            if shift_of(text) is None:
                raise ValueError(f"{text}: {CURE}")
        if self.week is not None and not texts:
            raise ValueError("week: has no hours at all")
        late = overlap(week_of(_by_name(self.week))) if self.week is not None else None
        if late is not None:
            raise ValueError(f"week: the hours of {late} run into later ones")
        return self


def office_of(usual: OfficeHours, own: WorkingHours) -> Office:
    """Return when somebody works: what they do not tell is as the rule set says.

    But nobody in Tokyo rests on Germany's holidays: who names a time zone of another country has
    its holidays and its weekend, and the half days of their own office only.
    """
    office = usual.office
    if not own.ByteSize():
        return office
    region = _region(office, own)
    week = office.week
    if own.HasField("week"):
        week = week_of({name: getattr(own.week, name) for name in DAY_NAMES})
    elif own.HasField("opens"):
        week = None
    return Office(
        own.opens if own.HasField("opens") else office.opens,
        own.closes if own.HasField("closes") else office.closes,
        own.time_zone or office.zone,
        region,
        week,
        office.days_off | {day_number(day) for day in own.days_off},
        office.half_days if _country(region) == _country(office.region) else {},
    )


def _region(office: Office, own: WorkingHours) -> str:
    if own.HasField("region"):
        return own.region
    country = country_of_zone(own.time_zone)
    if not office.region or not country or country == _country(office.region):
        return office.region
    return country if is_region(country) else ""


def _country(region: str) -> str:
    return region.partition("-")[0]


def _ordinal(day: str) -> int:
    year, month, number = map(int, day.split("-"))
    return day_number(Date(year=year, month=month, day=number))


def _month_day(day: str) -> tuple[int, int]:
    month, number = map(int, day.split("-"))
    return month, number


def _by_name(week: Mapping[DayName, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {str(name): texts for name, texts in week.items()}
