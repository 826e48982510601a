"""What the authors of inspect rules may write: issues, stages, and what may be put off."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.office_hours import CheckedZone
from dealgate.model.pipelines import (
    Pipelines,
    PipelinesRead,
    PipelineTerms,
    Stage,
    pipelines_of,
)
from dealgate.model.terms import Code, CurrencyCode, Name, Terms

Points = Annotated[int, Field(ge=0, le=100)]


class InspectEffect(Terms):
    """An issue of each deal that the rule is judged for."""

    issue: Code = Field(description="What needs care")
    severity: Literal["info", "warn", "block"] = Field(
        "warn", description="How grave the issue is; `block` is the gravest"
    )
    penalty: Points = Field(description="What it takes from the deal's score of 100")
    at_risk: bool = Field(default=True, description="Whether the deal's amount is at risk")
    fix: Annotated[str, Field(min_length=1)] = Field(description="What to do about it")


class Bounds(Terms):
    """From which score a pipeline is green, and from which yellow."""

    green: Points = Field(default=80, description="A pipeline is green from this score on")
    yellow: Points = Field(
        default=60, description="A pipeline is yellow from this score on, and red below it"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow: must be below green")
        return self


class InspectParameters(PipelinesRead):
    """The pipelines' stages, in order, and the settings of their owners."""

    not_read: ClassVar[frozenset[str]] = frozenset({"max_days", "may_be_skipped", "pre_qualified"})

    currency: CurrencyCode | None = Field(
        None, description="What amounts are converted to; unset: the question's, or the only one"
    )
    time_zone: CheckedZone = Field("UTC", description="Whose days count, unless the facts say")
    fiscal: FiscalCalendar = Field(FiscalCalendar(), description="When quarters end")
    stages: tuple[Stage, ...] = Field((), description="The only pipeline's open ones")
    closed_stages: tuple[Name, ...] = Field((), description="Where deals end, behind all others")
    pipelines: Mapping[Name, PipelineTerms] = Field(
        default_factory=dict, description="Instead of both, if deals go several ways"
    )
    health: Bounds = Field(Bounds(), description="From which scores a pipeline is green or yellow")
    never_snoozed: tuple[Code, ...] = Field((), description="Issues that nobody may put off")

    @cached_property
    def ways(self) -> Pipelines:
        """The pipelines, by name."""
        closed = [
            Stage(name=name, probability=Decimal(0), forecast_category="omitted", closed="lost")
            for name in self.closed_stages
        ]
        return pipelines_of(self.pipelines, self.default_pipeline, [*self.stages, *closed])

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [*(stage.name for stage in self.stages), *self.closed_stages]
        if len(set(names)) < len(names):
            raise ValueError("stages: two have the same name")
        return self
