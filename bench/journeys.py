"""The customer journeys of the ChannelAttribution package: 10,000 paths and what they were worth.

The file has no dates: each touch is taken to lie a day before the next, the last an hour before
the close. Where a lead or an opportunity was created is not recorded either: a third and two
thirds of the way stand for it, so that every model has something to divide by.
"""

import csv
import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple

from dealgate_client import (
    AttributeFacts,
    AttributionModel,
    JourneyPath,
    Milestones,
    ModelChoice,
    Opportunity,
    PositionWeights,
    Touch,
    decimal,
    money,
    timestamp,
)

CLOSED = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
AS_OF = CLOSED + dt.timedelta(days=1)
CENT, NANO = Decimal("0.01"), Decimal("0.000000001")
CUSTOM = AttributionModel.ATTRIBUTION_MODEL_CUSTOM
MODELS = [
    ModelChoice(
        model=model,
        weights=PositionWeights(first=decimal("2"), middle=decimal("1"), last=decimal("3"))
        if model == CUSTOM
        else None,
    )
    for model in AttributionModel.values()
    if model and model <= CUSTOM
]


class Row(NamedTuple):
    """A journey: its channels in order, and what it earned."""

    id: str
    channels: list[str]
    value: Decimal


def read(folder: Path) -> list[Row]:
    """Return the rows of ChannelAttribution_Data.csv."""
    with (folder / "attribution_paths" / "ChannelAttribution_Data.csv").open(newline="") as file:
        return [
            Row(
                f"journey-{number}",
                row["path"].split(" > "),
                Decimal(row["total_conversion_value"]),
            )
            for number, row in enumerate(csv.DictReader(file), 1)
        ]


def paths(folder: Path) -> list[JourneyPath]:
    """Return what the file says of conversions, for models that learn from it."""
    with (folder / "attribution_paths" / "ChannelAttribution_Data.csv").open(newline="") as file:
        return [
            JourneyPath(
                channels=row["path"].split(" > "),
                conversions=int(row["total_conversions"]),
                nulls=int(row["total_null"]),
                value=decimal(Decimal(row["total_conversion_value"])),
            )
            for row in csv.DictReader(file)
        ]


def recorded(row: Row) -> AttributeFacts:
    """Return the journey with its value to nine decimals, the most that Money can hold."""
    return _facts(row, row.value.quantize(NANO, ROUND_HALF_EVEN))


def cleaned(row: Row) -> AttributeFacts:
    """Return the journey with its value in whole cents."""
    return _facts(row, in_cents(row))


def in_cents(row: Row) -> Decimal:
    """Return the value rounded half to even, which is what the answers must add up to."""
    return row.value.quantize(CENT, ROUND_HALF_EVEN)


def _facts(row: Row, value: Decimal) -> AttributeFacts:
    count = len(row.channels)
    ids = [f"{row.id}/{number}" for number in range(count)]
    first = CLOSED - dt.timedelta(days=count - 1, hours=1)
    return AttributeFacts(
        opportunity=Opportunity(id=row.id, amount=money("EUR", value), closed_at=timestamp(CLOSED)),
        touches=[
            Touch(id=known, at=timestamp(first + dt.timedelta(days=number)), channel=channel)
            for number, (known, channel) in enumerate(zip(ids, row.channels, strict=True))
        ],
        milestones=Milestones(
            first_touch_id=ids[0],
            lead_creation_touch_id=ids[count // 3],
            opportunity_creation_touch_id=ids[2 * count // 3],
            closed_won_touch_id=ids[-1],
        ),
        models=MODELS,
    )
