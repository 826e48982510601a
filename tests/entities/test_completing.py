"""Questions completed from what was known: never from what became known later."""

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from dealgate.decide import Outcomes
from dealgate.entities.around import Completion
from dealgate.journal.facts.sqlite import MemoryBase
from dealgate.journal.facts.store import Store
from dealgate.kinds import KINDS
from dealgate.model.decision import Entity, Question
from dealgate.model.entity_state import Known, NewActivity, Upsert, Wanted
from dealgate.model.errors import Unavailable
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.model.from_state import FromState
from dealgate.model.instants import timestamp
from dealgate.model.properties import Property
from dealgate.model.vocabulary import vocabulary
from dealgate.model.widening import widened
from dealgate.v1.activity_pb2 import Activity, ActivityType
from dealgate.v1.advance_pb2 import AdvanceFacts
from dealgate.v1.forecast_pb2 import ForecastFacts
from dealgate.v1.handoff_pb2 import HandoffFacts
from dealgate.v1.inspect_pb2 import InspectFacts
from dealgate.v1.lead_flow_pb2 import LeadFlowFacts
from dealgate.v1.lead_pb2 import Company, Lead, LeadSource
from dealgate.v1.opportunity_pb2 import Opportunity
from dealgate.v1.quota_pb2 import QuotaFacts
from dealgate.v1.score_pb2 import ScoreFacts
from dealgate.v1.verify_pb2 import VerifyFacts

T = 1_783_000_000_000_000_000
LATER = T + 10**12
FIRST = object()


class Folder:
    """A catalog whose folder declares one property of leads, and one further source."""

    def __init__(self) -> None:
        tier = Property("tier", "enum", values=("gold", "silver"))
        source = Property("lead_source", "enum", values=("podcast",))
        known = vocabulary({"lead": {"tier": tier, "lead_source": source}})
        self._vocabulary = known
        self.kinds = {"score": widened(KINDS["score"], known)}
        self.served = ("score",)


class Journal:
    """Knows one first answer."""

    def __init__(self) -> None:
        self.known: Any = None

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Any:
        """Return it."""
        del tenant, key, body_hash
        return self.known


class Broken:
    """A store that is out of order."""

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Fail."""
        raise Unavailable(f"{tenant}: {len(wanted)}", 1.0)


class Asking:
    """State, and what became of questions on their way to be decided."""

    def __init__(self, state: Any = None, catalog: Any = None) -> None:
        self.now = T
        self.store = Store(MemoryBase(), 10**12, lambda: self.now)
        self.journal = Journal()
        self.asked: list[Question] = []
        completion = Completion(state or self.store, self.journal)
        self.ask = completion.around(self._decide, catalog or Folder())
        self.flow = completion.around_flow(self._process, Folder())
        self.flowed: list[FlowQuestion] = []

    async def _decide(self, questions: Sequence[Question]) -> Outcomes:
        self.asked = list(questions)
        return [ValueError(question.kind) for question in questions]

    async def _process(self, asked: FlowQuestion) -> FlowAnswer:
        self.flowed.append(asked)
        return FlowAnswer("", b"", (), "")

    async def put(self, *entities: Any) -> None:
        """Put facts."""
        types = {"Lead": "lead", "Company": "company", "Opportunity": "opportunity"}
        upserts = [
            Upsert(Entity(types.get(facts.DESCRIPTOR.name, "customer"), facts.id), facts)
            for facts in entities
        ]
        await self.store.put("default", upserts)

    async def append(self, *activities: Activity) -> None:
        """Append activities of the lead 00Q1."""
        await self.store.append(
            "default",
            [
                NewActivity(
                    Entity("lead", "00Q1"),
                    done.id,
                    done.at.ToNanoseconds(),
                    done.SerializeToString(),
                )
                for done in activities
            ],
        )

    async def completed(self, facts: Any, as_of: int = LATER, **how: Any) -> Any:
        """Return the facts that a question is decided by."""
        await self.ask([question(facts, as_of, **how)])
        return self.asked[0].facts


def question(facts: Any, as_of: int = LATER, **how: Any) -> Question:
    """A question with these facts."""
    return Question("id", how.pop("kind", "score"), facts, as_of, as_of, **how)


def activity(id_: str, at: int) -> Activity:
    """A visit of the pricing page."""
    page = ActivityType.ACTIVITY_TYPE_PRICING_PAGE
    return Activity(id=id_, type=page, at=timestamp(at))


@pytest.fixture
def asking() -> Asking:
    """An empty state."""
    return Asking()


async def test_a_question_needs_its_lead_alone(asking: Asking) -> None:
    """Facts, the company that the lead belongs to, and activities are added, and named."""
    await asking.put(Lead(id="00Q1", title="VP", company=Company(id="A")))
    asking.now = T + 5
    await asking.put(Company(id="A", employees=420))
    await asking.append(activity("b", T - 5), activity("a", T - 9))
    sent = ScoreFacts(lead=Lead(id="00Q1"))
    facts = await asking.completed(sent)
    assert facts.lead == Lead(id="00Q1", title="VP", company=Company(id="A", employees=420))
    assert [done.id for done in facts.activities] == ["a", "b"]
    assert sent == ScoreFacts(lead=Lead(id="00Q1"))
    (asked,) = asking.asked
    assert asked.sent is sent
    assert asked.from_state == (
        FromState("company/A", T + 5, ("lead.company.employees",)),
        FromState("lead/00Q1", T, ("lead.company.id", "lead.title")),
        FromState("lead/00Q1", T + 6, ("activities",)),
    )


async def test_nothing_comes_from_the_future(asking: Asking) -> None:
    """Neither what became known after as_of, nor what happened after it."""
    await asking.put(Lead(id="00Q1", title="VP"))
    await asking.append(activity("a", T - 9), activity("future", T + 7))
    asking.now = T + 100
    await asking.put(Lead(id="00Q1", title="CEO", email="a@b.example"))
    await asking.append(activity("late", T - 3))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")), T + 5)
    assert facts.lead == Lead(id="00Q1", title="VP")
    assert [done.id for done in facts.activities] == ["a"]
    assert all(told.known_at <= T + 5 for told in asking.asked[0].from_state)
    before = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")), T - 1)
    assert before == ScoreFacts(lead=Lead(id="00Q1"))


async def test_an_instant_after_as_of_is_left_out(asking: Asking) -> None:
    """By a clock that is ahead, a lead may be known before it was created."""
    await asking.put(Lead(id="00Q1", title="VP", created_at=timestamp(T + 7)))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")), T + 5)
    assert not facts.lead.HasField("created_at")


async def test_what_is_sent_wins(asking: Asking) -> None:
    """Field by field; a list that is sent is whole, and blank or unspecified is not sent."""
    known = Company(employees=5, technologies=["a"], name="Acme")
    source = LeadSource.LEAD_SOURCE_WEB
    await asking.put(Lead(id="00Q1", title="VP", phone="+491", lead_source=source, company=known))
    await asking.append(activity("a", T - 9))
    sent = Lead(id="00Q1", title=" ", phone="+492", company=Company(technologies=["b"]))
    sent.lead_source = LeadSource.LEAD_SOURCE_UNSPECIFIED
    facts = await asking.completed(ScoreFacts(lead=sent, activities=[activity("mine", T)]))
    assert (facts.lead.title, facts.lead.phone, facts.lead.lead_source) == ("VP", "+492", source)
    assert facts.lead.company == Company(employees=5, technologies=["b"], name="Acme")
    assert [done.id for done in facts.activities] == ["mine"]


async def test_facts_of_two_companies_are_not_mixed(asking: Asking) -> None:
    """A caller who names another company gets what is known of that one."""
    await asking.put(Lead(id="00Q1", company=Company(id="A", employees=5)))
    await asking.put(Company(id="B", name="B Ltd"))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1", company=Company(id="B"))))
    assert facts.lead.company == Company(id="B", name="B Ltd")


async def test_what_is_not_known_stays_so(asking: Asking) -> None:
    """The question of an unknown entity is decided as it was sent: unknown is not no."""
    sent = ScoreFacts(lead=Lead(id="00Q2"))
    assert await asking.completed(sent) is not None
    assert asking.asked[0].facts == sent
    assert (asking.asked[0].from_state, asking.asked[0].sent) == ((), None)


async def test_a_caller_may_want_nothing_added(asking: Asking) -> None:
    """With `facts_as_sent`, nothing is added to a question."""
    await asking.put(Lead(id="00Q1", title="VP"))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")), as_sent=True)
    assert facts == ScoreFacts(lead=Lead(id="00Q1"))


async def test_facts_without_entities_are_not_looked_at() -> None:
    """Questions that name none are decided though state is out of order."""
    asking = Asking(Broken())
    await asking.completed(QuotaFacts(owner_id="005"))
    await asking.completed(ScoreFacts(lead=Lead(title="VP")))
    assert len(asking.asked) == 1


async def test_deals_and_customers_are_completed_wherever_they_stand(asking: Asking) -> None:
    """One deal, the deals of a pipeline or a forecast, a candidate, the customer of a handoff."""
    deal = Opportunity(id="006", stage_name="Proposal")
    await asking.put(deal, Lead(id="00Q9", title="CEO"))
    bare = Opportunity(id="006")
    assert (await asking.completed(AdvanceFacts(opportunity=bare))).opportunity == deal
    pipeline = InspectFacts(id="emea")
    pipeline.deals.add().opportunity.CopyFrom(bare)
    assert (await asking.completed(pipeline)).deals[0].opportunity == deal
    assert asking.asked[0].from_state[0].paths == ("deals[0].opportunity.stage_name",)
    forecast = ForecastFacts(id="emea", opportunities=[bare, Opportunity(id="007")])
    assert (await asking.completed(forecast)).opportunities[0] == deal
    candidate = VerifyFacts(lead=Lead(id="00Q1"), candidates=[Lead(id="00Q9")])
    assert (await asking.completed(candidate)).candidates[0].title == "CEO"
    handoff = HandoffFacts(opportunity=bare)
    assert (await asking.completed(handoff)).opportunity == deal


async def test_properties_are_added_as_they_are_declared_now(asking: Asking) -> None:
    """A value that is declared otherwise by now is left out, and refuses nobody's question."""
    known = Struct()
    known.update({"tier": "gold", "gone": 1})
    await asking.put(Lead(id="00Q1", properties=known))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")))
    assert dict(facts.lead.properties) == {"tier": "gold"}
    bronze, none = Struct(), Struct()
    bronze.update({"tier": "bronze"})
    none.update({"tier": None})
    sent = ScoreFacts(lead=Lead(id="00Q1", properties=none))
    assert dict((await asking.completed(sent)).lead.properties) == {"tier": "gold"}
    await asking.put(Lead(id="00Q1", properties=bronze))
    assert not (await asking.completed(ScoreFacts(lead=Lead(id="00Q1")))).lead.properties


async def test_a_word_stands_in_one_place(asking: Asking) -> None:
    """A further word is not added beside the field that it extends, nor the field beside it."""
    podcast = Struct()
    podcast.update({"lead_source": "podcast"})
    await asking.put(Lead(id="00Q1", properties=podcast))
    web = LeadSource.LEAD_SOURCE_WEB
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1", lead_source=web)))
    assert not facts.lead.properties
    await asking.put(Lead(id="00Q1", lead_source=web))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1", properties=podcast)))
    assert not facts.lead.HasField("lead_source")
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")))
    assert (facts.lead.lead_source, dict(facts.lead.properties)) == (web, {})


async def test_a_batch_is_completed_together(asking: Asking) -> None:
    """Each question at its own as_of, in one read."""
    await asking.put(Lead(id="00Q1", title="VP"))
    asking.now = T + 10
    await asking.put(Lead(id="00Q1", title="CEO"))
    lead = ScoreFacts(lead=Lead(id="00Q1"))
    await asking.ask([question(lead, T + at) for at in (-1, 5, 20)])
    titles = [getattr(asked.facts, "lead").title for asked in asking.asked]  # noqa: B009
    assert titles == ["", "VP", "CEO"]


async def test_more_activities_than_a_question_holds_are_counted(asking: Asking) -> None:
    """The newest are used, and the answer says how many were left out."""
    for start in range(0, 1003, 250):
        numbers = range(start, min(start + 250, 1003))
        await asking.append(*(activity(f"{number:04}", T + number - 2000) for number in numbers))
    facts = await asking.completed(ScoreFacts(lead=Lead(id="00Q1")))
    assert (len(facts.activities), facts.activities[0].id) == (1000, "0003")
    assert asking.asked[0].from_state[0].left_out == 3


async def test_a_repeat_is_answered_while_state_is_out_of_order() -> None:
    """Its first answer needs no state; a new question is told to come again."""
    asking = Asking(Broken())
    facts = ScoreFacts(lead=Lead(id="00Q1"))
    asking.journal.known = FIRST
    repeat, new = await asking.ask([question(facts, key="a"), question(facts)])
    assert repeat is FIRST
    assert isinstance(new, Unavailable)
    assert not asking.asked


async def test_a_flow_is_completed_once(asking: Asking) -> None:
    """Its own facts are, before the first step; what is sent stays what a repeat is known by."""
    await asking.put(Lead(id="00Q1", title="VP"))
    await asking.append(activity("a", T - 9))
    sent = LeadFlowFacts(lead=Lead(id="00Q1"))
    await asking.flow(FlowQuestion("id", "process_lead", sent, (), LATER, LATER))
    (asked,) = asking.flowed
    assert isinstance(asked.facts, LeadFlowFacts)
    assert (asked.facts.lead.title, len(asked.facts.activities)) == ("VP", 1)
    assert asked.sent is sent
