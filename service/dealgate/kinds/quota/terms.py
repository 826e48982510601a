"""What the authors of quota rules may write: effects on credits, and how pay and pace are read."""

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.office_hours import CheckedZone as Zone
from dealgate.model.terms import Code, Terms

Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)]
Rate = Annotated[Decimal, Field(ge=-1, le=1, decimal_places=6)]
Ratio = Annotated[Decimal, Field(gt=0, le=10, decimal_places=6)]
MethodName = Literal["marginal", "retroactive"]

# Which list a claim is about; "" is the question as a whole.
LISTS = {"exclude": {"credits"}, "defer": {"credits"}, "bonus": {"credits"}}


class QuotaEffect(Terms):
    """One claim about a credit, or about the plan as a whole."""

    exclude: Code | None = Field(None, description="The credit counts nowhere, for this reason")
    defer: Code | None = Field(
        None, description="The credit counts toward the quota, and pays nothing yet"
    )
    bonus: Code | None = Field(
        None, description="The credit pays `rate` of it, or `amount`, on top of the tiers"
    )
    rate: Rate | None = Field(
        None, description="With bonus: an accelerator, or below 0 a decelerator; 0.02 is 2 %"
    )
    amount: Annotated[Decimal, Field(ge=-(10**6), le=10**6, decimal_places=2)] | None = Field(
        None, description="With bonus: a SPIFF, in units of the credit's currency"
    )
    warn: Code | None = Field(None, description="Somebody should look at it")
    inform: Code | None = Field(None, description="Good to know")

    @property
    def code(self) -> str:
        """What it is called in the answer."""
        claims = (self.exclude, self.defer, self.bonus, self.warn, self.inform)
        return next(claim for claim in claims if claim is not None)

    @property
    def about_credit(self) -> bool:
        """Whether it changes what a credit counts for."""
        return self.warn is None and self.inform is None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        claims = (self.exclude, self.defer, self.bonus, self.warn, self.inform)
        if sum(claim is not None for claim in claims) != 1:
            raise ValueError("claim one of exclude, defer, bonus, warn and inform")
        if (self.rate is not None) + (self.amount is not None) != (self.bonus is not None):
            raise ValueError("bonus: needs rate or amount, which belong to bonus alone")
        return self


class Tier(Terms):
    """From this share of the quota on, this rate is paid."""

    start: Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)] = Field(
        description="From this share of the quota on: 0 is the beginning, 1 the whole quota"
    )
    rate: Share = Field(description="What is paid of each unit sold in the tier: 0.1 is 10 %")
    applies_from: Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)] | None = Field(
        None,
        description="Once reached, it pays from this share on: 0 is from the first cent. Unset: "
        "from `start`, or from 0 if the tier method is retroactive",
    )


class QuotaParameters(Terms):
    """How quotas ramp, how pace is read, and what is paid unless the plan says."""

    time_zone: Zone = Field("UTC", description="Whose days count, unless the facts say")
    ramp: Annotated[tuple[Share, ...], Field(min_length=1, max_length=60)] = Field(
        (Decimal(1),),
        description="The share of the quota in each month after hiring; the last one holds on",
    )
    ahead_from: Ratio = Field(Decimal("1.05"), description="Of the pace; from here on AHEAD")
    on_track_from: Ratio = Field(Decimal("0.95"), description="From here on ON_TRACK")
    at_risk_from: Ratio = Field(Decimal("0.8"), description="From here on AT_RISK, else OFF_TRACK")
    tiers: tuple[Tier, ...] = Field((), description="What is paid, unless the plan says")
    tier_method: MethodName = Field("marginal", description="How tiers pay, unless the plan says")
    fiscal: FiscalCalendar | None = Field(
        None,
        description="If given, a plan's period is one of its years, halves, quarters or periods",
    )
    min_sellers: Annotated[int, Field(ge=2, le=1000)] = Field(
        10, description="With fewer sellers nothing is said of how attainment is spread"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.at_risk_from < self.on_track_from < self.ahead_from:
            raise ValueError("at_risk_from, on_track_from and ahead_from: rise in this order")
        starts = [tier.start for tier in self.tiers]
        if starts and (starts[0] != 0 or any(a >= b for a, b in pairwise(starts))):
            raise ValueError("tiers: the first starts at 0, and each behind the one before")
        if any(one.applies_from is not None and one.applies_from > one.start for one in self.tiers):
            raise ValueError("tiers: applies_from is not behind the start")
        return self
