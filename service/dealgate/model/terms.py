"""Terms: what the authors of any kind's rules write effects and parameters in."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]*$", max_length=64)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Days = Annotated[int, Field(ge=1, le=3650)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
WholePercent = Annotated[int, Field(ge=0, le=100)]


class Terms(BaseModel):
    """No key that we do not know, and no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
