"""What the authors of forecast rules may write: effects, stages, and how to forecast."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.terms import Code, Name, Percent, Terms

Category = Literal["omitted", "pipeline", "best_case", "most_likely", "commit", "closed"]
OpenCategory = Literal["omitted", "pipeline", "best_case", "most_likely", "commit"]
MethodName = Literal[
    "stage_weighted",
    "historical_rate",
    "commit",
    "most_likely",
    "best_case",
    "run_rate",
    "age_aware",
]


class ForecastEffect(Terms):
    """One claim about each deal that the rule is judged for; a warning may be about all."""

    exclude: Code | None = Field(None, description="The deal does not count, for this reason")
    everywhere: bool = Field(
        default=False,
        description="With exclude: nor by its age. Unset: only where its close date counts",
    )
    category: OpenCategory | None = Field(None, description="The deal counts in this category")
    probability: Percent | None = Field(None, description="The deal's probability in percent")
    warn: Code | None = Field(None, description="Should be looked at, and changes nothing")

    @property
    def about_deals(self) -> bool:
        """Whether it needs deals to speak about."""
        return self.warn is None

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        claims = (self.exclude, self.category, self.probability, self.warn)
        if sum(claim is not None for claim in claims) != 1:
            raise ValueError("claim one of exclude, category, probability and warn")
        if self.everywhere and self.exclude is None:
            raise ValueError("everywhere: belongs to exclude")
        return self


class Stage(Terms):
    """A stage, and how a deal in it counts."""

    name: Name
    probability: Percent
    forecast_category: Category
    closed: Literal["won", "lost"] | None = Field(None, description="How a deal ends here")

    @model_validator(mode="after")
    def _closed_is_won(self) -> Self:
        if self.forecast_category == "closed" and self.closed != "won":
            raise ValueError("forecast_category: closed belongs to a stage that is won")
        return self


class Simulation(Terms):
    """How the interval is found."""

    trials: Annotated[int, Field(ge=100, le=2000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**53)] = 20260101


class ForecastParameters(Terms):
    """The pipeline's stages, and what the owners of the forecast go by."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=2)]
    headline: MethodName = Field(description="The method that is held against the quota")
    tolerance: Percent = Field(Decimal(10), description="Short by less is at risk, by more off")
    coverage_target: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] = Field(
        Decimal(3), description="Open pipeline for each unit that is still to be won"
    )
    min_closed: Annotated[int, Field(ge=1, le=100_000)] = Field(
        30, description="So many closed deals of a stage make its rate of winning worth more"
    )
    simulation: Simulation = Simulation()

    @cached_property
    def by_name(self) -> Mapping[str, Stage]:
        """The stages by their names."""
        return {stage.name: stage for stage in self.stages}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise ValueError("stages: two have the same name")
        if "won" not in [stage.closed for stage in self.stages]:
            raise ValueError("stages: one must be won")
        return self
