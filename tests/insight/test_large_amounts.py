"""Insights of amounts as large as they can be told: a number, or why there is none."""

import pytest

from dealgate.insight.answering import INSIGHTS
from tests.insight.recording import Journal, stamp

MOST = 2**63 - 1


def journal(currency: str, minor_per_unit: int) -> Journal:
    """Return deals, forecasts and quotas over the most that an amount can hold."""
    found = Journal()
    most = MOST * minor_per_unit
    for number in range(3):
        name = f"d{number}"
        # Results hold 64 bits of minor units.
        told = ("WON", 10 + number, MOST, currency)
        found.move(name, 5, "Won", created_at=stamp(9.999 + number), told=told)
        found.forecast(
            name, 5, 90, most, currency=currency, submitted=[("ann", most)],
            lines=[("RUN_RATE", most)], told=("VALUE", 91, MOST, currency),
        )  # fmt: skip
        found.quota(name, 5, most, most, currency)
    return found


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 100), ("JPY", 1), ("KWD", 1000)])
@pytest.mark.parametrize("name", sorted(INSIGHTS))
def test_every_insight_answers(name: str, currency: str, minor: int) -> None:
    """Findings N1: sums of amounts that leave 64 bits are no fault of ours."""
    assert journal(currency, minor).ask(name) is not None


def test_a_cycle_of_no_time_brings_more_than_an_amount_holds() -> None:
    """Velocity divides by cycles: by a millisecond it is too much, and that is said."""
    found = Journal()
    won = ("WON", 10, MOST // 10)
    found.move("a", 5, created_at=stamp(10 - 1e-8), told=won)
    velocity = found.ask("GetVelocity")
    assert not velocity.HasField("per_day")
    assert velocity.unknown_because == "it is more than an amount can hold"
    assert velocity.won_amount.units > 0
