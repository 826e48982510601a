"""What the authors of advance rules may write: effects, and the pipeline as parameters."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Code = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]*$", max_length=64)]
Role = Literal["rep", "manager", "vp", "deal_desk", "finance", "legal", "revenue_operations"]
Category = Literal["omitted", "pipeline", "best_case", "commit", "closed"]
Name = Annotated[str, Field(min_length=1, max_length=256)]

# What nobody may set aside: a stale record, a closed deal, and a rule that went wrong.
FINAL = frozenset({"VERSION_CONFLICT", "VERSION_UNKNOWN", "CLOSED_IS_FINAL", "RULE_FAILED"})


class Terms(BaseModel):
    """No key that we do not know, and no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AdvanceEffect(Terms):
    """One claim about the move: block, warn, inform, require approvals, or waive blocks."""

    block: Code | None = Field(None, description="Stops the move, for this reason")
    warn: Code | None = Field(None, description="Should be mended, and stops nothing")
    inform: Code | None = Field(None, description="Good to know")
    require: Code | None = Field(None, description="Needs the approval of `roles`")
    waive: tuple[Code, ...] = Field((), description="Sets these blocks aside")
    roles: tuple[Role, ...] = Field((), description="Who has to approve, each of them")
    field: str = Field("", description="The fact it is about, as checklist.meeting_held")
    next: str = Field("", description="What to do about it")
    when_unknown: Literal["claim", "block", "ignore"] | None = Field(
        None,
        description="If facts are missing: make the claim all the same, block the move, or do "
        "nothing. Unset: block for `block` and `require`, ignore for the others",
    )

    @property
    def code(self) -> str:
        """The reason's code; a waiver has none."""
        return self.block or self.warn or self.inform or self.require or ""

    @property
    def unknown(self) -> str:
        """What follows if the condition cannot be judged."""
        stops = self.block is not None or self.require is not None
        return self.when_unknown or ("block" if stops else "ignore")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        claims = [self.block, self.warn, self.inform, self.require, self.waive or None]
        if sum(claim is not None for claim in claims) != 1:
            raise ValueError("claim one of block, warn, inform, require and waive")
        if bool(self.roles) != (self.require is not None):
            raise ValueError("roles: belong to require, and require needs them")
        if not FINAL.isdisjoint(self.waive):
            raise ValueError(f"waive: nobody may set aside {', '.join(sorted(FINAL))}")
        if self.waive and self.unknown != "ignore":
            raise ValueError("when_unknown: an override that nobody proved sets nothing aside")
        return self


class Stage(Terms):
    """A stage, and how a deal in it counts."""

    name: Name
    probability: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
    forecast_category: Category
    closed: Literal["won", "lost"] | None = Field(None, description="How a deal ends here")
    may_be_skipped: bool = False
    pre_qualified: bool = Field(
        default=False, description="Before the deal is accepted: nothing comes back here"
    )
    max_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        None, description="How long a deal should stay, in days"
    )


class AdvanceParameters(Terms):
    """The pipeline: open stages in their order, then closed ones; and who may stand in."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=3)]
    stands_in: Mapping[Role, tuple[Role, ...]] = Field(
        default_factory=dict, description="For whose approval the approval of a role counts too"
    )

    def stage(self, name: str) -> Stage:
        """Return the stage with this name; raises KeyError if there is none."""
        return {stage.name: stage for stage in self.stages}[name]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise ValueError("stages: two have the same name")
        if any(one.closed and not next_.closed for one, next_ in pairwise(self.stages)):
            raise ValueError("stages: open ones come first, closed ones last")
        ends = [stage.closed for stage in self.stages]
        if ends[0] is not None or ends.count("won") != 1 or "lost" not in ends:
            raise ValueError("stages: needs an open one, one that is won, and one that is lost")
        if any(stage.pre_qualified and stage.closed for stage in self.stages):
            raise ValueError("stages: a closed one cannot be pre_qualified")
        return self
