"""Claims about whose lead it is, whose turn it is, and by when they must act."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dealgate.kinds.route import ROUTE
from dealgate.kinds.route.robin import turn
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.model.decision import Evidence, Turn
from dealgate.v1 import route_pb2 as pb
from tests.kinds import build
from tests.kinds.routing import EVERYBODY, PARAMETERS, facts, proposes, rep, routed

WEIGHTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.integers(1, 9).map(Decimal), min_size=1, max_size=6
)


@given(WEIGHTS, st.integers(1, 4))
@settings(deadline=None)
def test_everybody_gets_leads_in_proportion_to_weight(
    weights: dict[str, Decimal], cycles: int
) -> None:
    """Over a whole cycle exactly so; balances are then what they were at the start."""
    balances: dict[str, int] = {}
    got: Counter[str] = Counter()
    for _ in range(cycles * int(sum(weights.values()))):
        played = turn(weights, balances)
        balances = dict(played.balances)
        got[played.chosen] += 1
        assert sum(balances.values()) == 0
    assert got == {name: cycles * int(weight) for name, weight in weights.items()}
    assert set(balances.values()) == {0}


@given(WEIGHTS)
@settings(deadline=None)
def test_nobody_ever_gets_far_ahead(weights: dict[str, Decimal]) -> None:
    """At any time each has the exact share of the leads so far, give or take less than one each."""
    balances: dict[str, int] = {}
    got: Counter[str] = Counter()
    whole = sum(weights.values())
    for number in range(1, int(whole) + 1):
        played = turn(weights, balances)
        balances = dict(played.balances)
        got[played.chosen] += 1
        for name, weight in weights.items():
            assert abs(got[name] - number * weight / whole) < len(weights)


def test_the_textbook_sequence() -> None:
    """5, 1, 1 is a a b a c a a: nginx's own example of smoothness."""
    weights = {"a": Decimal(5), "b": Decimal(1), "c": Decimal(1)}
    balances: dict[str, int] = {}
    sequence = ""
    for _ in range(7):
        played = turn(weights, balances)
        balances = dict(played.balances)
        sequence += played.chosen
    assert sequence == "aabacaa"


def test_answers_follow_one_another() -> None:
    """The cursor of an answer, sent back, goes on where it stood; its turn is the next one."""
    given = facts(rep("a"), rep("b"), rep("c"))
    given.cursor.version = 0
    owners = []
    for version in range(1, 7):
        outcome = routed(given)
        owners.append(outcome.owner_id)
        assert outcome.cursor.version == version
        given.cursor.CopyFrom(outcome.cursor)
    assert owners == ["a", "b", "c", "a", "b", "c"]


def test_a_turn_is_taken_only_if_a_team_was_asked() -> None:
    """An account's owner costs nobody a turn; the fallback neither."""
    ruleset = build.ruleset(ROUTE, [EVERYBODY], PARAMETERS)
    given = facts(rep("a"), cursor=pb.RoundRobinCursor(name="emea", version=4))
    asked = ROUTE.conclude(given, ruleset, build.fired(EVERYBODY), build.AS_OF)
    assert asked.turn == Turn("round-robin/emea", 5)
    owner = proposes("named_account", owner="account_owner")
    given.account.owner_id = "a"
    named = ROUTE.conclude(given, ruleset, build.fired(owner), build.AS_OF)
    assert named.turn is None
    assert ROUTE.conclude(given, ruleset, Evidence(), build.AS_OF).turn is None


def test_who_left_the_team_is_owed_nothing() -> None:
    """Balances of other teams stay; one of nobody would count for ever."""
    given = facts(rep("a"), rep("b"))
    given.cursor.version = 1
    for team, name in (("inbound", "gone"), ("inbound", "b"), ("uki", "x")):
        given.cursor.balances.add(team=team, rep_id=name, balance=7)
    outcome = routed(given)
    assert [(one.team, one.rep_id) for one in outcome.cursor.balances] == [
        ("inbound", "a"),
        ("inbound", "b"),
        ("uki", "x"),
    ]


def test_steps_go_before_the_order_of_the_file() -> None:
    """The most specific proposal wins, wherever its rule stands."""
    territory = proposes("territory", "DACH", team="inbound")
    outcome = routed(facts(rep("a")), build.fired(EVERYBODY, territory))
    assert outcome.step == pb.ROUTE_STEP_TERRITORY
    assert [one.code for one in outcome.attempts] == ["DACH", "CODE"]
    assert [one.result for one in outcome.attempts] == [
        pb.ROUTE_ATTEMPT_RESULT_TAKEN,
        pb.ROUTE_ATTEMPT_RESULT_NOT_NEEDED,
    ]


def test_a_rule_that_went_wrong_is_passed_over() -> None:
    """A lead does not wait: the next step takes it, and the answer names the rule."""
    broken = proposes("territory", "BROKEN", team="inbound")
    evidence = Evidence(
        fired=build.fired(EVERYBODY).fired,
        failed=[build.failed(broken)],
        undecided=[build.undecided(proposes("team", "OPEN", team="x"), "lead.country")],
    )
    outcome = routed(facts(rep("a")), evidence)
    assert outcome.owner_id == "a"
    assert [(one.code, one.result) for one in outcome.attempts] == [
        ("OPEN", pb.ROUTE_ATTEMPT_RESULT_UNDECIDED),
        ("BROKEN", pb.ROUTE_ATTEMPT_RESULT_FAILED),
        ("CODE", pb.ROUTE_ATTEMPT_RESULT_TAKEN),
    ]
    assert outcome.attempts[0].missing_facts == ["lead.country"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=6))
@settings(deadline=None)
def test_every_lead_has_an_owner(states: list[tuple[bool, int, int]]) -> None:
    """Whoever is there: one of them or the fallback; and everybody else is told why not."""
    reps = [
        rep(f"r{number}", room, is_active=active, open_leads=open_)
        for number, (active, room, open_) in enumerate(states)
    ]
    outcome = routed(facts(*reps))
    able = {f"r{n}" for n, (active, room, open_) in enumerate(states) if active and room > open_}
    assert outcome.owner_id in (able or {"queue"})
    assert {one.rep_id for one in outcome.rejected} == {
        one.id for one in reps if one.id != outcome.owner_id
    }


def test_an_owner_whom_nobody_named_is_asked_for() -> None:
    """The account's owner is not known: the next step takes the lead, and the answer says so."""
    owner = proposes("named_account", "NAMED", owner="account_owner")
    outcome = routed(facts(rep("a")), build.fired(owner, EVERYBODY))
    assert outcome.owner_id == "a"
    assert outcome.attempts[0].result == pb.ROUTE_ATTEMPT_RESULT_NOBODY_AVAILABLE
    assert outcome.attempts[0].missing_facts == ["account.owner_id"]
    assert not outcome.rejected


def test_every_reason_is_told() -> None:
    """Not just the first that speaks against somebody."""
    away = pb.TimeOff(start=build.instant(build.AS_OF), end=build.instant(build.AS_OF + 1))
    given = facts(rep("a", 1, is_active=False, open_leads=1, time_off=[away]), language="fr")
    skill = build.rule(ROUTE, "skill", {"code": "KNOWS", "skill": "security"})
    (found,) = routed(given, build.fired(EVERYBODY, skill)).rejected
    assert found.reasons == [
        pb.REJECTION_REASON_INACTIVE,
        pb.REJECTION_REASON_TIME_OFF,
        pb.REJECTION_REASON_AT_CAPACITY,
        pb.REJECTION_REASON_LACKS_SKILL,
        pb.REJECTION_REASON_LACKS_LANGUAGE,
    ]


def test_what_is_not_known_of_a_rep_is_asked_for() -> None:
    """Unknown is not yes, and the answer names each fact by its path."""
    (found,) = routed(facts(pb.Rep(id="a", teams=["inbound"]))).rejected
    assert found.reasons == [pb.REJECTION_REASON_UNKNOWN]
    assert found.missing_facts == ["reps[0].is_active", "reps[0].capacity", "reps[0].open_leads"]


def test_deadlines_are_in_the_owners_time() -> None:
    """Noon in UTC is five in the morning in California: five minutes count from nine there."""
    hours = pb.WorkingHours(time_zone="America/Los_Angeles")
    sla = build.rule(ROUTE, "sla", {"code": "FAST", "sla": "now"})
    given = facts(rep("a", working_hours=hours, backup_id="b", manager_id="m"))
    outcome = routed(given, build.fired(EVERYBODY, sla))
    due = [one.due_at.ToJsonString()[11:16] for one in outcome.deadlines]
    assert due == ["16:05", "16:05", "16:15", "16:30", "17:00"]
    assert [one.person_id for one in outcome.deadlines] == ["a", "a", "b", "m", ""]


def test_a_promise_beyond_the_calendar_is_its_last_instant() -> None:
    """A lead routed on the last evening of time has a deadline that a Timestamp can hold."""
    last = 253_402_300_799_000_000_000
    sla = build.rule(ROUTE, "sla", {"code": "FAST", "sla": "hour"})
    outcome = routed(facts(rep("a")), build.fired(EVERYBODY, sla), as_of=last)
    assert outcome.deadlines[0].due_at.ToNanoseconds() == last


@pytest.mark.parametrize(
    ("then", "wrong"),
    [
        ({"code": "X"}, "one of step, skill and sla"),
        ({"code": "X", "skill": "a", "sla": "b"}, "one of step, skill and sla"),
        ({"code": "X", "step": "team"}, "a step needs one"),
        ({"code": "X", "team": "a", "skill": "b"}, "belong to a step"),
        ({"code": "X", "step": "team", "team": "a", "owner": "account_owner"}, "give one of them"),
        ({"code": "X", "step": "elsewhere", "team": "a"}, "named_account"),
    ],
)
def test_effects_that_make_no_sense_are_refused(then: dict[str, Any], wrong: str) -> None:
    """Each says what to write instead."""
    with pytest.raises(ValidationError, match=wrong):
        RouteEffect.model_validate(then)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"fallback_owner": ""}, "at least 1 character"),
        ({"fallback_sla": "never"}, "not one of slas"),
        ({"slas": {"hour": {"minutes": 1, "business_days": 1}}}, "give one of minutes"),
        ({"slas": {"hour": {}}}, "give one of minutes"),
        ({"office_hours": {"zone": "Mars"}}, "not an IANA time zone"),
        ({"office_hours": {"region": "XX"}}, "no calendar of holidays"),
        ({"office_hours": {"opens": 9, "closes": 9}}, "closes"),
        (
            {"ladder": [{"after_minutes": 5, "duty": "owner"}] * 2},
            "later than the one before",
        ),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes: dict[str, Any], wrong: str) -> None:
    """A fallback is mandatory; each fault says what to write instead."""
    with pytest.raises(ValidationError, match=wrong):
        RouteParameters.model_validate({**PARAMETERS, **changes})


def test_a_fallback_is_mandatory() -> None:
    """Without one, leads that nobody takes would be lost in silence."""
    lacking = {key: value for key, value in PARAMETERS.items() if key != "fallback_owner"}
    with pytest.raises(ValidationError, match="fallback_owner"):
        RouteParameters.model_validate(lacking)
