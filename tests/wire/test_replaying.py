"""ReplayDecision, as its callers see it."""

import grpc

from dealgate.v1 import replay_pb2 as pb
from tests.wire.conftest import House, refusal
from tests.wire.samples import qualify

NOBODY = "00000000-0000-7000-8000-000000000000"


async def test_a_recorded_decision_is_replayed(house: House) -> None:
    """By its id: how it compares, in what, and what has changed since."""
    reply = await house.leads.QualifyLead(qualify("L1"))
    wanted = pb.ReplayDecisionRequest(decision_id=reply.header.decision_id)
    replayed = await house.decisions.ReplayDecision(wanted)
    assert replayed.verdict == pb.REPLAY_VERDICT_CHANGED
    assert (replayed.recorded_outcome, replayed.outcome) == ("WARM", "HOT")
    assert list(replayed.differing_fields) == ["header.engine"]
    assert list(replayed.changes) == [
        pb.ReplayChange(subject="engine", recorded="native/1", here="native/2")
    ]


async def test_what_is_not_there_is_not_replayed(house: House) -> None:
    """An id that nobody was given is NOT_FOUND; what is no id is named."""
    unknown = house.decisions.ReplayDecision(pb.ReplayDecisionRequest(decision_id=NOBODY))
    assert (await refusal(unknown)).code is grpc.StatusCode.NOT_FOUND
    bad = house.decisions.ReplayDecision(pb.ReplayDecisionRequest(decision_id="L1"))
    assert (await refusal(bad)).fields == ["decision_id"]
