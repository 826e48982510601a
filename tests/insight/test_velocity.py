"""What the pipeline brings a day, by hand and by the published vector."""

from fractions import Fraction

from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.insight.velocity import per_day
from tests.insight.recording import Journal, left_out, stamp, value


def test_fc_velocity() -> None:
    """Vector fc-velocity: the Maven CRM file, by the formula of marketingskills' revops."""
    found = per_day(
        8800,
        Fraction(2360.9093912222747),
        Fraction(0.6315005215318135),
        Fraction(47.98539710922366),
    )
    assert found is not None
    assert abs(float(found) - 273417.6915194237) < 0.001


def deals() -> Journal:
    """Four deals: two won for 100 and 300, one lost, one open; cycles of 10, 20 and 30 days."""
    journal = Journal()
    for name, born, told in (
        ("a", 0, ("WON", 10, 10_000)),
        ("b", 0, ("WON", 20, 30_000)),
        ("c", 10, ("LOST", 40)),
        ("d", 20, None),
    ):
        journal.move(name, 5, created_at=stamp(born), told=told)
    return journal


def test_velocity_by_hand() -> None:
    """4 deals x 200 x 2/3 / 20 days = 26.67 a day."""
    found = deals().ask("GetVelocity")
    assert (found.opportunities, found.cycles, found.won_with_amount) == (4, 3, 2)
    assert (value(found.average_won), value(found.cycle_days)) == ("200", "20")
    assert (found.win_rate.numerator, found.win_rate.denominator) == (2, 3)
    assert (found.won_amount.units, found.won_amount.currency_code) == (400, "EUR")
    assert (found.per_day.units, found.per_day.nanos) == (26, 670_000_000)
    assert not found.unknown_because


def test_a_window_holds_what_closed_in_it() -> None:
    """From day 15 to 30 one was won, and all but the first were open at some time."""
    found = deals().ask("GetVelocity", since=15, before=30)
    assert (found.opportunities, value(found.win_rate)) == (3, "1")
    assert found.won_amount.units == 300


def test_unknown_is_not_zero() -> None:
    """Won without an amount: no average, no velocity, and both say why."""
    journal = Journal()
    journal.move("a", 5, told=("WON", 10))
    found = journal.ask("GetVelocity")
    assert not found.HasField("per_day")
    assert not found.HasField("won_amount")
    assert found.unknown_because == "no amount is known"
    assert left_out(found) == {"WON_WITHOUT_AMOUNT": 1, "CYCLE_UNKNOWN": 1}
    assert Journal().ask("GetVelocity").win_rate.unknown_because


def test_two_currencies_are_not_added() -> None:
    """Without a choice there is no sum; with one, the others are left out."""
    journal = deals()
    journal.move("e", 5, created_at=stamp(0), told=("WON", 10, 500, "USD"))
    found = journal.ask("GetVelocity")
    assert found.unknown_because == "amounts are in EUR, USD: choose one with currency_code"
    chosen = journal.ask("GetVelocity", currency_code="EUR")
    assert chosen.won_amount.units == 400
    assert left_out(chosen) == {"WON_WITHOUT_AMOUNT": 1}


def test_a_deal_ends_once() -> None:
    """Two decisions about one deal with a result each: the one judged last counts."""
    journal = Journal()
    journal.move("a", 1, created_at=stamp(0), told=("LOST", 8))
    journal.move("a", 3, created_at=stamp(0), told=("WON", 10, 100))
    found = journal.ask("GetVelocity")
    assert (found.win_rate.numerator, found.win_rate.denominator) == (1, 1)


def test_instants_beyond_a_table_are_bounded() -> None:
    """A deal created in the year 1 breaks nothing."""
    journal = Journal()
    journal.move("a", 1, created_at=Timestamp(seconds=-62_000_000_000), told=("LOST", 8))
    assert journal.ask("GetVelocity").cycles == 1
