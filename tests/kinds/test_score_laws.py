"""Laws that every score obeys, whatever the rules and the activities."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.decision import Evidence, Fired, Undecided
from dealgate.model.rules import AnyRule
from dealgate.v1 import score_pb2
from tests.kinds import build
from tests.kinds.scoring import did, engaged, fit, penalty, scored

RULES = [
    engaged("demo", 30, category="high_intent", floor="0.25"),
    engaged("pricing", "12.5", category="high_intent", cap={"points": 25, "days": 7}),
    engaged("webinar", 15, category="medium"),
    engaged("click", 5, category="low", cap={"points": 5, "days": 1}, per_occurrence=True),
    engaged("bonus", 20),
]
UNSUBSCRIBED = penalty("unsubscribed", -20)
FITS = [fit("large", 40), fit("small", 15), fit("senior", 25, "seniority")]
STUDENT = penalty("student", -30, "fit")

ages = st.integers(min_value=0, max_value=200 * build.DAY)
events = st.lists(st.tuples(ages, st.sampled_from(RULES)), max_size=8)


def engagement(
    claimed: Sequence[tuple[int, AnyRule]], later: int = 0, order: Sequence[int] | None = None
) -> score_pb2.ScoreOutcome:
    """Return the outcome of activities of those ages, each with the rule that applies to it."""
    order = range(len(claimed)) if order is None else order
    facts = did(*(age for age, _ in claimed))
    sent = [facts.activities[index] for index in order]
    del facts.activities[:]
    facts.activities.extend(sent)
    fired = [Fired(claimed[index][1], (rank,)) for rank, index in enumerate(order)]
    return scored(facts, RULES, Evidence(fired=fired), as_of=build.AS_OF + later)


@given(events, st.sets(st.sampled_from([*FITS, UNSUBSCRIBED, STUDENT])))
def test_scores_stay_within_0_and_100(
    claimed: list[tuple[int, AnyRule]], rest: set[AnyRule]
) -> None:
    """Fit, engagement, composite and every bound."""
    fired = [Fired(rule, (index,)) for index, (_, rule) in enumerate(claimed)]
    fired += [Fired(rule) for rule in rest]
    rules = [*RULES, *FITS, UNSUBSCRIBED, STUDENT]
    outcome = scored(did(*(age for age, _ in claimed)), rules, Evidence(fired=fired))
    scores = [outcome.fit, outcome.engagement, outcome.composite]
    bounds = [outcome.fit_at_least, outcome.fit_at_most]
    bounds += [outcome.engagement_at_least, outcome.engagement_at_most]
    assert all(0 <= score <= 100 for score in scores + bounds)


@given(events, ages, st.sampled_from(RULES))
def test_one_more_activity_never_lowers_engagement(
    claimed: list[tuple[int, AnyRule]], age: int, rule: AnyRule
) -> None:
    """Caps hold points back, but never take any away."""
    assert engagement([*claimed, (age, rule)]).engagement >= engagement(claimed).engagement


@given(events, st.integers(min_value=0, max_value=400 * build.DAY))
def test_engagement_only_fades(claimed: list[tuple[int, AnyRule]], later: int) -> None:
    """With nothing new, no later instant has a higher engagement."""
    now, then = engagement(claimed), engagement(claimed, later)
    assert then.engagement <= now.engagement
    assert float(then.engagement_points.value) <= float(now.engagement_points.value)


@given(events)
def test_every_cap_holds(claimed: list[tuple[int, AnyRule]]) -> None:
    """A category counts at most its 40, a rule at most its points a period."""
    outcome = engagement(claimed)
    categories: defaultdict[int, Decimal] = defaultdict(Decimal)
    for contribution in outcome.contributions:
        # In decimals: a sum of floats may come out above 40 where the points do not.
        counted = Decimal(contribution.counted.value)
        decayed = Decimal(contribution.decayed.value)
        categories[contribution.category] += counted
        assert 0 <= counted <= decayed
        assert contribution.capped == (counted < decayed)
    uncapped = score_pb2.ACTIVITY_CATEGORY_UNSPECIFIED
    assert all(total <= 40 for name, total in categories.items() if name != uncapped)


@given(events.flatmap(lambda claimed: st.tuples(st.just(claimed), st.permutations(claimed))))
def test_the_order_of_activities_does_not_matter(
    pair: tuple[list[tuple[int, AnyRule]], list[tuple[int, AnyRule]]],
) -> None:
    """Shuffled activities give the same engagement, to the last decimal."""
    claimed, shuffled = pair
    assert engagement(claimed).engagement_points == engagement(shuffled).engagement_points


@given(st.lists(st.tuples(ages, st.sampled_from(RULES)), max_size=6, unique=True), st.randoms())
def test_identified_activities_contribute_the_same_in_any_order(
    claimed: list[tuple[int, AnyRule]], random: Any
) -> None:
    """With ids, even which of them a cap holds back is the same."""
    order = random.sample(range(len(claimed)), len(claimed))
    straight, shuffled = engagement(claimed), engagement(claimed, order=order)
    for outcome in (straight, shuffled):
        for one in outcome.contributions:
            one.ClearField("element")
    assert straight == shuffled


@given(st.permutations([*FITS, STUDENT]), st.integers(0, 4), st.integers(0, 4))
def test_the_score_lies_within_its_bounds(rules: list[AnyRule], fired: int, rest: int) -> None:
    """What fired, plus anything that is undecided, stays between the least and the most."""
    hits = [Fired(rule) for rule in rules[:fired]]
    unsure = [build.undecided(rule, "lead.title") for rule in rules[fired : fired + rest]]
    outcome = scored(did(), rules, Evidence(fired=hits, undecided=unsure))
    known = [*hits, *(Fired(one.rule) for one in unsure)]
    settled = scored(did(), rules, Evidence(fired=known))
    assert outcome.fit_at_least <= outcome.fit <= outcome.fit_at_most
    assert outcome.fit_at_least <= settled.fit <= outcome.fit_at_most


@given(events, st.integers(0, 8))
def test_a_lead_known_in_full_has_no_room_between_its_bounds(
    claimed: list[tuple[int, AnyRule]], open_: int
) -> None:
    """Bounds differ from the score only by what is undecided."""
    undecided = [Undecided(rule, ("x",), (i,)) for i, (_, rule) in enumerate(claimed[:open_])]
    fired = [Fired(rule, (i,)) for i, (_, rule) in enumerate(claimed) if i >= open_]
    facts = did(*(age for age, _ in claimed))
    outcome = scored(facts, RULES, Evidence(fired=fired, undecided=undecided))
    settled = engagement(claimed)
    assert outcome.engagement_at_most == settled.engagement
    assert outcome.engagement_at_least == outcome.engagement
