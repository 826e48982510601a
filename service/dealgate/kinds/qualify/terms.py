"""What the authors of qualify rules may write: effects and parameters."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.office_hours import CheckedZone, OfficeHours
from dealgate.model.terms import CurrencyCode, Days, Terms

DispositionName = Literal[
    "ineligible", "disqualified", "customer_route", "sql", "mql", "recycle", "nurture", "hold"
]
MilestoneName = Literal["first_contact", "decision", "meeting", "discovery", "opportunity"]
Code = Annotated[str, Field(pattern="^[A-Z]{2,8}-[0-9]{2}$")]


class QualifyEffect(Terms):
    """What to do with the lead, and the code that says why."""

    disposition: DispositionName = Field(description="The gravest that fires wins, in this order")
    code: Code = Field(description="The reason, for people and reports: FIT-01")


class Rest(Terms):
    """How long a recycled lead is left alone."""

    days: Days = Field(description="How many days the lead is left alone")
    before_contract_end: Days | None = Field(
        default=None,
        description="Days before the end of the competitor's contract, if known, to return",
    )


class Promise(Terms):
    """What we owe a lead, and by when, counted from the instant judged at."""

    milestone: MilestoneName = Field(description="What we owe the lead")
    hours: Annotated[int, Field(ge=1, le=8760)] | None = Field(
        None, description="Due after this number of hours, by day and night"
    )
    business_hours: Annotated[int, Field(ge=1, le=2000)] | None = Field(
        None, description="Due after this number of office hours"
    )
    business_days: Annotated[int, Field(ge=1, le=250)] | None = Field(
        None, description="Due after this number of workdays"
    )

    @model_validator(mode="after")
    def _one_clock(self) -> Self:
        if [self.hours, self.business_hours, self.business_days].count(None) != 2:
            raise ValueError("give one of hours, business_hours and business_days")
        return self


class Sla(Terms):
    """The promises that come with a disposition."""

    customer_route: list[Promise] = Field(
        default=[], description="What we owe leads that are customers already"
    )
    sql: list[Promise] = Field(default=[], description="What we owe sales-qualified leads")
    mql: list[Promise] = Field(default=[], description="What we owe marketing-qualified leads")


class QualifyParameters(Terms):
    """The numbers beside the rules: what we owe whom, and how long a lead rests."""

    currency: CurrencyCode = Field(
        description="What amounts must be in, because rules compare them: EUR"
    )
    min_completeness: Annotated[Decimal, Field(ge=0, le=1)] = Field(
        description="Below this share of known facts nothing but a refusal is given"
    )
    recycle: dict[Code, Rest] = Field(description="How long each reason keeps a lead away")
    recycle_days: Days = Field(description="The same for all other reasons")
    nurture_days: Days = Field(description="When a lead that stays quiet is archived")
    time_zone: CheckedZone = Field(
        "UTC", description="Whose days count, unless the facts say: an IANA time zone"
    )
    office_hours: OfficeHours = Field(
        OfficeHours(), description="Whose hours count for the promises, unless the facts say"
    )
    sla: Sla = Field(default=Sla(), description="What we owe a lead, by its disposition")
