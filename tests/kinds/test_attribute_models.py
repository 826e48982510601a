"""Claims about attribution models: vectors that their vendors published, and edge cases."""

from fractions import Fraction

import pytest
from google.type.decimal_pb2 import Decimal

from dealgate.v1 import attribute_pb2 as pb
from tests.kinds.attributing import (
    attributed,
    cents,
    days_before,
    facts,
    journey,
    only,
    shares,
    touch,
)

# The journey of Adobe's page: paid search, social, then email and display on the last day.
ADOBE_TOUCHES = [
    touch("1", 9, "paid_search"),
    touch("2", 6, "social"),
    touch("3", 0.5, "email"),
    touch("4", 0.25, "display"),
]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("linear", [1250, 1250, 1250, 1250]),
        ("first", [5000, 0, 0, 0]),
        ("j", [1000, 500, 500, 3000]),
    ],
    ids=["att-adobe-linear", "att-adobe-first", "att-adobe-j"],
)
def test_adobe_s_fifty_dollars(model: str, expected: list[int]) -> None:
    """Vectors att-adobe-*: 50 dollars over four channels, as Adobe's page divides them."""
    assert cents(only(attributed(facts(ADOBE_TOUCHES, model)))) == expected


@pytest.mark.parametrize(
    ("model", "count", "expected"),
    [
        ("u_40_20_40", 1, ["1"]),
        ("u_40_20_40", 2, ["1/2", "1/2"]),
        ("u_40_20_40", 3, ["2/5", "1/5", "2/5"]),
        ("j", 1, ["1"]),
        ("j", 2, ["1/4", "3/4"]),
        ("inverse_j", 2, ["3/4", "1/4"]),
    ],
)
def test_adobe_s_short_journeys(model: str, count: int, expected: list[str]) -> None:
    """Vectors att-adobe-edge-u and att-adobe-edge-j: one touch has all, two ignore the middle."""
    assert shares(only(attributed(facts(journey(count), model)))) == list(map(Fraction, expected))


def test_salesforce_s_u_of_four() -> None:
    """Vector att-sf-u4 (help.salesforce.com mktg.mc_mi_mta_models): 40, 10, 10, 40."""
    found = shares(only(attributed(facts(journey(4), "u_40_20_40"))))
    assert found == [Fraction(part, 100) for part in (40, 10, 10, 40)]


def turned(count: int, model: str, lead: str, opportunity: str, won: str = "") -> list[Fraction]:
    """Return the shares if the milestones are at the touches with these ids."""
    question = facts(journey(count), model)
    question.milestones.lead_creation_touch_id = lead
    question.milestones.opportunity_creation_touch_id = opportunity
    if won:
        question.milestones.closed_won_touch_id = won
    return shares(only(attributed(question)))


def test_bizible_s_u_is_half_first_touch_half_lead_creation() -> None:
    """Vector att-bizible-u (AdobeDocs/bizible.en bizible-attribution-models.md)."""
    half = Fraction(1, 2)
    assert turned(3, "bizible_u", lead="b", opportunity="c") == [half, half, 0]


def test_bizible_s_w_leaves_a_tenth_to_the_others() -> None:
    """Vector att-bizible-w: 30 % each to three milestones, 5 % to each of two others."""
    found = turned(5, "w", lead="c", opportunity="e")
    assert found == [Fraction(part, 100) for part in (30, 5, 30, 5, 30)]


def test_full_path_leaves_a_tenth_to_the_others() -> None:
    """22.5 % each to four milestones and 10 % to the one other (AdobeDocs/bizible.en)."""
    found = turned(5, "full_path", lead="b", opportunity="d", won="e")
    assert found == [Fraction(part, 1000) for part in (225, 225, 100, 225, 225)]


def test_milestones_on_one_touch_add() -> None:
    """A touch that is both first touch and lead creation has 60 % in W (AdobeDocs/bizible.en)."""
    found = turned(3, "w", lead="a", opportunity="c")
    assert found == [Fraction(6, 10), Fraction(1, 10), Fraction(3, 10)]


def test_without_others_the_tenth_goes_to_the_milestones() -> None:
    """Bizible's custom model: "divide evenly across other stages"."""
    assert turned(3, "w", lead="b", opportunity="c") == [Fraction(1, 3)] * 3
    assert turned(1, "full_path", lead="a", opportunity="a") == [1]


def test_a_milestone_before_every_touch_leaves_its_share_to_the_others() -> None:
    """Nobody was met before the lead was created, so first touch has Bizible's whole U."""
    question = facts(journey(2), "bizible_u")
    question.milestones.lead_created_at.CopyFrom(days_before(100))
    assert shares(only(attributed(question))) == [1, 0]


def test_milestones_follow_from_instants() -> None:
    """Unnamed, a milestone is the last touch at or before its instant, equality included."""
    question = facts([touch("a", 30), touch("b", 25), touch("c", 20), touch("d", 1)], "full_path")
    question.milestones.lead_created_at.CopyFrom(days_before(24))
    credits_ = only(attributed(question)).credits
    assert [list(credit.milestones) for credit in credits_] == [
        ["first_touch"],
        ["lead_creation"],
        ["opportunity_creation"],
        ["closed_won"],
    ]


def test_the_last_non_direct_touch_of_twelve_thousand_dollars() -> None:
    """Vector att-12k-lastnondirect: the branded search before the direct visit has it all."""
    channels = ["paid_social", "organic", "paid_social", "paid_search_brand", "direct"]
    touches = [touch(str(index), 9 - index, name) for index, name in enumerate(channels)]
    question = facts(touches, "last_non_direct", amount=1_200_000)
    assert cents(only(attributed(question))) == [0, 0, 0, 1_200_000, 0]


def test_if_all_are_direct_the_last_one_has_it_all() -> None:
    """There is no other; and what the caller says of a touch goes before its channel's name."""
    touches = [touch("a", 3, "direct"), touch("b", 2, "direct"), touch("c", 1, direct=True)]
    assert shares(only(attributed(facts(touches, "last_non_direct")))) == [0, 0, 1]
    touches[0].direct = False
    assert shares(only(attributed(facts(touches, "last_non_direct")))) == [1, 0, 0]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", [14000, 0, 0]),
        ("last", [0, 0, 14000]),
        ("linear", [4667, 4667, 4666]),
        ("u_40_20_40", [5600, 2800, 5600]),
    ],
)
def test_snowplow_s_hundred_and_forty_dollars(model: str, expected: list[int]) -> None:
    """Vector att-snow-lin (dbt-snowplow-attribution's tests): repeats count, thirds are rounded."""
    channels = ["Direct", "Organic_Search", "Direct"]
    touches = [touch(str(index), 3 - index, name) for index, name in enumerate(channels)]
    assert cents(only(attributed(facts(touches, model, amount=14000)))) == expected


def test_time_decay_halves_with_the_half_life() -> None:
    """A touch 7 days before another weighs half as much (Google Ads TIME_DECAY)."""
    model = only(attributed(facts([touch("a", 14), touch("b", 7), touch("c", 0)], "time_decay")))
    assert shares(model) == [Fraction(1, 7), Fraction(2, 7), Fraction(4, 7)]
    assert model.half_life_days == 7


def test_the_caller_s_half_life_goes_before_the_rule_set_s() -> None:
    """Two half-lives can be compared in one answer, and each says which it used."""
    question = facts([touch("a", 14), touch("b", 0)], "time_decay", "time_decay")
    question.models[1].half_life_days = 14
    first, second = attributed(question, half_life_days=7).models
    assert (first.half_life_days, shares(first)) == (7, [Fraction(1, 5), Fraction(4, 5)])
    assert (second.half_life_days, shares(second)) == (14, [Fraction(1, 3), Fraction(2, 3)])


def test_very_old_touches_still_add_up() -> None:
    """However long ago all of them were, the newest weighs 1 and the shares sum to 1."""
    question = facts([touch("a", 3000), touch("b", 2900)], "time_decay")
    question.lookback_days = 3650
    question.models[0].half_life_days = 1
    assert shares(only(attributed(question))) == [0, 1]


@pytest.mark.parametrize(
    ("weights", "count", "expected"),
    [
        (("1", "2", "1"), 4, ["1/4", "1/4", "1/4", "1/4"]),
        (("0.25", "0.5", "0.25"), 4, ["1/4", "1/4", "1/4", "1/4"]),
        (("3", "9", "1"), 2, ["3/4", "1/4"]),
        (("0", "1", "0"), 1, ["1"]),
        (("0", "1", "0"), 2, ["0", "0"]),
    ],
)
def test_custom_weights_are_normalised(
    weights: tuple[str, str, str], count: int, expected: list[str]
) -> None:
    """Adobe: custom weights are normalised, and two touches ignore the middle.

    If that leaves no weight at all, the amount is unattributed and says so.
    """
    question = facts(journey(count), "custom")
    first, middle, last = (Decimal(value=text) for text in weights)
    question.models[0].weights.CopyFrom(pb.PositionWeights(first=first, middle=middle, last=last))
    model = only(attributed(question))
    assert shares(model) == list(map(Fraction, expected))
    assert model.unattributed_code == ("" if sum(shares(model)) else "NO_WEIGHT")
