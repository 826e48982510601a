"""What the authors of health rules may write: scores, signals, forced bands and plays."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.office_hours import CheckedZone as Zone
from dealgate.model.terms import Code, CurrencyCode, Terms, WholePercent

MeasureName = Literal["product", "risk", "outcomes", "voice_of_customer", "engagement"]
Band = Literal["green", "yellow", "red"]
WORST: Sequence[Band] = ("red", "yellow", "green")
Severity = Literal["medium", "high", "critical"]
Days = Annotated[int, Field(ge=0, le=3650)]


class PlayTerms(Terms):
    """Something to do."""

    code: Code = Field(description="What the play is called in answers and reports")
    action: Annotated[str, Field(min_length=1)] = Field(description="What to do, as a request")
    owner: Annotated[str, Field(pattern="^[a-z][a-z_]*$")] = Field(
        "success_manager", description="Whose task it is, as a role"
    )
    within_days: Days = Field(description="Due this number of business days after `as_of`")


class HealthEffect(Terms):
    """A measure's score, a sign of a loss, a forced band, or only a play; each may have a play."""

    measure: MeasureName | None = Field(None, description="What `score` is of")
    score: WholePercent | None = Field(
        None, description="The first rule that fires scores a measure"
    )
    signal: Code | None = Field(None, description="Points to a loss")
    severity: Severity | None = Field(None, description="Of the signal")
    force: Band | None = Field(
        None, description="The band, whatever the score; the worst that is forced holds"
    )
    play: PlayTerms | None = Field(None, description="What to do about it")

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        if (self.measure is None) != (self.score is None):
            raise ValueError("measure and score: one needs the other")
        if (self.signal is None) != (self.severity is None):
            raise ValueError("signal and severity: one needs the other")
        claims = (self.measure, self.signal, self.force)
        if sum(claim is not None for claim in claims) > 1:
            raise ValueError("claim one of measure, signal and force")
        if not any(claims) and self.play is None:
            raise ValueError("claim a measure, a signal, a force or a play")
        return self


class Bounds(Terms):
    """From which score a customer is green, and from which yellow."""

    green: WholePercent = Field(default=75, description="A customer is green from this score on")
    yellow: WholePercent = Field(
        default=50, description="A customer is yellow from this score on, and red below it"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow: must be below green")
        return self


class Staleness(Terms):
    """After how many days what was known of a customer is not known any more."""

    usage: Days | None = Field(None, description="Since usage.measured_at")
    support: Days | None = Field(None, description="Since support.measured_at")
    voice: Days | None = Field(None, description="Since voice.given_at")
    sentiment: Days | None = Field(None, description="Since sentiment.given_at")


class HealthParameters(Terms):
    """The weights of the measures, and the settings of their owners."""

    weights: Mapping[MeasureName, WholePercent] = Field(
        description="In percent; they add up to 100"
    )
    currency: CurrencyCode | None = Field(
        None, description="What amounts are compared in; unset: each in its own"
    )
    time_zone: Zone = Field("UTC", description="Whose days count, unless the facts say")
    bands: Bounds = Field(Bounds(), description="From which scores a customer is green or yellow")
    onboarding_days: Days = Field(30, description="For so long only `onboarding_measures` count")
    onboarding_measures: tuple[MeasureName, ...] = Field(
        ("risk",), description="The measures that count while a customer is new"
    )
    stale_after: Staleness = Field(
        default_factory=lambda: Staleness.model_validate({}),
        description="Older facts count as missing. Unset: no limit",
    )
    trend_points: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="So many points up or down are a trend"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(self.weights.values()) != 100:
            raise ValueError("weights: must add up to 100")
        return self
