"""Laws that every qualification obeys."""

from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.qualify.ladder import ORDER, REFUSALS
from dealgate.model.decision import Evidence, Fired
from dealgate.model.rules import AnyRule
from dealgate.v1 import lead_pb2
from tests.kinds.qualifying import RULES, claims, found, qualified, word

names = st.lists(st.sampled_from(ORDER), unique=True)


@given(st.permutations([claims("recycle", f"ENG-0{number}") for number in range(1, 6)]), names)
def test_the_order_of_rules_of_one_disposition_changes_no_date(
    rules: list[AnyRule], others: list[str]
) -> None:
    """Nor the disposition; only the order in which the codes are told."""
    lighter = [RULES[name] for name in others if ORDER.index(name) > ORDER.index("recycle")]
    outcome = qualified(Evidence(fired=[Fired(rule) for rule in [*rules, *lighter]]))
    usual = qualified(Evidence(fired=[Fired(claims("recycle", f"ENG-0{n}")) for n in range(1, 6)]))
    assert sorted(outcome.reason_codes) == sorted(usual.reason_codes)
    del outcome.reason_codes[:], usual.reason_codes[:]
    assert outcome == usual


@given(names, st.data())
def test_a_missing_fact_never_makes_an_answer_graver(fired: list[str], data: st.DataObject) -> None:
    """With facts taken away the answer is HOLD, the same, or a lighter one."""
    open_ = data.draw(st.lists(st.sampled_from(ORDER), unique=True))
    before = word(qualified(found(fired)))
    after = word(qualified(found([name for name in fired if name not in open_], open_)))
    rank: dict[str, int] = {name: index for index, name in enumerate(ORDER)}
    assert after == "hold" or rank[after] >= rank[before]


@given(names, st.data())
def test_an_answer_given_with_facts_missing_is_the_answer_with_all_of_them(
    fired: list[str], data: st.DataObject
) -> None:
    """However the undecided rules turn out: the same, or a graver refusal, or SQL for MQL."""
    open_ = [name for name in ORDER if name not in fired and data.draw(st.booleans())]
    given_ = word(qualified(found(fired, open_)))
    true = [name for name in open_ if data.draw(st.booleans())]
    settled = word(qualified(found([*fired, *true])))
    assert given_ in {"hold", settled} or given_ in REFUSALS or (given_, settled) == ("mql", "sql")
    if given_ in REFUSALS:
        assert settled in REFUSALS


@given(names, names, names, st.integers(0, 10))
def test_a_lead_passes_only_through_a_rule_that_fired(
    fired: list[str], open_: list[str], broken: list[str], known: int
) -> None:
    """No combination of unknown, wrong and missing makes an answer that no rule claimed."""
    outcome = qualified(found(fired, open_, broken, known=(known, 10)))
    assert word(outcome) in {*fired, "hold"}
    assert (outcome.disposition == lead_pb2.DISPOSITION_HOLD) == bool(outcome.hold_reasons)
    assert bool(outcome.next_actions)
