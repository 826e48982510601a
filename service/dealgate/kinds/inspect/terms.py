"""What the authors of inspect rules may write: issues, stages, and what may be put off."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.terms import Code, Name, Percent, Terms

Points = Annotated[int, Field(ge=0, le=100)]
Category = Literal["omitted", "pipeline", "best_case", "most_likely", "commit"]


class InspectEffect(Terms):
    """An issue of each deal that the rule is judged for."""

    issue: Code = Field(description="What needs care")
    severity: Literal["info", "warn", "block"] = "warn"
    penalty: Points = Field(description="What it takes from the deal's score of 100")
    at_risk: bool = Field(default=True, description="Whether the deal's amount is at risk")
    fix: Annotated[str, Field(min_length=1)] = Field(description="What to do about it")


class Stage(Terms):
    """An open stage, and how a deal in it counts."""

    name: Name
    probability: Percent
    forecast_category: Category


class Bounds(Terms):
    """From which score a pipeline is green, and from which yellow."""

    green: Points = 80
    yellow: Points = 60

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow: must be below green")
        return self


class InspectParameters(Terms):
    """The pipeline's stages, in order, and what its owners go by."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] = Field(
        description="The open ones: only these are inspected"
    )
    closed_stages: tuple[Name, ...] = Field((), description="Where deals end, behind all others")
    health: Bounds = Bounds()
    never_snoozed: tuple[Code, ...] = Field((), description="Issues that nobody may put off")

    @cached_property
    def by_name(self) -> Mapping[str, Stage]:
        """The open stages by their names."""
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each stage, closed ones included."""
        names = [*(stage.name for stage in self.stages), *self.closed_stages]
        return {name: place for place, name in enumerate(names)}

    @model_validator(mode="after")
    def _no_name_twice(self) -> Self:
        if len(self.places) < len(self.stages) + len(self.closed_stages):
            raise ValueError("stages: two have the same name")
        return self
