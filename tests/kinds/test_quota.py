"""Claims about quotas: ramp and absence, pace, teams that count everybody once, and commission."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.quota import QUOTA
from dealgate.kinds.quota.spread import gini, quantile
from dealgate.model.decision import Evidence
from dealgate.model.errors import RulesFailed
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import quota_pb2 as pb
from tests.kinds import build
from tests.kinds.tracking import (
    AS_OF,
    TIERS,
    credit,
    day,
    facts,
    legs,
    number,
    rule,
    seller,
    tracked,
)

RAMP = ["0", "0.25", "0.5", "0.75", "1"]


def test_marginal_tiers_pay_8250() -> None:
    """Vector comm-marginal (excelforum.com 861932): 5 % to 100,000, 6 % to 125,000, 7 % above."""
    question = facts([seller("R", 10_000_000)], [credit("C", "R", 15_000_000)])
    outcome = tracked(question, **TIERS)

    assert legs(outcome) == [500_000, 150_000, 175_000]
    assert to_minor(outcome.commission.earned) == 825_000


@pytest.mark.parametrize(
    ("credited", "paid"),
    [(10_000_000, 600_000), (9_999_999, 500_000), (12_500_000, 875_000), (0, 0)],
)
def test_retroactive_tiers_pay_all_at_the_rate_reached(credited: int, paid: int) -> None:
    """From the first cent of a tier its rate holds for everything."""
    question = facts(
        [seller("R", 10_000_000)],
        [credit("C", "R", credited)],
        tier_method=pb.TIER_METHOD_RETROACTIVE,
    )
    assert to_minor(tracked(question, **TIERS).commission.earned) == paid


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_legs_sum_to_the_commission(credited: int, quota: int) -> None:
    """Whatever is credited: the legs hold all of it, and their amounts are the commission."""
    outcome = tracked(facts([seller("R", quota)], [credit("C", "R", credited)]), **TIERS)

    assert sum(legs(outcome)) == to_minor(outcome.commission.earned)
    assert abs(sum(to_minor(leg.credited) for leg in outcome.commission.legs) - credited) <= 1


def test_the_plan_s_own_tiers_come_first() -> None:
    """A plan may pay otherwise than the rule set."""
    tier = pb.CommissionTier(rate=number("0.1"))
    getattr(tier, "from").value = "0"
    question = facts([seller("R", 1000)], [credit("C", "R", 1000)], tiers=[tier])
    assert legs(tracked(question, **TIERS)) == [100]


@pytest.mark.parametrize(
    ("recoverable", "credited", "payable", "owed"),
    [(True, 1000, 0, 50), (False, 1000, 0, 0), (True, 4000, 100, 0)],
)
def test_a_draw_is_set_off(recoverable: bool, credited: int, payable: int, owed: int) -> None:  # noqa: FBT001
    """What is earned beyond it is paid; what is not is owed back, if it is recoverable."""
    question = facts(
        [seller("R", 10_000)],
        [credit("C", "R", credited)],
        draw=from_minor(100, "USD"),
        draw_recoverable=recoverable,
    )
    found = tracked(question, **TIERS).commission

    assert (to_minor(found.payable), to_minor(found.recoverable)) == (payable, owed)


def test_rules_exclude_defer_and_add() -> None:
    """Deferred credits count and pay nothing; bonuses pay on top, of what counts."""
    question = facts(
        [seller("R", 10_000)],
        [credit("A", "R", 1000), credit("B", "R", 2000), credit("C", "R", 4000)],
    )
    hits = build.fired(
        (rule("x", exclude="X"), 0),
        (rule("d", defer="D"), 1),
        (rule("b", bonus="B", rate="-0.01"), 2),
        (rule("s", bonus="S", amount="2.50"), 2),
        (rule("n", bonus="N", amount="9"), 1),
    )
    outcome = tracked(question, hits, **TIERS)

    assert to_minor(outcome.owner.credited) == 6000
    assert [(one.code, to_minor(one.amount)) for one in outcome.commission.bonuses] == [
        ("B", -40),
        ("S", 250),
    ]
    assert to_minor(outcome.commission.earned) == 200 - 40 + 250
    assert [(one.credit_id, one.code, one.rule_id) for one in outcome.excluded] == [("A", "X", "x")]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"booked_on": day("2026-06-30")}, "OUTSIDE_PERIOD"),
        ({"credited_on": day("2026-08-02")}, "AFTER_CLOSE"),
        ({"owner_id": "Z"}, "NOT_IN_TEAM"),
        ({"booked_on": day("2026-07-01")}, ""),
        ({"credited_on": day("2026-08-01")}, ""),
    ],
)
def test_credits_belong_to_the_period_and_the_team(more: dict[str, Any], code: str) -> None:
    """What comes from elsewhere, or after the period was closed, counts nowhere and is told."""
    one = credit("C", "R", 1000)
    one.MergeFrom(pb.QuotaCredit(**more))
    question = facts([seller("R", 1000)], [one], closed_on=day("2026-08-01"))
    found = [excluded.code for excluded in tracked(question).excluded]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("more", "share"),
    [
        ({}, "1"),
        ({"active_from": day("2026-08-01")}, "0.663043"),  # 61 of 92 days
        ({"active_until": day("2026-07-31")}, "0.336957"),  # 31
        ({"leaves": [pb.Leave(first=day("2026-07-01"), last=day("2026-07-31"))]}, "0.663043"),
        ({"hired_on": day("2026-07-01")}, "0.247283"),  # 31 x 0.25 + 30 x 0.5
        ({"hired_on": day("2025-01-01")}, "1"),
        ({"hired_on": day("2026-10-01")}, "0"),
    ],
)
def test_a_quota_holds_by_the_day(more: dict[str, Any], share: str) -> None:
    """Ramp, entry, exit and leave weigh the quota by calendar days."""
    outcome = tracked(facts([seller("R", 9200, **more)], []), ramp=RAMP)
    assert outcome.owner.quota_share.value == share


def test_no_quota_is_neither_missed_nor_reached() -> None:
    """A quota of 0 has no attainment, no pace and no status; so has none at all."""
    for quota in (0, None):
        outcome = tracked(facts([seller("R", quota)], [credit("C", "R", 100)]), **TIERS)

        assert not outcome.owner.HasField("attainment")
        assert not outcome.owner.HasField("pace")
        assert outcome.status == pb.PACE_STATUS_UNSPECIFIED
        assert outcome.commission.withheld_code == "NO_QUOTA"


def test_holidays_are_no_business_days() -> None:
    """One that falls on a weekend takes none away."""
    question = facts([seller("R", 6500)], [credit("C", "R", 3250)])
    question.holidays.extend([day("2026-07-03"), day("2026-07-04")])
    outcome = tracked(question)

    assert (outcome.business_days, outcome.business_days_elapsed) == (65, 32)
    assert to_minor(outcome.owner.expected) == 3200
    assert to_minor(outcome.owner.required_per_day) == round(Fraction(3250, 33))


def test_a_season_says_how_much_is_expected() -> None:
    """By 14 August a fifth, growing evenly from one told day to the next."""
    question = facts([seller("R", 10_000)], [credit("C", "R", 2000)])
    for at, share in (("2026-07-31", "0.1"), ("2026-08-28", "0.3"), ("2026-09-30", "1")):
        question.seasonality.add(on=day(at), share=number(share))
    outcome = tracked(question)

    assert to_minor(outcome.owner.expected) == 2000
    assert outcome.owner.pace.value == "1"
    assert to_minor(outcome.owner.projected) == 10_000
    assert any("season" in formula.text for formula in outcome.formulas)


def test_negative_bookings_lower_what_was_credited() -> None:
    """A deal that became smaller takes credit away, and commission with it."""
    outcome = tracked(facts([seller("R", 1000)], [credit("C", "R", -100)]), **TIERS)

    assert to_minor(outcome.owner.credited) == -100
    assert legs(outcome) == [-5]
    assert to_minor(outcome.owner.gap) == 1100


TEAM = [
    seller("M", 10_000),
    seller("L", 6000, "M"),
    seller("A", 6000, "L"),
    seller("B", 5000, "M"),
    seller("S", 2000, "M", is_overlay=True),
    seller("X", 9000, "elsewhere"),
]
BOOKED = [
    credit("1", "A", 3000),
    credit("2", "B", 1000),
    credit("3", "M", 500),
    credit("4", "S", 3000, role=pb.CREDIT_ROLE_OVERLAY),
    credit("5", "X", 7777),
]


def test_everybody_counts_once() -> None:
    """Quotas of managers are roll-ups, overlays stand apart, and others are not in the team."""
    outcome = tracked(facts(TEAM, BOOKED), **TIERS)
    team = outcome.team

    assert team.sellers == 2
    assert to_minor(team.quota) == 11_000
    assert to_minor(team.credited) == 4500
    assert to_minor(team.overlay) == 3000
    assert team.over_assignment.value == "1.1"
    assert [one.seller_id for one in team.members] == ["A", "B"]
    assert to_minor(outcome.owner.credited) == 4500
    assert outcome.owner.attainment.value == "0.45"
    assert [one.code for one in outcome.excluded] == ["NOT_IN_TEAM"]


def test_a_specialist_is_measured_by_overlays() -> None:
    """Asked about alone, what counts nowhere else counts for them."""
    question = facts(TEAM, BOOKED)
    question.owner_id = "S"
    assert tracked(question).owner.attainment.value == "1.5"


def test_what_a_specialist_is_credited_is_in_no_sum_whatever_its_role() -> None:
    """It is the seller who sells on top of others: a credit does not have to say so, too."""
    booked = [*BOOKED, credit("6", "S", 900), credit("7", "S", 90, role=pb.CREDIT_ROLE_DIRECT)]
    outcome = tracked(facts(TEAM, booked), **TIERS)

    assert to_minor(outcome.team.credited) == to_minor(outcome.owner.credited) == 4500
    assert to_minor(outcome.team.overlay) == 3990
    assert sum(to_minor(leg.credited) for leg in outcome.commission.legs) == 4500


def test_a_deal_and_its_specialist_are_no_split() -> None:
    """Each may have all of it: the direct splits are those of sellers."""
    booked = [
        credit("1", "A", 3000, opportunity_id="O"),
        credit("2", "S", 3000, opportunity_id="O"),
    ]
    outcome = tracked(facts(TEAM, booked))

    assert to_minor(outcome.team.credited) == 3000
    assert to_minor(outcome.team.overlay) == 3000


def test_a_manager_of_specialists_is_measured_by_them() -> None:
    """What they sell on top of others is what their manager leads them to."""
    team = [
        seller("M", 1000, is_overlay=True),
        seller("S", 500, "M", is_overlay=True),
        seller("T", 500, "M", is_overlay=True),
    ]
    booked = [credit("1", "S", 300), credit("2", "T", 200, role=pb.CREDIT_ROLE_OVERLAY)]
    outcome = tracked(facts(team, booked), **TIERS)

    assert outcome.owner.attainment.value == "0.5"
    assert to_minor(outcome.commission.earned) == 25


def test_a_playing_manager_has_a_quota_of_their_own() -> None:
    """If it is said not to cover the team, it is one of those that are summed."""
    player = seller("M", 1000, quota_covers_team=False)
    outcome = tracked(facts([player, seller("A", 2000, "M")], [credit("1", "A", 50)]))

    assert to_minor(outcome.team.quota) == 3000
    assert to_minor(outcome.owner.credited) == 0


@given(
    st.lists(st.tuples(st.sampled_from("MLAB"), st.integers(-(10**6), 10**6)), max_size=12),
    st.integers(1, 99),
)
def test_a_team_is_the_sum_of_its_members(booked: list[tuple[str, int]], part: int) -> None:
    """To the cent, whoever books whatever, splits included."""
    credits_ = [credit(str(index), owner, cents) for index, (owner, cents) in enumerate(booked)]
    for index, (owner, share) in enumerate((("A", part), ("B", 100 - part))):
        split = number(f"0.{share:02d}")
        credits_.append(credit(f"s{index}", owner, 12_345, split=split, opportunity_id="O"))
    people = [seller("M"), seller("L", None, "M"), seller("A", 9, "L"), seller("B", 9, "M")]
    outcome = tracked(facts(people, credits_))

    assert to_minor(outcome.team.credited) == sum(cents for _, cents in booked) + 12_345


def test_the_spread_of_attainment_needs_ten() -> None:
    """Quartiles, Gini and the best seller's part; of nine nothing is said."""
    people = [seller("M"), *(seller(f"R{index}", 1000, "M") for index in range(10))]
    booked = [credit(f"C{index}", f"R{index}", 200 * index) for index in range(10)]
    found = tracked(facts(people, booked)).team.distribution

    assert found.sellers == 10
    assert (found.lower_quartile.value, found.median.value) == ("0.45", "0.9")
    assert found.upper_quartile.value == "1.35"
    assert found.share_at_quota.value == "0.5"
    assert found.gini.value == "0.366667"
    assert found.top_share.value == "0.2"
    assert not tracked(facts(people[:-1], booked[:-1])).team.HasField("distribution")


def test_gini_and_quantiles_by_hand() -> None:
    """0 if all are the same, (n-1)/n if one has all, none for what is negative or nothing."""
    one = Fraction(1)
    assert gini([one] * 4) == 0
    assert gini([Fraction(0)] * 3 + [one]) == Fraction(3, 4)
    assert gini([Fraction(0)]) is None
    assert gini([-one, one]) is None
    assert quantile([one], Fraction(3, 4)) == 1


@pytest.mark.parametrize("broken", ["failed", "list"])
def test_a_sum_without_a_part_is_no_sum(broken: str) -> None:
    """A rule that went wrong, or that excludes something else than credits, is an error."""
    bad = rule("x", "" if broken == "list" else "credits", exclude="X")
    evidence = Evidence(failed=[build.failed(bad)]) if broken == "failed" else build.fired(bad)
    with pytest.raises(RulesFailed):
        QUOTA.conclude(facts([seller("R", 1)], []), build.ruleset(QUOTA, [], {}), evidence, AS_OF)
