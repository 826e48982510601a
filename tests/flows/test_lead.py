"""ProcessLead: a lead's way through its flow, by the rules we ship."""

import asyncio
from typing import Any

import pytest

from dealgate.kinds import KINDS
from dealgate.model.decision import Question, Turn
from dealgate.model.errors import BadQuestion, KeyReused, NotServed, TurnTaken
from dealgate.v1.flow_pb2 import FlowStop
from dealgate.v1.lead_flow_pb2 import LeadFlowFacts
from dealgate.v1.lead_pb2 import Disposition, Lead
from tests.flows.asking import NOON, House, asked, lead, leads
from tests.flows.newest import LEAD


def kept(house: House) -> list[str]:
    """Return the kinds of the decisions that are recorded, in order."""
    return [decision.kind for decision in house.journal._decisions.values()]


async def test_a_lead_becomes_an_opportunity_in_one_call() -> None:
    """Every step is taken and recorded, and each is fed with what those before it told."""
    house = leads()
    answer = await house.lead(lead())
    assert [step.kind for step in answer.header.steps] == list(LEAD) == kept(house)
    assert answer.header.stop == FlowStop.FLOW_STOP_COMPLETED
    assert [step.outcome for step in answer.header.steps][2:] == ["SQL", "round_robin", "convert"]
    fed = {(one.to, getattr(one, "from")) for step in answer.header.steps for one in step.fed}
    assert {
        ("qualify.facts.scores.composite", "score.outcome.composite"),
        ("qualify.facts.scores.engagement", "score.outcome.engagement"),
        ("qualify.facts.scores.fit", "score.outcome.fit"),
        ("qualify.facts.verification", "verify.outcome.verification"),
        ("convert.facts.disposition", "qualify.outcome.disposition"),
        ("convert.facts.deal.owner_id", "route.outcome.owner_id"),
        ("convert.facts.deal.budget", "facts.qualify.bant.budget.amount"),
        ("convert.facts.first_contact.due_at", "route.outcome.deadlines"),
        *((f"{kind}.facts.lead", "verify.outcome.lead") for kind in LEAD[1:]),
    } == fed


async def test_each_step_is_a_decision_like_any_other() -> None:
    """It is in the journal under its own id, with its facts, and says what its RPC would say."""
    house = leads()
    answer = await house.lead(lead())
    for step in answer.header.steps:
        recorded = await house.journal.get("default", step.decision_id)
        told = getattr(answer, step.kind)
        assert told.SerializeToString(deterministic=True) == recorded.answer
        facts = KINDS[step.kind].facts.FromString(recorded.facts)
        question = Question(step.decision_id, step.kind, facts, NOON, NOON, as_of_given=True)
        (again,) = await house.decider.judge_all([question])
        assert getattr(again, "answer", again) == recorded.answer


NOBODY = LeadFlowFacts(lead=Lead(id="L1"))


def changed(**changes: Any) -> LeadFlowFacts:
    """Return the lead with other facts."""
    facts = lead()
    for path, value in changes.items():
        holder: Any = facts
        *above, name = path.split("__")
        for part in above:
            holder = getattr(holder, part)
        holder.ClearField(name) if value is None else setattr(holder, name, value)
    return facts


@pytest.mark.parametrize(
    ("facts", "last", "stop"),
    [
        (NOBODY, "qualify", FlowStop.FLOW_STOP_ON_HOLD),
        (
            changed(
                lead__email="ada@localhost",
                lead__phone="+1 555 555 0100",
                verify__mail_exchange=None,
            ),
            "verify",
            FlowStop.FLOW_STOP_INVALID_LEAD,
        ),
        (changed(relationship__is_customer=True), "route", FlowStop.FLOW_STOP_NOT_SALES_QUALIFIED),
        (changed(relationship__is_competitor=True), "qualify", FlowStop.FLOW_STOP_NOT_FOR_SALES),
    ],
)
async def test_a_flow_stops_where_an_outcome_says_so(
    facts: LeadFlowFacts, last: str, stop: FlowStop.ValueType
) -> None:
    """No later step is asked or recorded, and the header says why."""
    house = leads()
    header = (await house.lead(facts)).header
    assert (header.stopped_after, header.stop) == (last, stop)
    assert kept(house) == list(LEAD[: LEAD.index(last) + 1])


async def test_what_is_missing_is_named_as_the_caller_would_send_it() -> None:
    """Paths of a step's facts become paths of the request."""
    header = (await leads().lead(NOBODY)).header
    assert "facts.lead.company.employees" in header.missing_facts
    assert "facts.qualify.bant.budget.status" in header.missing_facts
    assert "facts.relationship.is_customer" in header.missing_facts


async def test_a_repeat_gets_the_first_answer() -> None:
    """Byte for byte, and nothing is recorded twice, whatever else has happened meanwhile."""
    house = leads()
    first = await house.flows.process(asked(lead(), key="k"))
    await house.flows.process(asked(lead()))
    again = await house.flows.process(asked(lead(), key="k"))
    assert (again.data, again.id, again.repeats) == (first.data, first.id, True)
    assert kept(house) == list(LEAD) * 2


async def test_a_repeat_without_as_of_keeps_the_first_instant() -> None:
    """Its own clock has moved on; the first answer stands."""
    house = leads()
    first = await house.flows.process(asked(lead(), key="k", as_of_given=False))
    later = {"as_of": NOON + 10**9, "asked_at": NOON + 10**9, "as_of_given": False}
    again = await house.flows.process(asked(lead(), key="k", **later))
    assert again.data == first.data


async def test_a_key_belongs_to_one_question() -> None:
    """Other facts, other steps, or a single decision under the key are refused."""
    house = leads()
    await house.flows.process(asked(lead(), key="k"))
    for facts, changes in ((NOBODY, {}), (lead(), {"steps": ("verify",)})):
        with pytest.raises(KeyReused):
            await house.flows.process(asked(facts, key="k", **changes))
    facts = KINDS["verify"].facts(lead=lead().lead)
    with pytest.raises(KeyReused):
        await house.decider.decide(Question(asked(NOBODY).id, "verify", facts, NOON, NOON, key="k"))


async def test_races_under_one_key_have_one_winner() -> None:
    """Whoever comes at the same time gets the same bytes."""
    house = leads()
    answers = await asyncio.gather(*(house.flows.process(asked(lead(), key="k")) for _ in range(9)))
    assert len({answer.data for answer in answers}) == 1
    assert kept(house) == list(LEAD)


async def test_a_dry_run_records_nothing() -> None:
    """It has no ids, and decides the same."""
    house = leads()
    answer = await house.lead(lead(), dry_run=True)
    assert answer.header.flow_id == ""
    assert {step.decision_id for step in answer.header.steps} == {""}
    assert answer.convert.header.decision_id == ""
    assert [step.outcome for step in answer.header.steps][-1] == "convert"
    assert kept(house) == []


async def test_what_is_wrong_with_a_late_step_keeps_the_early_ones_out_too() -> None:
    """All or none; the violation names the field of the request."""
    house = leads()
    with pytest.raises(BadQuestion) as refused:
        await house.lead(changed(convert__account__id="A1"))
    assert [one.field for one in refused.value.violations] == ["facts.convert.account.is_new"]
    assert kept(house) == []


async def test_violations_of_shared_facts_name_them_where_they_were_sent() -> None:
    """The lead is told once, so it is wrong once, there."""
    with pytest.raises(BadQuestion) as refused:
        await leads().lead(changed(lead__company__employees=-1))
    assert [one.field for one in refused.value.violations] == ["facts.lead.company.employees"]


async def test_what_the_flow_fills_in_may_not_be_sent() -> None:
    """Nor steps that do not exist, twice, or versions of steps that are not taken; all at once."""
    facts = lead()
    facts.score.lead.id = "other"
    facts.qualify.scores.fit = 1
    facts.convert.disposition = Disposition.DISPOSITION_SQL
    changes: Any = {
        "steps": ("score", "qualify", "convert", "qualify", "inspect"),
        "versions": {"verify": 1},
    }
    with pytest.raises(BadQuestion) as refused:
        await leads().lead(facts, **changes)
    assert [one.field for one in refused.value.violations] == [
        "options.steps[3]",
        "options.steps[4]",
        "options.rule_set_versions[0].kind",
        "facts.score.lead",
        "facts.qualify.scores",
        "facts.convert.disposition",
    ]


async def test_what_a_step_that_is_left_out_would_have_told_may_be_sent() -> None:
    """A caller with scores of its own leaves score out."""
    facts = lead()
    facts.qualify.scores.fit = 90
    facts.qualify.scores.composite = 90
    answer = await leads().lead(facts, steps=("qualify", "verify"))
    assert [step.kind for step in answer.header.steps] == ["verify", "qualify"]
    assert answer.header.stop == FlowStop.FLOW_STOP_COMPLETED
    assert not answer.HasField("score")


async def test_a_version_is_chosen_by_step() -> None:
    """The step decides by it, or says that there is none."""
    answer = await leads().lead(lead(), versions={"qualify": 3})
    assert answer.qualify.header.rule_set_version == 3
    with pytest.raises(Exception, match="no qualify@99"):
        await leads().lead(lead(), versions={"qualify": 99})


async def test_a_kind_without_rules_is_refused_before_anything_is_decided() -> None:
    """And not only for leads that come so far; the cure is to leave the step out."""
    house = House("verify", "score", "qualify")
    with pytest.raises(NotServed, match="no rules for route, convert"):
        await house.lead(NOBODY)
    answer = await house.lead(NOBODY, steps=("verify", "score", "qualify"))
    assert answer.header.stopped_after == "qualify"


async def test_every_flow_gets_a_turn_of_its_own() -> None:
    """The round robin is kept by the server: flows that race for a turn all end, in turns."""
    house = leads()
    answers = await asyncio.gather(*(house.lead(lead()) for _ in range(12)))
    owners = [answer.route.outcome.owner_id for answer in answers]
    assert (owners.count("ann"), owners.count("bob")) == (6, 6)
    versions = sorted(answer.route.outcome.cursor.version for answer in answers)
    assert versions == list(range(1, 13))
    for answer in answers:
        assert answer.convert.header.decision_id
    assert len(kept(house)) == 12 * len(LEAD)


async def test_a_caller_that_keeps_the_turn_hears_that_it_is_taken() -> None:
    """As with RouteLead; nothing is recorded of the flow that lost."""
    house = leads()
    facts = lead()
    facts.route.cursor.version = 0
    await house.lead(facts)
    with pytest.raises(TurnTaken):
        await house.lead(facts)
    assert kept(house) == list(LEAD)
    (routed,) = [d for d in house.journal._decisions.values() if d.turn is not None]
    assert routed.turn == Turn("round-robin/default", 1)


async def test_properties_of_ones_own_go_through_every_step() -> None:
    """Verify corrects the lead, and the next step still has what a CRM says of it besides."""
    house = House("verify", "score", properties="lead: {tier: {type: text, because: Theirs.}}\n")
    facts = lead()
    facts.lead.properties.update({"tier": "gold"})
    await house.lead(facts, steps=("verify", "score"))
    scored = next(d for d in house.journal._decisions.values() if d.kind == "score")
    known = KINDS["score"].facts.FromString(scored.facts)
    assert known.lead.properties["tier"] == "gold"
