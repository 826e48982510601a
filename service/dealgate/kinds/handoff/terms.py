"""What the authors of hand-off rules may write: shares of items, blocks, weights and milestones."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.office_hours import CheckedZone as Zone
from dealgate.model.terms import Code, Terms, WholePercent

ItemName = Literal[
    "contract",
    "products",
    "stakeholders",
    "success_criteria",
    "commitments",
    "risks",
    "technical_environment",
    "timeline",
    "competitor",
]
Days = Annotated[int, Field(ge=0, le=3650)]


class HandoffEffect(Terms):
    """How complete an item is, or what blocks the hand-off."""

    item: ItemName | None = Field(None, description="What `complete` is of")
    complete: WholePercent | None = Field(
        None, description="In percent; of the rules that fire the first decides an item"
    )
    block: Code | None = Field(None, description="Must be settled first; unknown blocks too")

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        if (self.item is None) != (self.complete is None):
            raise ValueError("item and complete: one needs the other")
        if (self.item is None) == (self.block is None):
            raise ValueError("claim either an item or a block")
        return self


class Milestone(Terms):
    """Something to be reached a number of days after the subscription starts."""

    code: Code = Field(description="What the milestone is called in answers and reports")
    title: Annotated[str, Field(min_length=1)] = Field(description="What is reached, in words")
    days: Days = Field(description="Due this number of days after the subscription starts")


class HandoffParameters(Terms):
    """What the items are worth, and by when everybody has to move."""

    weights: Mapping[ItemName, WholePercent] = Field(description="In percent; they add up to 100")
    time_zone: Zone = Field("UTC", description="Whose days count, unless the facts say")
    ready_at: WholePercent = Field(85, description="From this score on it may be accepted")
    reply_business_days: Days = Field(2, description="For customer success to reply")
    kick_off_business_days: Days = Field(2, description="After the deal has closed")
    milestones: tuple[Milestone, ...] = Field(
        (), description="What the customer should have reached, and by when"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(self.weights.values()) != 100:
            raise ValueError("weights: must add up to 100")
        codes = [milestone.code for milestone in self.milestones]
        if len(set(codes)) < len(codes):
            raise ValueError("milestones: two have the same code")
        return self
