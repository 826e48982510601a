"""What the authors of score rules may write: effects and parameters."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.terms import CurrencyCode, Days, Terms, WholePercent

Points = Annotated[Decimal, Field(ge=-1000, le=1000, decimal_places=2)]
Positive = Annotated[Decimal, Field(gt=0, le=1000, decimal_places=2)]
CategoryName = Literal["high_intent", "medium", "low", "product_usage"]
ScoreName = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]{0,63}$")]
Grade = Annotated[str, Field(pattern="^[A-D][1-4]$")]


class Cap(Terms):
    """The most points in each period; 7 days are a calendar week."""

    points: Positive = Field(description="At most this many points in one period")
    days: Days = Field(description="The length of a period in days; 7 is a calendar week")


class ScoreEffect(Terms):
    """Points for fit or engagement; negative ones are a penalty on the scale of 0 to 100."""

    axis: Literal["fit", "engagement"] = Field(
        description="`fit`: who the lead is; `engagement`: what the lead does"
    )
    points: Points = Field(description="Negative: a penalty, which neither fades nor is capped")
    dimension: Annotated[str, Field(pattern="^[a-z][a-z_]*$")] | None = Field(
        default=None,
        description="Fit: what is judged, such as company_size. The best rule of one counts",
    )
    category: CategoryName | None = Field(
        default=None,
        description="Engagement: fades and is capped with its category; without: neither",
    )
    cap: Cap | None = Field(
        default=None, description="Engagement: what this rule counts in one period"
    )
    floor: Annotated[Decimal, Field(gt=0, le=1)] | None = Field(
        default=None, description="Engagement: the share of the points that stays for floor_days"
    )
    per_occurrence: bool = Field(
        default=False, description="Engagement: multiply by the activity's count"
    )
    score: ScoreName | None = Field(
        default=None,
        description="Counts for this one of parameters.scores alone; without: for all of them",
    )
    odds_points: Annotated[int, Field(ge=-1000, le=1000)] | None = Field(
        None, description="What `dealgate calibrate` learnt: counts once, for the odds alone"
    )

    @property
    def is_penalty(self) -> bool:
        """Whether it takes points away."""
        return self.points < 0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.points == 0 and self.odds_points is None:
            raise ValueError("points: 0 says nothing; leave the rule out")
        if (self.axis == "fit" and not self.is_penalty) != (self.dimension is not None):
            raise ValueError("dimension: points for fit need one; nothing else has one")
        fades = self.category or self.cap or self.floor
        if fades and (self.axis == "fit" or self.is_penalty):
            raise ValueError("category, cap and floor: only points for engagement have them")
        return self


class Loss(Terms):
    """`points` are lost every `days`: decay as marketing automation defines it."""

    points: Positive = Field(description="How many points are lost each time")
    days: Days = Field(description="Every this many days")


class Category(Terms):
    """How points of one category fade (by half-life, in steps, or not at all), and their cap."""

    cap: Positive = Field(description="At most this many points from the whole category")
    half_life_days: Annotated[Decimal, Field(gt=0, le=3650, decimal_places=2)] | None = Field(
        None, description="After this many days half of the points are left"
    )
    loses: Loss | None = Field(
        None, description="Points are lost in steps instead; without either, points stay"
    )

    @model_validator(mode="after")
    def _one_way_to_fade(self) -> Self:
        if self.half_life_days is not None and self.loses is not None:
            raise ValueError("half_life_days and loses: choose one")
        return self


class Categories(Terms):
    """Every category has its own."""

    high_intent: Category = Field(description="What only buyers do, such as asking for a demo")
    medium: Category = Field(description="What shows interest, such as a webinar")
    low: Category = Field(description="What may mean little, such as opening an e-mail")
    product_usage: Category = Field(
        description="What a trial or a free account does in the product"
    )


class Weights(Terms):
    """Percent of the composite; they add up to 100."""

    fit: WholePercent = Field(description="Percent of the composite that fit is worth")
    engagement: WholePercent = Field(
        description="Percent of the composite that engagement is worth"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.fit + self.engagement != 100:
            raise ValueError("fit and engagement: must add up to 100")
        return self


class Priorities(Terms):
    """Which grades come first; all others are P4."""

    p1: list[Grade] = Field(description="Grades that are called first, such as A1")
    p2: list[Grade] = Field(description="Grades that come next")
    p3: list[Grade] = Field(description="Grades after those; all others are P4")

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        grades = [*self.p1, *self.p2, *self.p3]
        if len(set(grades)) < len(grades):
            raise ValueError("p1, p2, p3: a grade has one priority")
        return self


class Calibration(Terms):
    """How `odds_points` become a probability; `dealgate calibrate` writes it."""

    id: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="Names what was learnt from, and shows in every answer"
    )
    base_points: Annotated[int, Field(ge=-10_000, le=10_000)] = Field(
        description="The points of a lead for whom no rule fires"
    )
    double_odds: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="The number of points that double the odds"
    )


class NamedScoreTerms(Terms):
    """A score of its own, such as one for a product; what it leaves out is the rule set's."""

    weights: Weights | None = Field(
        None, description="Of fit and engagement; unset: those of the rule set"
    )
    threshold: WholePercent | None = Field(
        None, description="The composite that this score qualifies at; unset: that of the rule set"
    )


class AccountTerms(Terms):
    """How the scores of an account's leads become one."""

    fit: Literal["max", "mean"] = Field(
        "max", description="Which fit of its leads an account has: the best one, or the mean"
    )
    engagement: Literal["max", "mean", "sum"] = Field(
        "sum", description="`sum`: several people who look at us are more than one, up to 100"
    )
    engaged_from: WholePercent = Field(
        25, description="From which engagement a lead counts as such"
    )
    max_age_days: Days = Field(90, description="Older scores of other leads are left out")


class ScoreParameters(Terms):
    """The numbers that turn points into scores, grades and priorities."""

    currency: CurrencyCode = Field(
        description="What amounts must be in, because rules compare them: EUR"
    )
    weights: Weights = Field(description="What fit and engagement are worth in the composite")
    threshold: WholePercent = Field(description="The composite that marketing qualifies at")
    categories: Categories = Field(description="How points for engagement fade, and their caps")
    floor_days: Days = Field(default=90, description="How long a rule's floor holds")
    fit_letters: tuple[WholePercent, WholePercent, WholePercent] = Field(
        description="Least fit for A, B, C"
    )
    engagement_numbers: tuple[WholePercent, WholePercent, WholePercent] = Field(
        description="Least engagement for 1, 2, 3"
    )
    priorities: Priorities = Field(description="Which grades are P1, P2 and P3")
    joined: Literal["once", "each"] = Field(
        "once",
        description="What an activity with a count counts: `once`, but for rules that say "
        "per_occurrence; or `each` time, as if all had been sent one by one",
    )
    scores: Mapping[ScoreName, NamedScoreTerms] = Field(
        default_factory=dict, description="Additional scores, by the names that rules use"
    )
    account: AccountTerms | None = Field(
        None, description="Set: leads of the account that a question brings are folded into one"
    )
    calibration: Calibration | None = Field(
        None, description="Set: the answer holds a probability too"
    )

    @model_validator(mode="after")
    def _descending(self) -> Self:
        for bounds in (self.fit_letters, self.engagement_numbers):
            if any(lower >= higher for higher, lower in pairwise(bounds)):
                raise ValueError("fit_letters, engagement_numbers: give the highest first")
        return self
