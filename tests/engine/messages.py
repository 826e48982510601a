"""Random specimens: sparse, with the values at which arithmetic, text and time go wrong."""

import math
from random import Random
from typing import Any

from tests.engine.specimen import Facts

CHOICES: dict[str, tuple[Any, ...]] = {
    "flag": (True, False),
    "count": (0, 7, 50, -5, 2**31 - 1),
    "total": (0, 5, 2**63 - 1, -(2**63)),
    "quota": (0, 3, 2**64 - 1),
    "ratio": (0.0, 81.25, -1.5, math.inf, math.nan, 1e300),
    "name": ("", "a", "DE", "é𝄞", "12", "1h", "true", "1.5", "2026-03-01T10:00:00Z"),
    "color": (0, 1, 2),
}
# The last two are a day inside the years 1 and 9999: a zone's wall time may lie a day outside.
SECONDS = (1772359200, 0, 1700000000, -62135510400, 253402214399)


def specimen(random: Random) -> Any:
    """Draw a whole facts message."""
    facts: Any = Facts()
    if random.random() < 0.9:
        fill(random, facts.thing)
        if random.random() < 0.6:
            fill(random, facts.thing.inner)
    if random.random() < 0.65:
        facts.stage = random.choice(CHOICES["name"])
    if random.random() < 0.65:
        facts.goal.currency_code, facts.goal.units = "EUR", random.choice((0, 1000))
    for _ in range(random.choice((0, 1, 2, 3))):
        fill(random, facts.items.add())
    return facts


def fill(random: Random, thing: Any) -> None:
    """Give about two thirds of a thing's fields a value."""
    for name, values in CHOICES.items():
        if random.random() < 0.65:
            setattr(thing, name, random.choice(values))
    if random.random() < 0.65:
        thing.at.seconds, thing.at.nanos = random.choice(SECONDS), random.choice((0, 5000))
    if random.random() < 0.65:
        thing.span.seconds = random.choice((0, 412, -3))
    if random.random() < 0.65:
        thing.price.currency_code, thing.price.units = (
            random.choice(("EUR", "USD")),
            random.choice((0, 1000, -5)),
        )
        thing.price.nanos = 0
    if random.random() < 0.65:
        thing.day.year, thing.day.month, thing.day.day = random.choice(
            ((2026, 2, 28), (2024, 2, 29), (1, 1, 1))
        )
    if random.random() < 0.65:
        thing.share.value = random.choice(("0.2", "0.20", "1", "-3.5"))
    thing.tags.extend(random.sample(("DE", "a", "1234", ""), random.randint(0, 3)))
    thing.sizes.extend(random.sample((0, 7, 50), random.randint(0, 2)))
    if random.random() < 0.5:
        thing.labels["plan"] = random.choice(("pro", "DE"))
    if random.random() < 0.3:
        thing.labels["region"] = "e"
