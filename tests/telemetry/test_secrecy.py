"""No fact leaves by the side doors: telemetry, trailers, errors, logs."""

import logging

import pytest

from dealgate.model.errors import Unavailable
from dealgate.telemetry import names
from dealgate.v1 import decision_service_pb2 as pb
from tests.telemetry.conftest import Watched
from tests.telemetry.receiver import attributes
from tests.wire.conftest import Refusal, raw, refusal
from tests.wire.samples import qualify, score
from tests.wire.test_bulk import batch

CANARY = "canary-7f3a91"
BOOM = f"boom-{CANARY}"
DOWN = f"down-{CANARY}"


async def sing(watched: Watched) -> list[Refusal]:
    """Send the canary through every RPC, and return how the failing ones were refused."""
    house = watched.house
    house.decider.errors = {BOOM: ValueError(CANARY), DOWN: Unavailable("down", 1)}
    reply = await house.leads.ScoreLead(score(CANARY))
    await house.leads.QualifyLead(qualify(CANARY))
    asked = [pb.Question(score=score(lead)) for lead in (CANARY, BOOM, DOWN, "")]
    answers = await house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    assert CANARY not in str([answer.error for answer in answers.answers])
    async for batched in house.decisions.StreamDecide(iter([batch(CANARY, BOOM), batch()])):
        assert CANARY not in str([batched.error, *(one.error for one in batched.answers)])
    decision_id = reply.header.decision_id
    await house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=decision_id))
    await house.decisions.ListDecisions(pb.ListDecisionsRequest(entity=f"lead/{CANARY}"))
    return [
        await refusal(house.leads.ScoreLead(score(BOOM))),
        await refusal(house.leads.ScoreLead(score(DOWN))),
        await refusal(house.leads.ScoreLead(score(CANARY, rule_set_version=-1))),
        await refusal(raw(house, "LeadService/ScoreLead")(CANARY.encode())),
        await refusal(house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=CANARY))),
        await refusal(house.decisions.ListDecisions(pb.ListDecisionsRequest(entity=CANARY))),
    ]


async def test_canary(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """A fact's value is found in no span, metric, trailer, status, or log line."""
    caplog.set_level(logging.DEBUG)
    refusals = await sing(watched)
    receiver = await watched.settle()
    assert len(receiver.spans) > 15
    assert CANARY.encode() not in b"".join(receiver.raw)
    assert CANARY not in str(refusals)
    assert CANARY not in caplog.text


async def test_only_declared_names_leave(watched: Watched) -> None:
    """Every name sent is declared in `names`: what is not declared is not sent."""
    declared = {value for key, value in vars(names).items() if key.isupper()} - {names.SCOPE}
    await sing(watched)
    receiver = await watched.settle()
    for span in receiver.spans:
        events = {key for event in span.events for key in attributes(event.attributes)}
        assert set(attributes(span.attributes)) | events <= declared
    for metric in receiver.metrics:
        keys = {key for p in metric.histogram.data_points for key in attributes(p.attributes)}
        assert {metric.name} | keys <= declared
