"""Facts of declared kinds are completed, too, where a group is called like an entity."""

from pathlib import Path

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from google.type.money_pb2 import Money

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.model.instants import timestamp
from dealgate.rulebook.loading import load_catalog
from dealgate.v1.lead_pb2 import Company, Industry, Lead
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.entities.test_completing import LATER, Asking, T, question

KIND = """\
kind: gift
because: A gift for whom?
entity: {type: lead, id: lead.id}
facts:
  lead:
    id: {type: text, required: true, because: The id.}
    title: {type: text, because: Theirs.}
    tier: {type: enum, values: [gold, silver], because: Ours.}
    email: {type: int, because: Of another type than the lead's.}
    created_at: {type: instant, because: When.}
    company:
      employees: {type: int, because: How many.}
      industry: {type: enum, values: [banking], because: Which.}
      annual_revenue: {type: money, because: How much.}
      technologies: {type: list(text), because: What they use.}
  opportunity:
    id: {type: text, because: The deal.}
    stage_name: {type: text, because: How far.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: ["no", "yes"], fold: gravest, because: Gravest first.}
unknown: hold
nothing: hold
"""
RULES = """\
ruleset: gift
version: 1
owner: us
because: First.
rules:
  - id: gold
    when: lead.tier == "gold"
    then: {verdict: "yes"}
    because: They are.
"""


async def test_groups_that_are_called_like_entities_are_completed(tmp_path: Path) -> None:
    """With facts and properties of that name whose values the kind declares; the rest stays."""
    folder = tmp_path / "gift"
    folder.mkdir()
    (folder / "kind.yaml").write_text(KIND)
    (folder / "v1.yaml").write_text(RULES)
    (folder / "v1.cases.yaml").write_text("cases: []\n")
    (folder / "releases.yaml").write_text("[]\n")
    catalog = load_catalog(tmp_path, KINDS, expression_checker())
    asking = Asking(catalog=catalog)
    company = Company(
        employees=420,
        industry=Industry.INDUSTRY_BANKING,
        annual_revenue=Money(currency_code="EUR", units=5),
        technologies=["sap"],
    )
    lead = Lead(id="00Q1", title="VP", email="a@b.example", company=company)
    lead.created_at.CopyFrom(timestamp(T))
    lead.properties.update({"tier": "gold", "else": 1})
    await asking.put(lead, Opportunity(id="006", stage_name="Proposal"))
    sent = ParseDict(
        {"lead": {"id": "00Q1", "title": None}, "opportunity": {"id": "006"}}, Struct()
    )
    await asking.ask([question(sent, LATER, kind="gift")])
    (asked,) = asking.asked
    assert MessageToDict(asked.facts) == {
        "lead": {
            "id": "00Q1",
            "title": "VP",
            "tier": "gold",
            "created_at": "2026-07-02T13:46:40Z",
            "company": {
                "employees": 420.0,
                "industry": "banking",
                "annual_revenue": "EUR 5.00",
                "technologies": ["sap"],
            },
        },
        "opportunity": {"id": "006", "stage_name": "Proposal"},
    }
    assert [told.entity for told in asked.from_state] == ["lead/00Q1", "opportunity/006"]
    assert asked.from_state[0].paths == (
        "lead.company.annual_revenue",
        "lead.company.employees",
        "lead.company.industry",
        "lead.company.technologies",
        "lead.created_at",
        "lead.tier",
        "lead.title",
    )
    other = ParseDict({"lead": {"id": "00Q1", "title": "CEO"}}, Struct())
    await asking.ask([question(other, T - 1, kind="gift")])
    assert asking.asked[0].facts == other
