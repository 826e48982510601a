"""What the authors of advance rules may write: effects, and the pipeline as parameters."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from dealgate.model.gates.effects import GateEffect, Role
from dealgate.model.office_hours import CheckedZone as Zone
from dealgate.model.pipelines import PipelinesRead, stage_fault
from dealgate.model.terms import CurrencyCode, Days

# What nobody may set aside: a stale record, a closed deal, and a rule that went wrong.
FINAL = frozenset({"VERSION_CONFLICT", "VERSION_UNKNOWN", "CLOSED_IS_FINAL", "RULE_FAILED"})


class AdvanceEffect(GateEffect):
    """One claim about the move: block, warn, inform, require approvals, or waive blocks."""

    final: ClassVar[frozenset[str]] = FINAL


class AdvanceParameters(PipelinesRead):
    """The pipelines: open stages in their order, then closed ones; and who may substitute whom."""

    currency: CurrencyCode | None = Field(
        None, description="What amounts are compared in; unset: each in its own"
    )
    time_zone: Zone = Field("UTC", description="Whose days count, unless the facts say")
    stands_in: Mapping[Role, tuple[Role, ...]] = Field(
        default_factory=dict, description="For whose approval the approval of a role counts too"
    )
    approvals_count_days: Days | None = Field(
        None, description="Older approvals do not count; unset: they never grow old"
    )
    one_person_one_approval: bool = Field(
        default=False, description="Whether somebody can approve in one role only"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = stage_fault(self.stages) if self.stages else None
        if wrong:
            raise ValueError(wrong)
        return self
