"""Claims about models fitted from journeys: Markov chains, Shapley values, and what feeds them."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from google.type.decimal_pb2 import Decimal
from hypothesis import example, given
from hypothesis import strategies as st

from dealgate.kinds.attribute.fitting import CHANNELS_MAX, fit
from dealgate.kinds.attribute.markov import (
    Chain,
    approximated,
    chain,
    inverted,
    removal_effects,
)
from dealgate.kinds.attribute.paths import Path, Transform, TransformName, cleaned
from dealgate.kinds.attribute.shapley import shapley_ordered, shapley_set, worth_of_sets
from dealgate.model.errors import BadQuestion
from dealgate.v1 import attribute_pb2 as pb
from tests.kinds.attributing import attributed, cents, facts, only, shares, touch

BRYL = [
    pb.JourneyPath(channels=["C1", "C2", "C3"], conversions=1, value=Decimal(value="1000")),
    pb.JourneyPath(channels=["C1"], nulls=1),
    pb.JourneyPath(channels=["C2", "C3"], nulls=1),
]


def asked(model: str, paths: Sequence[pb.JourneyPath], **more: object) -> pb.FittedModel:
    """Return what is fitted from `paths`."""
    number = pb.AttributionModel.Value(f"ATTRIBUTION_MODEL_{model.upper()}")
    request = pb.FitAttributionModelRequest(id="m", model=number, paths=paths, **more)  # type: ignore[arg-type]  # fields by name
    return fit(request).fitted_model


def weights(fitted: pb.FittedModel) -> dict[str, str]:
    """Return the weights by channel, and position if there is one."""
    return {f"{each.channel}{each.position or ''}": each.weight.value for each in fitted.weights}


@st.composite
def journeys(draw: st.DrawFn) -> list[Path]:
    """Journeys over up to five channels, at least one of which converted."""
    steps = st.lists(st.sampled_from("abcde"), min_size=1, max_size=6)
    counts = st.integers(0, 9)
    found = [
        Path(draw(steps), draw(counts), draw(counts), Fraction(draw(counts)))
        for _ in range(draw(st.integers(1, 8)))
    ]
    return [*found, Path(draw(steps), 1, 0, Fraction(3))]


def test_bryl_s_three_journeys() -> None:
    """Vector att-markov-bryl (analyzecore.com 2016-08-03): 0.2, 0.4, 0.4 of all that was earned."""
    fitted = asked("markov", BRYL)
    assert fitted.conversion_probability.value == "0.333333333333"
    assert weights(fitted) == {"C1": "0.2", "C2": "0.4", "C3": "0.4"}
    assert [each.removal_effect.value for each in fitted.weights] == ["0.5", "1", "1"]
    deal = facts([touch("a", 3, "C1"), touch("b", 2, "C2"), touch("c", 1, "C3")], amount=100_000)
    deal.fitted_models.append(fitted)
    deal.models.add(model=pb.ATTRIBUTION_MODEL_MARKOV, fitted_model_id="m")
    assert cents(only(attributed(deal))) == [20_000, 40_000, 40_000]


def test_databricks_graph() -> None:
    """Vector att-markov-dbx: shares follow from relative and absolute removal effects alike."""
    start, facebook, google, email = (), ("FB",), ("Google",), ("Email",)
    counted = Chain(
        moves={start: {facebook: 2, google: 8}, facebook: {email: 2}, google: {facebook: 4}},
        conversions={facebook: 8, google: 6, email: 1},
        nulls={email: 9},
    )
    effects = removal_effects(counted, 1)
    assert effects.probability == Fraction("0.9064")
    absolute = {each: effect * effects.probability for each, effect in effects.removal.items()}
    assert absolute == {
        "FB": Fraction("0.4264"),
        "Email": Fraction("0.0104"),
        "Google": Fraction("0.7424"),
    }
    whole = sum(absolute.values())
    assert float(absolute["FB"] / whole) == pytest.approx(0.3616010854816825, abs=1e-12)
    assert float(absolute["Google"] / whole) == pytest.approx(0.6295793758480325, abs=1e-12)


@given(journeys())
def test_the_probability_of_order_1_is_the_observed_rate(paths: list[Path]) -> None:
    """Conversions divided by journeys, exactly: the chain neither loses nor makes any."""
    conversions, nulls = sum(p.conversions for p in paths), sum(p.nulls for p in paths)
    found = removal_effects(chain(paths, 1), 1).probability
    assert found == Fraction(conversions, conversions + nulls)


@given(journeys(), st.integers(2, 4))
def test_the_probability_of_any_order_is_the_observed_rate(paths: list[Path], order: int) -> None:
    """Higher orders come to the same rate, as far as doubles go."""
    conversions, nulls = sum(p.conversions for p in paths), sum(p.nulls for p in paths)
    found = removal_effects(chain(paths, order), order).probability
    assert float(found) == pytest.approx(conversions / (conversions + nulls), abs=1e-9)


@example([Path(["a", "b", "e"], 0, 1, Fraction(0)), Path(["c", "b", "d", "a"], 1, 0, Fraction(3))])
@given(journeys())
def test_the_exact_and_the_iterated_chain_agree(paths: list[Path]) -> None:
    """One solves and the other iterates: the same removal effects, as far as doubles go."""
    counted = chain(paths, 1)
    exact, iterated = removal_effects(counted, 1), removal_effects(counted, 2)
    assert exact.removal.keys() == iterated.removal.keys()
    for channel, effect in exact.removal.items():
        assert float(effect) == pytest.approx(float(iterated.removal[channel]), abs=1e-9)


@given(journeys())
def test_repeats_of_a_channel_do_not_change_its_removal_effect(paths: list[Path]) -> None:
    """Dropping self-loops leaves every removal effect of order 1 as it was."""
    once = [
        Path(cleaned(p.channels, [Transform("exposure")]), p.conversions, p.nulls, p.value)
        for p in paths
    ]
    repeated, single = (removal_effects(chain(each, 1), 1).removal for each in (paths, once))
    assert repeated == single


def test_a_channel_on_every_conversion_is_worth_all_of_them() -> None:
    """Removing what every conversion passed leaves none."""
    paths = [Path(["a", "b"], 3, 1, Fraction(0)), Path(["b"], 1, 5, Fraction(0))]
    for order in (1, 2):
        assert removal_effects(chain(paths, order), order).removal["b"] == 1


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n
        )
    )
)
def test_an_inverse_is_one(counts: list[list[int]]) -> None:
    """A matrix as chains have them, times its inverse, is the number it is divided by."""
    size = range(len(counts))
    rows = [
        [sum(counts[a]) + 1 - counts[a][a] if a == b else -counts[a][b] for b in size] for a in size
    ]
    inverse, whole = inverted(rows)
    product = [[sum(rows[a][k] * inverse[k][b] for k in size) for b in size] for a in size]
    assert product == [[whole * (a == b) for b in size] for a in size]


def test_dp6_s_three_channels() -> None:
    """Vector att-shapley-dp6: 23/3, 49/6 and 19/6 of what the sets of channels are worth."""
    worth = {"O": 7, "F": 6, "D": 4, "OF": 15, "OD": 7, "FD": 9, "OFD": 19}
    alone = {
        frozenset(name): sum(
            (
                Fraction((-1) ** (len(name) - len(inner)) * each)
                for inner, each in worth.items()
                if set(inner) <= set(name)
            ),
            Fraction(0),
        )
        for name in worth
    }
    found = shapley_set(alone)
    assert found == {"O": Fraction(23, 3), "F": Fraction(49, 6), "D": Fraction(19, 6)}


def by_permutations(worths: dict[frozenset[str], Fraction]) -> dict[str, Fraction]:
    """Return Shapley values by their definition: what each adds, over every order of joining."""
    channels = sorted(frozenset().union(*worths))
    orders = list(permutations(channels))
    found = dict.fromkeys(channels, Fraction(0))
    known: dict[frozenset[str], Fraction] = {}

    def worth(coalition: frozenset[str]) -> Fraction:
        if coalition not in known:
            inner = (each for journey, each in worths.items() if journey <= coalition)
            known[coalition] = sum(inner, Fraction(0))
        return known[coalition]

    for order in orders:
        for index, channel in enumerate(order):
            before = frozenset(order[:index])
            found[channel] += worth(before | {channel}) - worth(before)
    return {channel: value / len(orders) for channel, value in found.items()}


@given(journeys(), st.booleans())
def test_shapley_is_what_brute_force_says(paths: list[Path], by_value: bool) -> None:  # noqa: FBT001  # drawn
    """The closed form equals the average over all permutations."""
    worths = worth_of_sets(paths, by_value=by_value)
    assert shapley_set(worths) == by_permutations(worths)


def test_shapley_of_seven_channels_is_what_brute_force_says() -> None:
    """Shapley values of seven channels equal those of all 5,040 permutations."""
    names = "abcdefg"
    worths = {
        frozenset(names[start : start + size]): Fraction(7 * start + size, size)
        for size in range(1, 8)
        for start in range(8 - size)
    }
    assert shapley_set(worths) == by_permutations(worths)


@given(journeys(), st.booleans())
def test_ordered_values_add_up_to_those_of_the_set(paths: list[Path], by_value: bool) -> None:  # noqa: FBT001  # drawn
    """Positions divide a channel's value and change nothing of it."""
    ordered = shapley_ordered(paths, by_value=by_value)
    whole = shapley_set(worth_of_sets(paths, by_value=by_value))
    for channel, value in whole.items():
        assert sum(v for (name, _), v in ordered.items() if name == channel) == value


PATH = ["a", "b", "a", "a"]


def test_journeys_that_go_round_for_ever_are_refused() -> None:
    """A chain of order 2 that leaves its loop once in 200,000 steps is known to too few digits."""
    request = pb.FitAttributionModelRequest(id="m", model=pb.ATTRIBUTION_MODEL_MARKOV, order=2)
    request.paths.add(channels=["a", "b"] * 100_000, conversions=1, nulls=1)
    request.paths.add(channels=["c"], conversions=1)
    with pytest.raises(BadQuestion) as refused:
        fit(request)
    assert [each.field for each in refused.value.violations] == ["order"]
    del request.paths[0]
    request.paths.add(channels=["a", "b"] * 100, conversions=1, nulls=1)
    fitted = fit(request).fitted_model
    assert [each.removal_effect.value for each in fitted.weights] == ["0.5"] * 3


@pytest.mark.parametrize("channels", [41, 60])
def test_many_channels_are_inverted_as_few_are(channels: int) -> None:
    """Sixty digits agree with fractions to far more than the twelve that are written."""
    rows = [
        [1000 + a if a == b else -(a * b % 7) for b in range(channels)] for a in range(channels)
    ]
    inverse, whole = inverted(rows)
    for row, exact in zip(approximated(rows), inverse, strict=True):
        for cell, above in zip(row, exact, strict=True):
            assert abs(cell - Fraction(above, whole)) < Fraction(1, 10**50)


@pytest.mark.parametrize("model", ["shapley_set", "shapley_ordered"])
def test_one_journey_may_be_very_long(model: str) -> None:
    """T1: a path of 40,000 steps is counted once, not once for each of its steps."""
    path = pb.JourneyPath(channels=["a", "b"] * 20_000, conversions=3)
    fitted = asked(model, [path])
    whole = sum((Fraction(each.weight.value) for each in fitted.weights), Fraction(0))
    assert abs(whole - 1) < Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exposure", "aba"),
        ("first", "ab"),
        ("remove_if_last_and_not_all", "ab"),
        ("remove_if_not_all", "b"),
        ("trim_long_path", "aa"),
    ],
)
def test_snowplow_s_transforms(name: TransformName, expected: str) -> None:
    """What Snowplow's package documents for A > B > A > A, with A as the channel and two steps."""
    assert "".join(cleaned(PATH, [Transform(name, frozenset("a"), 2)])) == expected


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    st.lists(
        st.builds(
            Transform,
            st.sampled_from(
                [
                    "exposure",
                    "first",
                    "remove_if_last_and_not_all",
                    "remove_if_not_all",
                    "trim_long_path",
                ]
            ),
            st.frozensets(st.sampled_from("abc")),
            st.integers(1, 4),
        ),
        max_size=4,
    ),
)
def test_no_path_is_cleaned_away(path: list[str], transforms: list[Transform]) -> None:
    """Some step stays, whatever is asked for, and none is new or out of order."""
    left = cleaned(path, transforms)
    steps = iter(path)
    assert left
    assert all(each in steps for each in left)


def test_a_deal_is_divided_among_its_own_channels() -> None:
    """Fitted weights keep their proportions; two touches on one channel share its part."""
    deal = facts([touch("a", 4, "ads"), touch("b", 3, "email"), touch("c", 2, "ads")], "markov")
    found = shares(only(attributed(deal)))
    assert found == [Fraction(5, 14), Fraction(2, 7), Fraction(5, 14)]


def test_a_position_that_was_never_seen_earns_nothing() -> None:
    """Ordered values speak of a channel at its position, and of nothing else."""
    deal = facts([touch("a", 3, "ads"), touch("b", 2, "email")], "shapley_ordered")
    assert shares(only(attributed(deal))) == [1, 0]


def test_channels_that_were_never_seen_leave_it_unattributed() -> None:
    """A model that knows none of the channels credits none of them, and says so."""
    answer = only(attributed(facts([touch("a", 3, "radio")], "shapley_set")))
    assert cents(answer) == [0]
    assert answer.unattributed_code == "NO_WEIGHT"
    assert answer.fitted_model_id == "shapley_set"


def test_callers_clean_the_path_of_a_deal() -> None:
    """Their transforms win over the rule set's, in their order, and say what they dropped."""
    deal = facts(
        [
            touch(name, 9 - index, "ad" if name in "ac" else "tv")
            for index, name in enumerate("abcd")
        ],
        "linear",
    )
    deal.path_transforms.add(
        type=pb.PATH_TRANSFORM_TYPE_REMOVE_IF_LAST_AND_NOT_ALL, channels=["tv"]
    )
    deal.path_transforms.add(type=pb.PATH_TRANSFORM_TYPE_FIRST)
    outcome = attributed(deal, drop_repeated_exposures=True)
    assert [each.touch_id for each in only(outcome).credits] == ["a", "b"]
    assert [(each.touch_id, each.code) for each in outcome.dropped] == [
        ("c", "REPEATED_CHANNEL"),
        ("d", "TRAILING_CHANNEL"),
    ]


def test_a_rule_set_cleans_the_path_of_a_deal() -> None:
    """Without the caller's the rule set's own transforms hold."""
    deal = facts([touch("a", 3), touch("b", 2, "tv"), touch("c", 1)], "linear")
    outcome = attributed(deal, path_transforms=[{"type": "trim_long_path", "steps": 1}])
    assert [(each.touch_id, each.code) for each in outcome.dropped] == [
        ("a", "LONG_PATH"),
        ("b", "LONG_PATH"),
    ]


def test_return_on_investment_is_what_was_earned_beyond_the_cost() -> None:
    """50 dollars for 20 are a return on spend of 2.5 and on investment of 1.5."""
    cost = facts([]).opportunity.amount
    cost.units = 20
    (total,) = only(attributed(facts([touch("a", 1, cost=cost)], "first"))).channels
    assert (total.return_on_spend.value, total.return_on_investment.value) == ("2.5", "1.5")


def test_what_was_learnt_says_from_what() -> None:
    """Counts, definition and worth come with the weights."""
    fitted = asked("shapley_set", BRYL, worth=pb.JOURNEY_WORTH_VALUE)
    assert (fitted.conversions, fitted.nulls) == (1, 2)
    assert "value" in fitted.definition
    assert set(weights(fitted).values()) == {"0.333333333333"}
    assert "order 2" in asked("markov", BRYL, order=2).definition
    ordered = asked("shapley_ordered", [pb.JourneyPath(channels=["a", "b", "a"], conversions=2)])
    assert weights(ordered) == {"a1": "0.25", "a3": "0.25", "b2": "0.5"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (pb.FitAttributionModelRequest(), ["id", "model"]),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_LINEAR,
                order=5,
                worth=pb.JOURNEY_WORTH_VALUE,
                paths=BRYL,
            ),
            ["model", "order", "order"],
        ),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_MARKOV,
                worth=pb.JOURNEY_WORTH_VALUE,
                paths=[pb.JourneyPath(conversions=-1, nulls=-1, value=Decimal(value="-1"))],
            ),
            [
                "worth",
                "paths[0].channels",
                "paths[0].conversions",
                "paths[0].nulls",
                "paths[0].value",
            ],
        ),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_MARKOV,
                paths=[pb.JourneyPath(channels=["a", ""], nulls=4)],
            ),
            ["paths[0].channels[1]"],
        ),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_MARKOV,
                paths=[pb.JourneyPath(channels=["a"], nulls=4)],
            ),
            ["paths"],
        ),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_SHAPLEY_SET,
                worth=pb.JOURNEY_WORTH_VALUE,
                paths=[pb.JourneyPath(channels=["a"], conversions=4)],
            ),
            ["paths"],
        ),
        (
            pb.FitAttributionModelRequest(
                id="m",
                model=pb.ATTRIBUTION_MODEL_SHAPLEY_SET,
                paths=[
                    pb.JourneyPath(channels=[str(n)], conversions=1)
                    for n in range(CHANNELS_MAX + 1)
                ],
            ),
            ["paths"],
        ),
    ],
)
def test_bad_journeys_are_refused(
    request_: pb.FitAttributionModelRequest, expected: list[str]
) -> None:
    """Every fault at once, each with its field."""
    with pytest.raises(BadQuestion) as refused:
        fit(request_)
    assert sorted(each.field for each in refused.value.violations) == sorted(expected)


def test_a_chain_that_is_too_large_is_refused() -> None:
    """States grow with the order; what would take minutes is refused with the cure."""
    names = [f"c{number}" for number in range(50)]
    paths = [pb.JourneyPath(channels=[a, b, *names], conversions=1) for a in names for b in names]
    with pytest.raises(BadQuestion) as refused:
        asked("markov", paths, order=4)
    assert [each.field for each in refused.value.violations] == ["order"]
