"""What the authors of a gate may write: claims that stop, warn, ask for approval, or set aside."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from dealgate.model.terms import Code, Terms

Role = Literal["rep", "manager", "vp", "deal_desk", "finance", "legal", "revenue_operations"]


def _listed(roles: object) -> object:
    """A cell of a table is one text, in which several roles stand with commas between."""
    return tuple(roles.replace(" ", "").split(",")) if isinstance(roles, str) else roles


class GateEffect(Terms):
    """One claim: block, warn, inform, require approvals, or waive blocks.

    `final` are the codes that nobody may set aside.
    """

    final: ClassVar[frozenset[str]] = frozenset({"RULE_FAILED"})

    block: Code | None = Field(None, description="Stops it, for this reason")
    warn: Code | None = Field(None, description="Should be fixed; does not block")
    inform: Code | None = Field(None, description="Good to know")
    require: Code | None = Field(None, description="Needs the approval of `roles`")
    waive: tuple[Code, ...] = Field((), description="Sets these blocks aside")
    roles: Annotated[tuple[Role, ...], BeforeValidator(_listed)] = Field(
        (), description="Who has to approve, each of them; in a table: finance, legal"
    )
    field: str = Field("", description="The fact it is about, as checklist.meeting_held")
    next: str = Field("", description="What to do about it")
    when_unknown: Literal["claim", "block", "ignore"] | None = Field(
        None,
        description="If facts are missing: make the claim all the same, block, or do "
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
        if not self.final.isdisjoint(self.waive):
            raise ValueError(f"waive: cannot waive {', '.join(sorted(self.final))}")
        if self.waive and self.unknown != "ignore":
            raise ValueError("when_unknown: an unproved override cannot waive anything")
        return self
