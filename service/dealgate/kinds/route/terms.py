"""What the authors of route rules may write: effects and parameters."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.office_hours import OfficeHours
from dealgate.model.terms import Code, CurrencyCode, Name, Terms

StepName = Literal["named_account", "same_account", "team", "territory", "round_robin"]
OwnerName = Literal["account_owner", "contact_owner"]
DutyName = Literal["owner", "backup", "manager", "reassign"]


class RouteEffect(Terms):
    """One proposal or demand: where the lead goes, what its owner must know, or by when to act."""

    code: Code = Field(description="The reason, for people and reports: TERRITORY_DACH")
    step: StepName | None = Field(None, description="Steps are tried in this order")
    owner: OwnerName | None = Field(None, description="With `step`: this person of the account's")
    team: Name | None = Field(None, description="With `step`: the next in turn in this team")
    skill: Name | None = Field(None, description="Whoever gets it from a team must know this")
    sla: Name | None = Field(None, description="By when to act: one of parameters.slas")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if [self.step, self.skill, self.sla].count(None) != 2:
            raise ValueError("claim one of step, skill and sla")
        if (self.step is None) != (self.owner is None and self.team is None):
            raise ValueError("owner and team: belong to a step, and a step needs one of them")
        if self.owner is not None and self.team is not None:
            raise ValueError("owner and team: give one of them")
        return self


class Sla(Terms):
    """By when the owner makes the first contact, in business time, and who follows if not."""

    minutes: Annotated[int, Field(ge=1, le=60_000)] | None = Field(
        None, description="Due after this number of business minutes"
    )
    business_days: Annotated[int, Field(ge=0, le=250)] | None = Field(
        None, description="Due at close of business this number of workdays later; 0: the same day"
    )
    escalates: bool = Field(default=False, description="Whether parameters.ladder applies")

    @model_validator(mode="after")
    def _one_clock(self) -> Self:
        if (self.minutes is None) == (self.business_days is None):
            raise ValueError("give one of minutes and business_days")
        return self


class Rung(Terms):
    """After this many business minutes without contact the lead goes to this person."""

    after_minutes: Annotated[int, Field(ge=1, le=10_000)] = Field(
        description="After this number of business minutes without contact"
    )
    duty: DutyName = Field(description="Whose turn it is then")


class RouteParameters(Terms):
    """What there is besides rules: who gets what nobody takes, calendars, promises, weights."""

    currency: CurrencyCode = Field(
        description="What amounts must be in, because rules compare them: EUR"
    )
    fallback_owner: Name = Field(description="Who gets a lead that nobody else can take")
    fallback_sla: Name = Field(description="By when they act")
    office_hours: OfficeHours = Field(
        OfficeHours(), description="Of reps who tell no hours, and of the fallback"
    )
    below_quota_boost: Annotated[Decimal, Field(ge=1, le=10)] = Field(
        Decimal(1), description="How much more a rep below quota weighs: 1.1"
    )
    share: Literal["room", "weight"] = Field(
        "room",
        description="What a rep's share goes by: the room left times the weight, or the weight "
        "alone; room is then a limit only",
    )
    attention_minutes: Annotated[int, Field(ge=1, le=10_000)] = Field(
        30,
        description="How many business minutes until the first contact is due a rep must be at "
        "work, or all of them if it is due sooner; who is away for more of it is passed over",
    )
    slas: Mapping[Name, Sla] = Field(description="The promises that rules name")
    ladder: tuple[Rung, ...] = Field((), description="Who follows whom, soonest first")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.fallback_sla not in self.slas:
            raise ValueError("fallback_sla: is not one of slas")
        waits = [rung.after_minutes for rung in self.ladder]
        if waits != sorted(set(waits)):
            raise ValueError("ladder: each rung comes later than the one before")
        return self
