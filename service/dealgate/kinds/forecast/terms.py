"""What the authors of forecast rules may write: effects, stages, and how to forecast."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.office_hours import CheckedZone
from dealgate.model.pipelines import PipelinesRead, Stage
from dealgate.model.terms import Code, CurrencyCode, Percent, Terms

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


class Simulation(Terms):
    """How the interval is found."""

    trials: Annotated[int, Field(ge=100, le=2000)] = Field(
        default=1000,
        description="How often the period is played through; more are slower and smoother",
    )
    seed: Annotated[int, Field(ge=0, le=2**53)] = Field(
        default=20260101,
        description="Where the random numbers start: the same seed gives the same interval",
    )


class ForecastParameters(PipelinesRead):
    """The pipelines' stages, and the settings of the forecast's owners."""

    not_read: ClassVar[frozenset[str]] = frozenset({"max_days", "may_be_skipped", "pre_qualified"})

    currency: CurrencyCode | None = Field(
        None, description="What amounts are added up in, unless the question says"
    )
    time_zone: CheckedZone = Field("UTC", description="Whose days count, unless the facts say")
    fiscal: FiscalCalendar = Field(FiscalCalendar(), description="When periods begin and end")
    headline: MethodName = Field(description="The method that is held against the quota")
    tolerance: Percent = Field(Decimal(10), description="Short by less is at risk, by more off")
    coverage_target: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] = Field(
        Decimal(3), description="Open pipeline for each unit that is still to be won"
    )
    min_closed: Annotated[int, Field(ge=1, le=100_000)] = Field(
        30, description="So many closed deals of a stage make its rate of winning worth more"
    )
    simulation: Simulation = Field(
        Simulation(), description="How the interval around the forecast is found"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = _stage_fault(self.stages) if self.stages else None
        if wrong:
            raise ValueError(wrong)
        for pipeline in self.ways.all.values():
            if any(map(_counts_as_closed_unwon, pipeline.stages)):
                raise ValueError("forecast_category: closed belongs to a stage that is won")
        return self


def _counts_as_closed_unwon(stage: Stage) -> bool:
    return stage.forecast_category == "closed" and stage.closed != "won"


def _stage_fault(stages: Sequence[Stage]) -> str | None:
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        return "stages: two have the same name"
    return None if "won" in [stage.closed for stage in stages] else "stages: one must be won"
