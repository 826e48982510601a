"""Supposed facts: read as cases are read, and nothing else changes."""

import pytest

from dealgate.foresight.supposing import NotSupposed, supposed
from dealgate.rulebook.faults import RulebookFaults
from dealgate.v1 import lead_pb2
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.activity_pb2 import Activity

FACTS = pb.QualifyFacts(
    lead=lead_pb2.Lead(id="L1", company=lead_pb2.Company(employees=40)),
    activities=[Activity(id="a1"), Activity(id="a2")],
)


def test_a_fact_is_otherwise_and_the_rest_stays() -> None:
    """Numbers, money, messages, facts of a list's element, and facts taken away."""
    facts = supposed(
        FACTS,
        [
            "lead.company.employees=250",
            "annual_contract_value=EUR 20000",
            "activities[1].at=2026-09-01T00:00:00Z",
            "lead.company.industry=INDUSTRY_EDUCATION",
        ],
    )
    assert facts.lead.company.employees == 250
    assert facts.annual_contract_value.units == 20000
    assert (facts.activities[1].id, facts.activities[1].HasField("at")) == ("a2", True)
    assert not facts.activities[0].HasField("at")
    assert facts.lead.id == "L1"
    assert FACTS.lead.company.employees == 40
    assert not supposed(FACTS, ["lead.company=null"]).lead.HasField("company")
    assert len(supposed(FACTS, ["activities=[{id: b}]"]).activities) == 1


@pytest.mark.parametrize(
    ("assignment", "why"),
    [
        ("lead.company.employees", "write path=value"),
        ("lead.company.employes=1", "did you mean 'employees'"),
        ("activities[7].at=2026-09-01T00:00:00Z", "there is no element 7"),
        ("activities.at=2026-09-01T00:00:00Z", "say which element"),
        ("activities[0]=x", "name a fact of the element"),
        ("lead.id.x=1", "say which element"),
    ],
)
def test_what_is_no_fact_is_named(assignment: str, why: str) -> None:
    """A supposed fact that does not exist is refused by name, with the nearest one."""
    with pytest.raises(NotSupposed, match=why):
        supposed(FACTS, [assignment])


def test_a_value_of_another_type_is_named() -> None:
    """As in a case."""
    with pytest.raises(RulebookFaults, match="employees"):
        supposed(FACTS, ["lead.company.employees=many"])
