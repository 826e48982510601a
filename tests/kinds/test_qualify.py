"""Claims about what is done with a lead."""

from itertools import combinations

import pytest

from dealgate.kinds.qualify.ladder import ORDER
from dealgate.model.decision import Evidence, Fired
from dealgate.v1 import lead_pb2, qualify_pb2
from tests.kinds.qualifying import claims, found, qualified, word

FACTS = qualify_pb2.QualifyFacts(lead=lead_pb2.Lead(id="L1"))


@pytest.mark.parametrize(("graver", "lighter"), list(combinations(ORDER, 2)))
def test_the_gravest_disposition_wins(graver: str, lighter: str) -> None:
    """Whatever else fires: ineligible before disqualified before … before hold."""
    assert word(qualified(found(fired=[lighter, graver]))) == graver


def test_the_codes_of_all_rules_of_the_winner_are_given() -> None:
    """Two reasons not to sell are both told, each once; those of others are not."""
    rules = [claims("disqualified", code) for code in ("QUAL-03", "FIT-02", "QUAL-03")]
    hits = [Fired(claims("mql", "MQL-01")), *map(Fired, rules)]
    assert qualified(Evidence(fired=hits)).reason_codes == ["QUAL-03", "FIT-02"]


@pytest.mark.parametrize("refusal", ["ineligible", "disqualified"])
def test_a_refusal_stands_whatever_else_is_unknown(refusal: str) -> None:
    """Undecided and failed rules and missing facts do not let a refused lead back in."""
    evidence = found([refusal], ["ineligible", "sql"], ["customer_route"], known=(1, 10))
    outcome = qualified(evidence)
    assert word(outcome) == refusal
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_ARCHIVE]
    assert not outcome.hold_reasons


@pytest.mark.parametrize(("open_", "winner"), list(combinations(ORDER, 2)))
def test_an_undecided_rule_that_could_change_the_answer_holds_it(open_: str, winner: str) -> None:
    """Unknown is never no: HOLD, unless it is a refusal, or SQL that is open behind MQL."""
    outcome = qualified(found(fired=[winner], undecided=[open_]))
    if winner == "disqualified" or (open_, winner) == ("sql", "mql"):
        assert word(outcome) == winner
        return
    assert word(outcome) == "hold"
    assert outcome.missing_facts == [f"missing.{open_}"]
    assert outcome.holding_rule_ids == [f"{open_.replace('_', '-')}-code-01"]
    assert qualify_pb2.HOLD_REASON_UNDECIDED_RULE in outcome.hold_reasons
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_PROVIDE_FACTS]


@pytest.mark.parametrize(("winner", "open_"), list(combinations(ORDER, 2)))
def test_an_undecided_rule_that_comes_too_late_changes_nothing(winner: str, open_: str) -> None:
    """Nobody is asked for facts that could not matter."""
    outcome = qualified(found(fired=[winner], undecided=[open_]))
    assert word(outcome) == winner
    assert not outcome.missing_facts


def test_what_was_withheld_is_told() -> None:
    """A lead that would be an MQL, were it known not to be a competitor's."""
    outcome = qualified(found(fired=["mql"], undecided=["ineligible"]))
    assert outcome.withheld_disposition == lead_pb2.DISPOSITION_MQL
    assert not outcome.reason_codes
    assert not outcome.sla_due


@pytest.mark.parametrize("winner", ORDER[2:])
@pytest.mark.parametrize("broken", ORDER)
def test_a_rule_that_went_wrong_shuts_the_gate(winner: str, broken: str) -> None:
    """Wherever it stands: HOLD names it, and asks for its repair."""
    outcome = qualified(found(fired=[winner], failed=[broken]))
    assert word(outcome) == "hold"
    assert outcome.holding_rule_ids == [f"{broken.replace('_', '-')}-code-01"]
    assert qualify_pb2.HOLD_REASON_FAILED_RULE in outcome.hold_reasons
    assert qualify_pb2.NEXT_ACTION_REPAIR_RULES in outcome.next_actions


@pytest.mark.parametrize(("known", "disposition"), [(4, "nurture"), (3, "hold")])
def test_too_few_facts_hold_a_lead(known: int, disposition: str) -> None:
    """4 of 10 facts are enough for a least completeness of 0.4; 3 are not."""
    outcome = qualified(found(fired=["nurture"], known=(known, 10)))
    assert word(outcome) == disposition
    held = [qualify_pb2.HOLD_REASON_INCOMPLETE_FACTS] if disposition == "hold" else []
    assert outcome.hold_reasons == held


def test_a_lead_no_rule_speaks_of_is_looked_at_by_a_person() -> None:
    """Nothing fires: HOLD, and no guess."""
    outcome = qualified(found())
    assert word(outcome) == "hold"
    assert outcome.hold_reasons == [qualify_pb2.HOLD_REASON_NO_RULE]
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_REVIEW]


def test_a_rule_may_hold_a_lead() -> None:
    """Its code is told, and a person looks."""
    outcome = qualified(found(fired=["hold"]))
    assert word(outcome) == "hold"
    assert outcome.reason_codes == ["CODE-01"]
    assert outcome.hold_reasons == [qualify_pb2.HOLD_REASON_RULE]
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_REVIEW]
