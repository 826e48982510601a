"""What the authors of advance rules may write: effects, and the pipeline as parameters."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.gates.terms import GateEffect, Role
from dealgate.model.terms import Days, Name, Terms

Category = Literal["omitted", "pipeline", "best_case", "commit", "closed"]

# What nobody may set aside: a stale record, a closed deal, and a rule that went wrong.
FINAL = frozenset({"VERSION_CONFLICT", "VERSION_UNKNOWN", "CLOSED_IS_FINAL", "RULE_FAILED"})


class AdvanceEffect(GateEffect):
    """One claim about the move: block, warn, inform, require approvals, or waive blocks."""

    final: ClassVar[frozenset[str]] = FINAL


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
    max_days: Days | None = Field(None, description="How long a deal should stay, in days")


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
