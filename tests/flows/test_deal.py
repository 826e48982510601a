"""ProcessDeal: a deal's end in one call, by the rules we ship."""

from typing import Any

import pytest

from dealgate.model.errors import BadQuestion
from dealgate.v1.attribute_pb2 import AttributeFacts
from dealgate.v1.close_pb2 import CloseFacts, DealEnding
from dealgate.v1.deal_flow_pb2 import DealFlowFacts
from dealgate.v1.flow_pb2 import FlowStop
from dealgate.v1.gate_pb2 import LossReason
from dealgate.v1.handoff_pb2 import HandoffFacts
from dealgate.v1.inspect_pb2 import InspectFacts
from dealgate.v1.recognize_pb2 import RecognizeFacts
from tests.flows.asking import NOON, House, deal, deals
from tests.flows.newest import DEAL


async def facts_of(house: House, kind: str) -> Any:
    """Return what a step was decided by."""
    types: Any = (InspectFacts, CloseFacts, AttributeFacts, RecognizeFacts, HandoffFacts)
    message = next(one for one in types if one.DESCRIPTOR.name.lower().startswith(kind))
    recorded = house.journal._decisions.values()
    return message.FromString(next(one.facts for one in recorded if one.kind == kind))


async def test_a_deal_is_closed_attributed_recognized_and_handed_over_in_one_call() -> None:
    """Each step sees the deal as the steps before left it."""
    house = deals()
    answer = await house.deal(deal())
    assert [step.kind for step in answer.header.steps] == list(DEAL)
    assert answer.header.stop == FlowStop.FLOW_STOP_COMPLETED
    outcomes = [step.outcome for step in answer.header.steps]
    assert outcomes[1:5] == ["allow", "allow", "attributed", "scheduled"]
    closed = await facts_of(house, "close")
    assert closed.ending == DealEnding.DEAL_ENDING_WON
    assert (closed.opportunity.stage_name, closed.opportunity.probability) == ("Closed Won", 100)
    attributed = await facts_of(house, "attribute")
    assert attributed.opportunity.closed_at.ToNanoseconds() == NOON
    recognized = await facts_of(house, "recognize")
    assert (recognized.contract.id, recognized.contract.price.units) == ("K1", 24000)
    assert recognized.contract.signed_on.day == 31
    handed_over = await facts_of(house, "handoff")
    assert handed_over.contract.is_signed
    assert handed_over.contract.ends_on == answer.close.outcome.term_end_date


def changed(**changes: Any) -> DealFlowFacts:
    """Return the deal with other facts."""
    facts = deal()
    for path, value in changes.items():
        holder: Any = facts
        *above, name = path.split("__")
        for part in above:
            holder = getattr(holder, part)
        setattr(holder, name, value)
    return facts


@pytest.mark.parametrize(
    ("facts", "last", "stop"),
    [
        (changed(checklist__legal_reviewed=False), "advance", FlowStop.FLOW_STOP_BLOCKED),
        (changed(close__contract__credit_hold=True), "close", FlowStop.FLOW_STOP_BLOCKED),
        (
            changed(
                opportunity__stage_name="Id. Decision Makers",
                advance__target_stage="Perception Analysis",
            ),
            "advance",
            FlowStop.FLOW_STOP_STILL_OPEN,
        ),
        (
            changed(
                advance__target_stage="Closed Lost",
                closure__loss_reason=LossReason.LOSS_REASON_PRICE,
            ),
            "close",
            FlowStop.FLOW_STOP_LOST,
        ),
        (
            changed(advance__target_stage="Negotiation/Review"),
            "advance",
            FlowStop.FLOW_STOP_NO_CHANGE,
        ),
    ],
)
async def test_a_flow_stops_where_an_outcome_says_so(
    facts: DealFlowFacts, last: str, stop: FlowStop.ValueType
) -> None:
    """A shut gate, an open deal and a lost one go no further; a lost one is closed as lost."""
    house = deals()
    header = (await house.deal(facts)).header
    assert (header.stopped_after, header.stop) == (last, stop)
    if stop == FlowStop.FLOW_STOP_LOST:
        assert (await facts_of(house, "close")).ending == DealEnding.DEAL_ENDING_LOST


async def test_a_deal_that_was_won_before_goes_on() -> None:
    """The move has been made already: whoever asks again takes up there, without inspect."""
    won = changed(opportunity__stage_name="Closed Won")
    answer = await deals().deal(won, steps=DEAL[1:])
    assert answer.header.steps[0].outcome == "no_change"
    assert answer.header.stopped_after == "handoff"


async def test_a_step_can_be_left_out() -> None:
    """Without advance, the caller says how the deal ended; without attribution none is needed."""
    facts = changed(close__ending=DealEnding.DEAL_ENDING_WON)
    facts.opportunity.closed_at.FromNanoseconds(NOON)
    steps = ("close", "recognize", "handoff")
    answer = await deals().deal(facts, steps=steps)
    assert tuple(step.kind for step in answer.header.steps) == steps


async def test_rates_and_places_are_told_once() -> None:
    """Whoever reads them is given them: close the rates, hand over the place."""
    house, facts = deals(), changed(time_zone="America/Los_Angeles")
    facts.exchange_rates.base_currency_code = "EUR"
    facts.exchange_rates.day.CopyFrom(facts.close.contract.customer_signed_date)
    await house.deal(facts)
    assert (await facts_of(house, "close")).exchange_rates == facts.exchange_rates
    assert (await facts_of(house, "handoff")).time_zone == facts.time_zone
    facts.close.exchange_rates.base_currency_code = "EUR"
    facts.handoff.time_zone = "UTC"
    with pytest.raises(BadQuestion) as refused:
        await house.deal(facts)
    assert [one.field for one in refused.value.violations] == [
        "facts.close.exchange_rates",
        "facts.handoff.time_zone",
    ]


async def test_a_flow_is_about_one_deal() -> None:
    """What inspect alone reads of it stands in the only element of its list, without the deal."""
    house, facts = deals(), deal()
    facts.inspect.deals.add(owner_is_active=True)
    await house.deal(facts, steps=("inspect",))
    inspected = await facts_of(house, "inspect")
    assert (inspected.id, inspected.deals[0].opportunity.id) == ("O1", "O1")
    assert inspected.deals[0].owner_is_active
    facts.inspect.deals[0].opportunity.id = "O2"
    facts.inspect.deals.add()
    with pytest.raises(BadQuestion) as refused:
        await house.deal(facts)
    assert [one.field for one in refused.value.violations] == [
        "facts.inspect.deals",
        "facts.inspect.deals[0].opportunity",
    ]
    with pytest.raises(BadQuestion) as refused:
        await house.deal(changed(opportunity__amount__units=-1))
    assert {one.field for one in refused.value.violations} == {"facts.opportunity.amount"}
