"""Decisions already taken, one by one and in pages."""

import dataclasses
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.model.decision import DecisionFilter
from dealgate.model.errors import BadQuestion
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.pages import continued, token
from tests.wire.conftest import House, refusal
from tests.wire.samples import NOON, qualify, score


async def listed(house: House, **conditions: Any) -> pb.ListDecisionsResponse:
    """List decisions."""
    return await house.decisions.ListDecisions(pb.ListDecisionsRequest(**conditions))


async def test_recorded_decision(house: House) -> None:
    """A decision is returned with the exact facts and the exact answer."""
    request = qualify("L1")
    reply = await house.leads.QualifyLead(request)
    wanted = pb.GetDecisionRequest(decision_id=reply.header.decision_id)
    record = (await house.decisions.GetDecision(wanted)).decision
    assert record.question.qualify.facts == request.facts
    assert record.answer.qualify == reply


async def test_unknown_decision(house: House) -> None:
    """An id that nobody was given is NOT_FOUND."""
    wanted = pb.GetDecisionRequest(decision_id="00000000-0000-7000-8000-000000000000")
    refused = await refusal(house.decisions.GetDecision(wanted))
    assert refused.code is grpc.StatusCode.NOT_FOUND
    assert "x-decision-id" not in refused.trailers


@pytest.mark.parametrize("text", ["", "L1", "00000000-0000-7000-8000-00000000000G", "0" * 32])
async def test_id_that_is_none(house: House, text: str) -> None:
    """What is no canonical UUID is refused as such."""
    refused = await refusal(house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=text)))
    assert refused.fields == ["decision_id"]


async def test_outline(house: House) -> None:
    """A listed decision has its outline, newest first."""
    await house.leads.ScoreLead(score("A"))
    newest = await house.leads.QualifyLead(qualify("B"))
    first, second = (await listed(house)).decisions
    assert (first.decision_id, first.kind, first.entity) == (
        newest.header.decision_id,
        "qualify",
        "lead/B",
    )
    assert (second.entity, second.rule_set_version, second.outcome) == ("lead/A", 1, "WARM")
    assert second.evaluated_at.ToNanoseconds() == NOON
    assert second.fired_rule_ids == ["warm"]


async def test_conditions_reach_the_journal(house: House) -> None:
    """Every condition is passed on, in the journal's terms."""
    await listed(
        house,
        entity="lead/00Q/5e",
        kind="score",
        rule_set_version=2,
        evaluated_from=Timestamp(seconds=1),
        evaluated_before=Timestamp(seconds=2, nanos=5),
        page_size=7,
    )
    assert house.records.asked == [
        DecisionFilter(
            tenant="default",
            entity="lead/00Q/5e",
            kind="score",
            version=2,
            decided_from=1_000_000_000,
            decided_before=2_000_000_005,
            limit=7,
        )
    ]


async def test_no_condition(house: House) -> None:
    """Without conditions all decisions of the tenant are listed, a hundred a page."""
    await listed(house)
    assert house.records.asked == [DecisionFilter(tenant="default", limit=100)]


@pytest.mark.parametrize(
    ("field", "conditions"),
    [
        ("entity", {"entity": "00Q5e"}),
        ("entity", {"entity": "lead/"}),
        ("kind", {"kind": "qualfy"}),
        ("kind", {"rule_set_version": 1}),
        ("rule_set_version", {"kind": "score", "rule_set_version": 0}),
        ("evaluated_from", {"evaluated_from": Timestamp(nanos=-1)}),
        ("evaluated_before", {"evaluated_before": Timestamp(seconds=1 << 60)}),
        ("page_size", {"page_size": -1}),
        ("page_size", {"page_size": 1001}),
        ("page_token", {"page_token": "????"}),
        ("page_token", {"page_token": "bm8gc2VhbA=="}),
    ],
)
async def test_bad_condition(house: House, field: str, conditions: dict[str, object]) -> None:
    """A condition that cannot be met is named, not met with an empty list."""
    refused = await refusal(listed(house, **conditions))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == [field]
    assert house.records.asked == []


async def test_pages(house: House) -> None:
    """Following the tokens visits every decision once, also if the page's size changes."""
    made = [(await house.leads.ScoreLead(score(f"L{n}"))).header.decision_id for n in range(7)]
    seen: list[str] = []
    page_token, sizes = "", iter([1, 2, 3, 1000])
    while not seen or page_token:
        page = await listed(house, kind="score", page_size=next(sizes), page_token=page_token)
        seen += [decision.decision_id for decision in page.decisions]
        page_token = page.next_page_token
    assert seen == made[::-1]


async def test_token_is_bound_to_its_list(house: House) -> None:
    """A token with other conditions, or another tenant, is refused."""
    for lead in ("A", "B"):
        await house.leads.ScoreLead(score(lead))
    page_token = (await listed(house, kind="score", page_size=1)).next_page_token
    assert (await refusal(listed(house, page_token=page_token))).fields == ["page_token"]
    request = pb.ListDecisionsRequest(kind="score", page_token=page_token)
    call = house.decisions.ListDecisions(request, metadata=(("dealgate-tenant", "acme"),))
    assert (await refusal(call)).fields == ["page_token"]


FILTERS = st.builds(
    DecisionFilter,
    tenant=st.sampled_from(["default", "acme"]),
    entity=st.none() | st.text(),
    kind=st.none() | st.text(),
    version=st.none() | st.integers(),
    decided_from=st.none() | st.integers(),
    limit=st.integers(1, 1000),
)


@settings(deadline=None)
@given(FILTERS, st.uuids().map(str), st.integers(1, 1000))
def test_token_leads_on(wanted: DecisionFilter, before: str, limit: int) -> None:
    """A token goes on below the decision it was made for, whatever the page's size."""
    resized = dataclasses.replace(wanted, limit=limit)
    assert continued(resized, token(wanted, before)) == dataclasses.replace(resized, before=before)


@settings(deadline=None)
@given(FILTERS, FILTERS, st.uuids().map(str))
def test_token_of_another_list(wanted: DecisionFilter, other: DecisionFilter, before: str) -> None:
    """A token is good for exactly the conditions it was made with."""
    same = dataclasses.replace(wanted, limit=1) == dataclasses.replace(other, limit=1)
    if same:
        continued(other, token(wanted, before))
    else:
        with pytest.raises(BadQuestion):
            continued(other, token(wanted, before))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_token_that_is_none(text: str) -> None:
    """No text of a stranger's making breaks the list."""
    with pytest.raises(BadQuestion):
        continued(DecisionFilter("default"), text)
