"""An impact is held to its bounds: nothing passes because it cancels out, or is in other money."""

import pytest

from dealgate.foresight.bounds import bound_of, exceeded
from dealgate.foresight.impact import Impact, Transition, Weight


def _impact(*amounts: tuple[int, str]) -> Impact:
    """Return an impact with a flip about each amount, in minor units."""
    weight, impact = Weight(), Impact(decisions=100)
    for amount in amounts:
        weight.add(amount)
    impact.matrix[Transition("MQL", "HOLD")] = weight
    impact.matrix[Transition("MQL", "MQL")] = Weight(100 - len(amounts))
    return impact


def _over(impact: Impact, *texts: str) -> list[str]:
    bounds = [bound for bound in map(bound_of, texts) if bound is not None]
    assert len(bounds) == len(texts)
    return [*exceeded(bounds, impact)]


def test_refunds_do_not_make_sales_small() -> None:
    """A flip of 60,000 and one of -60,000 are about 120,000, also counted in two parts."""
    parts = _impact((6_000_000, "EUR")), _impact((-6_000_000, "EUR"))
    parts[0].merge(parts[1])
    for impact in (_impact((6_000_000, "EUR"), (-6_000_000, "EUR")), parts[0]):
        assert _over(impact, "EUR 119999.99")
        assert not _over(impact, "EUR 120000")


def test_money_in_another_currency_is_not_within_a_bound() -> None:
    """Nobody said how much in USD is too much: it is told, unless it has a bound of its own."""
    impact = _impact((100, "EUR"), (7_162_700, "USD"), (5_000, "JPY"))
    assert _over(impact, "EUR 50000") == [
        "decisions that flip are about JPY 5000, too: add a bound in JPY",
        "decisions that flip are about USD 71627.00, too: add a bound in USD",
    ]
    assert not _over(impact, "EUR 50000", "USD 71627", "JPY 5000")


@pytest.mark.parametrize(("text", "is_over"), [("3%", False), ("2.9 %", True)])
def test_a_share_bounds_no_money(text: str, is_over: bool) -> None:  # noqa: FBT001
    """It counts decisions, whatever they are about."""
    impact = _impact((100, "EUR"), (7, "USD"), (5, "JPY"))
    assert bool(_over(impact, text)) is is_over
