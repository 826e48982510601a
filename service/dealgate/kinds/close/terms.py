"""What the authors of closing rules may write: the claims of a gate, and what contracts keep."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from dealgate.model.gates.effects import GateEffect, Role
from dealgate.model.terms import CurrencyCode, Days, Terms

# What nobody may set aside: sums and dates that contradict each other, and a rule that went wrong.
FINAL = frozenset(
    {
        "RULE_FAILED",
        "TERM_MISMATCH",
        "TERM_UNKNOWN",
        "TOTAL_MISMATCH",
        "TOTAL_UNKNOWN",
        "ITEM_TOTAL_MISMATCH",
        "ITEM_OUTSIDE_TERM",
    }
)


class CloseEffect(GateEffect):
    """One claim about closing: block, warn, inform, require approvals, or waive blocks."""

    final: ClassVar[frozenset[str]] = FINAL


class CloseParameters(Terms):
    """The numbers that authors set, and who may substitute whom."""

    currency: CurrencyCode | None = Field(
        None, description="What amounts are compared in; unset: each in its own"
    )
    new_business_after_days: Days = Field(
        180,
        description="Days after contract end from which a returning customer is new business",
    )
    renewal_notice_days: Annotated[int, Field(ge=1, le=365)] = Field(
        90,
        description="Days before the end to remind the owner, unless the contract sets a notice",
    )
    stands_in: Mapping[Role, tuple[Role, ...]] = Field(
        default_factory=dict, description="For whose approval the approval of a role counts too"
    )
