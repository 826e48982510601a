"""What the authors of attribution rules may write: effects and parameters."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.kinds.attribute.models import Milestone
from dealgate.kinds.attribute.paths import BY_CHANNEL, TRIM, Transform, TransformName
from dealgate.model.terms import Code, Days, Terms

Factor = Annotated[Decimal, Field(gt=0, le=1000, decimal_places=6)]
# CUSTOM and the fitted models are missing: without the caller's weights they mean nothing.
ModelName = Literal[
    "first",
    "last",
    "last_non_direct",
    "linear",
    "time_decay",
    "u_40_20_40",
    "j",
    "inverse_j",
    "bizible_u",
    "w",
    "full_path",
]


class AttributeEffect(Terms):
    """One claim, about each touch that the rule is judged for, or about the whole deal."""

    exclude: Code | None = Field(None, description="The touch does not count, for this reason")
    weight: Factor | None = Field(
        None, description="Multiplies the touch's weight in every model; several multiply"
    )
    milestone: Milestone | None = Field(None, description="The touch is this milestone")
    withhold: Code | None = Field(None, description="The whole amount stays unattributed")

    @property
    def about_touch(self) -> bool:
        """Whether it needs touches to speak about."""
        return self.withhold is None

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        if sum(claim is not None for _, claim in self) != 1:
            raise ValueError("claim one of exclude, weight, milestone and withhold")
        return self


class PathTransform(Terms):
    """A way to clean the path of touches before it is divided."""

    type: TransformName = Field(
        description="What is done to the path, by the name that multi-touch tools give it"
    )
    channels: Annotated[list[str], Field(max_length=1000)] = Field(
        [], description="Those that remove_if_last_and_not_all and remove_if_not_all remove"
    )
    steps: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="How many last touches trim_long_path keeps"
    )

    @model_validator(mode="after")
    def _what_it_needs(self) -> Self:
        if bool(self.channels) != (self.type in BY_CHANNEL):
            raise ValueError(f"channels: belongs to {' and '.join(BY_CHANNEL)}, which need it")
        if (self.steps is not None) != (self.type == TRIM):
            raise ValueError(f"steps: belongs to {TRIM}, which needs it")
        return self

    @property
    def transform(self) -> Transform:
        """The same for the arithmetic."""
        return Transform(self.type, frozenset(self.channels), self.steps or 0)


class AttributeParameters(Terms):
    """The numbers that authors set; a caller may choose others for models and lookback."""

    models: tuple[ModelName, ...] = Field(
        ("first", "last", "linear", "w"), min_length=1, description="Computed unless asked"
    )
    lookback_days: Days = Field(180, description="Older touches do not count; counted from close")
    half_life_days: Days = Field(7, description="Of time_decay")
    drop_repeated_exposures: bool = Field(
        default=False,
        description="Of touches that follow each other on one channel only the first counts",
    )
    path_transforms: tuple[PathTransform, ...] = Field(
        (), description="How the path of touches is cleaned, in this order"
    )
