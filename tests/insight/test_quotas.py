"""How quotas are reached, by hand."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.v1 import quota_pb2
from tests.insight.recording import Journal, left_out, value


def test_the_distribution_by_hand() -> None:
    """50, 100, 150 and 200 %: quartiles, Gini 0.25, the team at 125 %, and the strongest."""
    journal = Journal()
    for seller, credited in (("a", 50), ("b", 100), ("c", 150), ("d", 200)):
        journal.quota(seller, 10, credited, 100)
    found = journal.ask("GetQuotaDistribution")
    assert (found.sellers, value(found.reached)) == (4, "0.75")
    quartiles = [value(one) for one in (found.p25, found.p50, found.p75)]
    assert quartiles == ["0.875", "1.25", "1.625"]
    assert (value(found.gini), value(found.top_dependence)) == ("0.25", "0.4")
    assert (value(found.team_attainment), found.quota.units) == ("1.25", 4)
    assert not found.ranking
    assert found.ranking_hidden_because.startswith("4 sellers: below 10")


def test_ten_sellers_are_ranked() -> None:
    """From ten on there is a ranking, the highest attainment first."""
    journal = Journal()
    for number in range(10):
        journal.quota(f"s{number}", 10, 10 * number, 100)
    ranking = journal.ask("GetQuotaDistribution").ranking
    assert [one.seller_id for one in ranking][:2] == ["s9", "s8"]
    assert ranking[0].attainment.value == "0.9"


def test_the_newest_decision_of_each_seller_counts() -> None:
    """Judged twice, in the window; what is judged after it does not count."""
    journal = Journal()
    for day, credited in ((10, 10), (20, 90), (30, 100)):
        journal.quota("a", day, credited, 100)
    found = journal.ask("GetQuotaDistribution", since=5, before=25)
    assert value(found.p50) == "0.9"


def test_who_has_no_attainment_is_told_apart() -> None:
    """No quota, a quota of 0, a manager, another currency: none is 0 %, none infinite."""
    journal = Journal()
    journal.quota("a", 10, 50, 100)
    journal.quota("none", 10, 50, None)
    journal.quota("zero", 10, 50, 0)
    journal.quota("usd", 10, 50, 100, "USD")
    outcome = quota_pb2.QuotaOutcome(team=quota_pb2.TeamProgress(sellers=2))
    answer = quota_pb2.TrackQuotaResponse(outcome=outcome)
    journal.note("quota", ("seller", "boss"), 10, answer=answer)
    found = journal.ask("GetQuotaDistribution", currency_code="EUR")
    assert (found.sellers, value(found.p50)) == (1, "0.5")
    assert left_out(found) == {
        "MANAGER": 1,
        "NO_QUOTA": 1,
        "QUOTA_ZERO": 1,
        "OTHER_CURRENCY": 1,
    }
    undecided = journal.ask("GetQuotaDistribution")
    assert undecided.p50.unknown_because == "amounts are in EUR, USD: choose one with currency_code"
    assert Journal().ask("GetQuotaDistribution").gini.unknown_because == "no seller has a quota"


def test_clawbacks_leave_gini_undefined() -> None:
    """With somebody below 0, neither Gini nor a part of the whole means anything."""
    journal = Journal()
    journal.quota("a", 10, -50, 100)
    journal.quota("b", 10, 150, 100)
    found = journal.ask("GetQuotaDistribution")
    assert value(found.gini) is None
    assert value(found.top_dependence) is None
    assert value(found.team_attainment) == "0.5"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=15).filter(any))
def test_gini_is_the_mean_difference(credited: list[int]) -> None:
    """Gini is half the relative mean absolute difference, and lies in [0, 1)."""
    journal = Journal()
    for number, amount in enumerate(credited):
        journal.quota(f"s{number}", 10, amount, 1000)
    found = float(value(journal.ask("GetQuotaDistribution").gini) or "")
    gaps = sum(abs(one - other) for one in credited for other in credited)
    naive = Fraction(gaps, 2 * len(credited) * sum(credited))
    assert abs(found - float(naive)) < 1e-6
    assert 0 <= found < 1
