"""ExplainDecision, as its callers see it."""

import grpc
import pytest

from dealgate.v1 import explanation_pb2 as pb
from tests.wire.conftest import House, refusal
from tests.wire.samples import qualify

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(("asked", "given"), [(0, 5), (1, 1), (100, 100)])
async def test_a_recorded_decision_is_explained(house: House, asked: int, given: int) -> None:
    """By its id, with as many flips as the caller wants, or five."""
    reply = await house.leads.QualifyLead(qualify("L1"))
    wanted = pb.ExplainDecisionRequest(
        decision_id=reply.header.decision_id, flips_per_outcome=asked
    )
    explained = await house.decisions.ExplainDecision(wanted)
    assert (explained.outcome, len(explained.flips)) == ("WARM", given)


async def test_an_unknown_decision_is_not_explained(house: House) -> None:
    """An id that nobody was given is NOT_FOUND, as it is for GetDecision."""
    wanted = pb.ExplainDecisionRequest(decision_id=NOBODY)
    refused = await refusal(house.decisions.ExplainDecision(wanted))
    assert refused.code is grpc.StatusCode.NOT_FOUND


async def test_everything_wrong_is_told_at_once(house: House) -> None:
    """A bad id and a bad number are both named."""
    wanted = pb.ExplainDecisionRequest(decision_id="L1", flips_per_outcome=101)
    refused = await refusal(house.decisions.ExplainDecision(wanted))
    assert refused.fields == ["decision_id", "flips_per_outcome"]
