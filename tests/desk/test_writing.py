"""Facts are written as cases write them: what is written is read back as the same facts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.desk.writing import written_facts
from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.v1 import advance_pb2, qualify_pb2, score_pb2
from dealgate.v1.opportunity_pb2 import OpportunityType

NOON = "2026-06-01T12:00:00Z"
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


def read_back(written: str, empty: Any) -> Any:
    """Read facts as a case does."""
    faults: list[Fault] = []
    node = read_yaml(Source("facts.yaml", f"facts: {written}\n"), faults)
    assert isinstance(node, Fields)
    facts = node.get("facts")
    assert facts is not None
    found = read_message(facts, empty, "facts", faults)
    assert faults == []
    return found


@given(name=text, technology=text, employees=st.integers(-(2**31), 2**31 - 1))
def test_texts_and_numbers_come_back(name: str, technology: str, employees: int) -> None:
    """Whatever signs a text has: it stands in quotes."""
    facts = score_pb2.ScoreFacts()
    facts.lead.first_name = name
    facts.lead.company.employees = employees
    facts.lead.company.technologies.append(technology)
    assert read_back(written_facts(facts), score_pb2.ScoreFacts()) == facts


def test_every_sort_of_value_comes_back() -> None:
    """Enums by name, money, dates, instants and decimals as cases write them."""
    facts = advance_pb2.AdvanceFacts(target_stage="NO", expected_version=3)
    deal = facts.opportunity
    deal.type = OpportunityType.OPPORTUNITY_TYPE_RENEWAL
    deal.amount.currency_code, deal.amount.units, deal.amount.nanos = "EUR", -1000, -500_000_000
    deal.close_date.year, deal.close_date.month, deal.close_date.day = 2026, 2, 28
    deal.created_at.FromJsonString(NOON)
    deal.discount.value = "0.25"
    deal.probability = 12.5
    deal.custom_terms = False
    deal.contacts.add(id="c1")
    deal.contacts.add(id="c2")
    written = written_facts(facts)
    assert read_back(written, advance_pb2.AdvanceFacts()) == facts
    assert written == (
        "{opportunity: {type: OPPORTUNITY_TYPE_RENEWAL, amount: EUR -1000.50, "
        "close_date: 2026-02-28, probability: 12.5, created_at: 2026-06-01T12:00:00Z, "
        'discount: "0.25", custom_terms: false, contacts: [{id: "c1"}, {id: "c2"}]}, '
        'target_stage: "NO", expected_version: 3}'
    )


@pytest.mark.parametrize("empty", [qualify_pb2.QualifyFacts(), score_pb2.ScoreFacts()])
def test_no_facts_are_braces(empty: Any) -> None:
    """A case with nothing known may be written too."""
    assert written_facts(empty) == "{}"
