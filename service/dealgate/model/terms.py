"""Terms: what the authors of any kind's rules write effects and parameters in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dealgate.model.money import exponent


def _known_currency(code: str) -> str:
    if exponent(code) is None:
        raise ValueError("is not an ISO 4217 code; write three capital letters such as USD")
    return code


Code = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]*$", max_length=64)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$"), AfterValidator(_known_currency)]
Days = Annotated[int, Field(ge=1, le=3650)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
WholePercent = Annotated[int, Field(ge=0, le=100)]


class Terms(BaseModel):
    """No key that we do not know, and no change after loading.

    `not_read` names what a kind leaves to others that take the same file, such as which stages may
    be skipped: no case of its own can show it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    not_read: ClassVar[frozenset[str]] = frozenset()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy; what was worked out of these terms is not true of the copy."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied
