"""Claims about attribution: which touches count, what rules may say, and what is answered."""

from fractions import Fraction

import pytest

from dealgate.kinds.attribute import ATTRIBUTE
from dealgate.model.decision import Evidence, Failed, Fired, Undecided
from dealgate.model.errors import RulesFailed
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import attribute_pb2 as pb
from tests.kinds.attributing import (
    AS_OF,
    DAY,
    MODELS,
    attributed,
    cents,
    facts,
    journey,
    only,
    refund,
    rule,
    ruleset,
    shares,
    touch,
)


def test_no_touch_is_unattributed_and_never_dropped() -> None:
    """The whole amount stands under unattributed, with the reason."""
    outcome = attributed(facts([], "first", "w"))
    assert outcome.status == pb.ATTRIBUTION_STATUS_UNATTRIBUTED
    for model in outcome.models:
        assert to_minor(model.unattributed) == 5000
        assert model.unattributed_code == "NO_TOUCHES"
        assert model.reconciliation.balanced


def test_the_conversion_instant_and_the_lookback_are_inclusive() -> None:
    """At the close and exactly 180 days before it a touch counts; a second beyond it does not."""
    second = 1 / DAY
    touches = [
        touch("late", -second),
        touch("at-close", 0),
        touch("at-lookback", 180),
        touch("early", 180 + second),
    ]
    outcome = attributed(facts(touches, "linear"))
    assert [credit.touch_id for credit in only(outcome).credits] == ["at-lookback", "at-close"]
    assert [(one.touch_id, one.code) for one in outcome.dropped] == [
        ("early", "OUTSIDE_LOOKBACK"),
        ("late", "AFTER_CLOSE"),
    ]
    assert outcome.lookback_days == 180


def test_the_caller_s_lookback_goes_before_the_rule_set_s() -> None:
    """A touch 6 days back is dropped by a lookback of 5 days, and the answer names it."""
    question = facts([touch("a", 6)], "linear")
    question.lookback_days = 5
    outcome = attributed(question, lookback_days=90)
    assert outcome.lookback_days == 5
    assert outcome.dropped[0].code == "OUTSIDE_LOOKBACK"


def test_equal_instants_are_ordered_by_id() -> None:
    """Of two touches at the same instant the smaller id is first, and gets the odd cent."""
    model = only(attributed(facts([touch("b"), touch("a")], "linear", amount=1)))
    assert [
        (credit.touch_id, cent) for credit, cent in zip(model.credits, cents(model), strict=True)
    ] == [
        ("a", 1),
        ("b", 0),
    ]


def test_the_first_rule_that_excludes_a_touch_gives_the_reason() -> None:
    """The touch is dropped once, under the code and words of the first rule in the file."""
    internal, bot = rule("internal", exclude="INTERNAL"), rule("bot", exclude="AUTOMATED")
    outcome = attributed(
        facts(journey(3), "linear"), Evidence(fired=[Fired(internal, (1,)), Fired(bot, (1, 2))])
    )
    assert [(one.touch_id, one.code, one.rule_id) for one in outcome.dropped] == [
        ("b", "INTERNAL", "internal"),
        ("c", "AUTOMATED", "bot"),
    ]
    assert outcome.dropped[0].message == "for the test"
    assert shares(only(outcome)) == [1]


def test_weights_of_rules_multiply_the_model_s() -> None:
    """A touch at half weight has half of what another has; two rules multiply."""
    half, quarter = rule("half", weight="0.5"), rule("quarter", weight="0.25")
    evidence = Evidence(fired=[Fired(half, (0, 1)), Fired(quarter, (0,))])
    found = shares(only(attributed(facts(journey(3), "linear"), evidence)))
    assert found == [Fraction(1, 13), Fraction(4, 13), Fraction(8, 13)]


def test_a_rule_may_name_a_milestone_and_the_caller_overrules_it() -> None:
    """The latest touch that a rule claims is the milestone, unless the caller names another."""
    form = rule("form-made-the-lead", milestone="lead_creation")
    evidence = Evidence(fired=[Fired(form, (0, 1))])
    question = facts(journey(3), "bizible_u")
    half = Fraction(1, 2)
    assert shares(only(attributed(question, evidence))) == [half, half, 0]
    question.milestones.lead_creation_touch_id = "c"
    assert shares(only(attributed(question, evidence))) == [half, 0, half]


def test_a_milestone_on_a_dropped_touch_is_as_if_it_had_not_been_named() -> None:
    """The share goes by the instant, or to the other milestones, and never to a dropped touch."""
    evidence = Evidence(fired=[Fired(rule("internal", exclude="INTERNAL"), (0, 2))])
    question = facts(journey(3), "bizible_u")
    question.milestones.first_touch_id = "a"
    question.milestones.lead_creation_touch_id = "c"
    assert shares(only(attributed(question, evidence))) == [1]


def test_a_withheld_deal_is_unattributed_with_the_rule_s_code() -> None:
    """Every touch stays visible with nothing, and the whole amount is unattributed."""
    renewal = rule("renewal", over="", withhold="RENEWAL")
    outcome = attributed(facts(journey(2), "first", "last"), Evidence(fired=[Fired(renewal)]))
    assert outcome.status == pb.ATTRIBUTION_STATUS_UNATTRIBUTED
    assert [model.unattributed_code for model in outcome.models] == ["RENEWAL", "RENEWAL"]
    assert [cents(model) for model in outcome.models] == [[0, 0], [0, 0]]


def test_a_rule_without_each_speaks_about_every_touch() -> None:
    """An exclusion that does not look at one touch excludes them all."""
    evidence = Evidence(fired=[Fired(rule("all", over="", exclude="TEST_DEAL"))])
    outcome = attributed(facts(journey(2), "linear"), evidence)
    assert [one.code for one in outcome.dropped] == ["TEST_DEAL", "TEST_DEAL"]


def test_an_undecided_touch_counts_and_the_answer_is_provisional() -> None:
    """To take credit away somebody has to know; until then the touch counts and says so."""
    unsure = Undecided(rule("internal", exclude="INTERNAL"), ("touches[1].internal",), (1,))
    outcome = attributed(facts(journey(2), "linear"), Evidence(undecided=[unsure]))
    assert outcome.provisional
    assert shares(only(outcome)) == [Fraction(1, 2), Fraction(1, 2)]
    assert [list(credit.undecided_rules) for credit in only(outcome).credits] == [[], ["internal"]]


def test_an_undecided_rule_about_a_dropped_touch_changes_nothing() -> None:
    """A touch that is out anyway does not make the answer provisional."""
    unsure = Undecided(rule("internal", exclude="INTERNAL"), ("touches[0].internal",), (0,))
    question = facts([touch("late", -1), touch("a")], "linear")
    assert not attributed(question, Evidence(undecided=[unsure])).provisional


def test_an_undecided_milestone_matters_only_if_nobody_named_its_touch() -> None:
    """The caller's word goes before a rule's, so the rule could change nothing."""
    unsure = Undecided(rule("form", milestone="lead_creation"), ("milestones.x",), (0,))
    question = facts(journey(2), "bizible_u")
    assert attributed(question, Evidence(undecided=[unsure])).provisional
    question.milestones.lead_creation_touch_id = "b"
    outcome = attributed(question, Evidence(undecided=[unsure]))
    assert not outcome.provisional
    assert [list(credit.undecided_rules) for credit in only(outcome).credits] == [[], []]


def test_a_named_milestone_that_does_not_count_leaves_the_rule_to_speak() -> None:
    """A touch that is dropped names nothing, so what a rule would claim is still open."""
    unsure = Undecided(rule("form", milestone="lead_creation"), ("milestones.x",), (1,))
    question = facts([touch("late", -1), touch("a")], "bizible_u")
    question.milestones.lead_creation_touch_id = "late"
    assert attributed(question, Evidence(undecided=[unsure])).provisional


def test_an_undecided_withholding_is_provisional() -> None:
    """The deal is attributed, and the answer tells that it may yet be withheld."""
    unsure = Undecided(rule("renewal", over="", withhold="RENEWAL"), ("opportunity.type",))
    outcome = attributed(facts(journey(1), "linear"), Evidence(undecided=[unsure]))
    assert outcome.provisional
    assert outcome.status == pb.ATTRIBUTION_STATUS_ATTRIBUTED


def test_rules_that_failed_are_an_error_that_names_them() -> None:
    """Money divided by half the rules would be a wrong answer, not a cautious one."""
    failed = Evidence(failed=[Failed(rule("ratio", exclude="X"), "divide by zero", (0,))])
    with pytest.raises(RulesFailed, match=r"attribute@1: .*ratio"):
        attributed(facts(journey(1), "linear"), failed)


def test_a_claim_about_touches_must_be_judged_over_touches() -> None:
    """Indexes of another list would hit the wrong touches."""
    wrong = rule("contacts", over="opportunity.contacts", exclude="X")
    with pytest.raises(RulesFailed, match="another list"):
        attributed(facts(journey(1), "linear"), Evidence(fired=[Fired(wrong, (0,))]))


def test_repeated_exposures_are_dropped_only_where_the_rule_set_says_so() -> None:
    """Of consecutive touches on one channel the first counts (Snowplow's exposure transform)."""
    touches = [touch("a", 4), touch("b", 3), touch("c", 2, "event"), touch("d", 1)]
    assert len(only(attributed(facts(touches, "linear"))).credits) == 4
    outcome = attributed(facts(touches, "linear"), drop_repeated_exposures=True)
    assert [credit.touch_id for credit in only(outcome).credits] == ["a", "c", "d"]
    assert [(one.touch_id, one.code) for one in outcome.dropped] == [("b", "REPEATED_EXPOSURE")]


def test_an_excluded_touch_does_not_hide_a_repeat() -> None:
    """Exposures repeat among the touches that count."""
    touches = [touch("a", 3), touch("b", 2, "event"), touch("c", 1)]
    evidence = Evidence(fired=[Fired(rule("internal", exclude="INTERNAL"), (1,))])
    outcome = attributed(facts(touches, "linear"), evidence, drop_repeated_exposures=True)
    assert [credit.touch_id for credit in only(outcome).credits] == ["a"]


def test_without_a_choice_the_rule_set_s_models_are_computed() -> None:
    """Models come in the order of the parameters, each with its definition."""
    outcome = attributed(facts(journey(2)), models=["w", "j"])
    assert [model.model for model in outcome.models] == [
        pb.ATTRIBUTION_MODEL_W,
        pb.ATTRIBUTION_MODEL_J,
    ]
    assert outcome.models[1].weights.last.value == "0.6"
    assert all(model.definition for model in outcome.models)


def test_channels_and_campaigns_are_summed() -> None:
    """Sums are in alphabetical order, and touches without a campaign are in no campaign."""
    touches = [
        touch("a", 3, "search", campaign_id="X"),
        touch("b", 2, "email"),
        touch("c", 1, "search", campaign_id="X"),
    ]
    model = only(attributed(facts(touches, "linear", amount=100)))
    assert [(one.key, one.touch_count, to_minor(one.amount)) for one in model.channels] == [
        ("email", 1, 33),
        ("search", 2, 67),
    ]
    assert [(one.key, to_minor(one.amount)) for one in model.campaigns] == [("X", 67)]


def test_the_return_is_given_only_where_every_cost_is_known() -> None:
    """An unknown cost is not zero, and a cost of zero has no return."""
    touches = [
        touch("a", 4, "search", cost=from_minor(300, "USD")),
        touch("b", 3, "search", cost=from_minor(0, "USD")),
        touch("c", 2, "email"),
        touch("d", 1, "email", cost=from_minor(100, "USD")),
        touch("e", 0, "event", cost=from_minor(0, "USD")),
    ]
    email, event, search = only(attributed(facts(touches, "linear", amount=1000))).channels
    assert (to_minor(search.cost), search.return_on_spend.value) == (300, "1.3333")
    assert not email.HasField("cost")
    assert event.HasField("cost")
    assert not event.HasField("return_on_spend")


def test_a_refund_mirrors_the_original_to_the_cent() -> None:
    """A full refund takes from every touch what it got, in every model, with the same words."""
    original = attributed(facts(journey(3), *MODELS))
    back = attributed(refund(original, -5000), models=["first"], lookback_days=1)
    for before, after in zip(original.models, back.models, strict=True):
        assert cents(after) == [-cent for cent in cents(before)]
        assert (after.model, after.definition) == (before.model, before.definition)
        assert after.half_life_days == before.half_life_days
        assert after.weights == before.weights
    assert to_minor(back.amount) == -5000
    assert back.lookback_days == 0


def test_a_partial_refund_is_proportional() -> None:
    """A third of the money back takes a third of each share, and adds up."""
    original = attributed(facts(journey(3), "u_40_20_40"))
    assert cents(only(attributed(refund(original, -1667)))) == [-667, -333, -667]


def test_a_refund_of_unattributed_revenue_stays_unattributed() -> None:
    """What no touch earned, no touch gives back, for the original reason."""
    renewal = Evidence(fired=[Fired(rule("renewal", over="", withhold="RENEWAL"))])
    model = only(attributed(refund(attributed(facts(journey(2), "linear"), renewal), -100)))
    assert to_minor(model.unattributed) == -100
    assert model.unattributed_code == "RENEWAL"


def test_the_reporting_currency_adds_up_too() -> None:
    """The total is converted once, half to even, and divided again; both currencies balance."""
    question = facts(journey(3), "linear", amount=1000)
    question.reporting.currency_code = "JPY"
    question.reporting.rate.value = "149.25"
    outcome = attributed(question)
    credits_ = only(outcome).credits
    assert to_minor(outcome.reporting_amount) == 1492
    assert [to_minor(credit.reporting_amount) for credit in credits_] == [498, 497, 497]
    assert to_minor(only(outcome).channels[0].reporting_amount) == 1492
    assert outcome.reporting == question.reporting


def test_the_entity_is_the_opportunity_and_the_word_is_the_status() -> None:
    """A decision is listed under opportunity/O-1 as "attributed"."""
    question = facts(journey(1), "linear")
    assert str(ATTRIBUTE.entity_of(question)) == "opportunity/O-1"
    assert ATTRIBUTE.conclude(question, ruleset(), Evidence(), AS_OF).word == "attributed"


def test_models_that_differ_are_partly_attributed() -> None:
    """One model credits the touches, another finds no weight for them."""
    question = facts(journey(2), "linear", "custom")
    question.models[1].weights.middle.value = "1"
    assert attributed(question).status == pb.ATTRIBUTION_STATUS_PARTLY_ATTRIBUTED
