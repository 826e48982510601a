"""rates.yaml: what a unit of the base currency bought on each day, beside the rules.

    base: EUR
    source: ECB euro foreign exchange reference rates
    days:
      2026-11-25: {USD: "1.0832", GBP: "0.8321"}

A question whose amounts are in several currencies gets the rates of its day; they become part of
its facts, so a replay reads those and not this file.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from dealgate.model.faults import Fault
from dealgate.model.rates import RateBook
from dealgate.model.terms import CurrencyCode, Name, Terms
from dealgate.rulebook.document import Node
from dealgate.rulebook.validation import validated

RATES = "rates.yaml"


def _is_day(text: str) -> str:
    dt.date.fromisoformat(text)
    return text


def _more_than_nothing(rate: str) -> str:
    if not Decimal(rate):
        raise ValueError("must be more than 0")
    return rate


Rate = Annotated[
    str,
    Field(pattern=r"^\d{1,12}(\.\d{1,12})?$", description='"1.0832"'),
    AfterValidator(_more_than_nothing),
]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_is_day)]


class RatesShape(Terms):
    """The whole file."""

    base: CurrencyCode = Field(description="The currency whose unit is priced")
    source: Name = Field(description="Who publishes the rates")
    days: dict[Day, dict[CurrencyCode, Rate]] = Field(
        description="By day: how many units of each currency one unit of the base buys"
    )


def read_rates(document: Node, faults: list[Fault]) -> RateBook | None:
    """Return the rates; None if something is wrong with them, and faults are added."""
    shape = validated(document, RatesShape, faults)
    if shape is None:
        return None
    days = {dt.date.fromisoformat(day).toordinal(): rates for day, rates in shape.days.items()}
    return RateBook(shape.base, shape.source, days)
