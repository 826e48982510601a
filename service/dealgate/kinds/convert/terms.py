"""What the authors of convert rules may write: effects and parameters."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.office_hours import CheckedZone
from dealgate.model.terms import Code, CurrencyCode, Name, Terms


class ConvertEffect(Terms):
    """One claim: something is missing, the lead is not ripe, or something is worth knowing."""

    need: Code | None = Field(None, description="Must be known or mended first")
    nurture: Code | None = Field(None, description="Not now, whatever else is known")
    inform: Code | None = Field(None, description="Good to know; stops nothing")
    field: str = Field("", description="The fact it is about, as account.id; `need` names one")
    rank: Annotated[int, Field(ge=1, le=99)] = Field(
        99, description="With `need`: how much it matters, 1 first"
    )

    @property
    def code(self) -> str:
        """The claim's code."""
        return self.need or self.nurture or self.inform or ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if [self.need, self.nurture, self.inform].count(None) != 2:
            raise ValueError("claim one of need, nurture and inform")
        if self.need is not None and not self.field:
            raise ValueError("field: need says what is missing; name the fact")
        return self


class ConvertParameters(Terms):
    """What there is besides rules: the funnel's statistics, and where fields go."""

    time_zone: CheckedZone = Field("UTC", description="Whose days count, unless the facts say")
    currency: CurrencyCode = Field(
        description="What amounts must be in, because rules compare them: EUR"
    )
    min_sample: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        30, description="Closed leads required before a rate is observed"
    )
    confidence: Literal["0.9", "0.95", "0.99"] = Field(
        "0.95", description="How sure intervals are: that share of them holds the truth"
    )
    field_mapping: Mapping[Name, Name] = Field(
        default_factory=dict, description="Where the lead's own fields go"
    )
    unmapped_fields_block: bool = Field(
        default=False, description="Whether a field that would be lost stops the conversion"
    )
