"""AssessImpact, as its callers see it."""

import grpc

from dealgate.v1 import impact_pb2 as pb
from tests.wire.conftest import House, refusal


async def test_an_impact_comes_at_the_end_of_a_stream(house: House) -> None:
    """First how far it is, then the impact on the caller's own decisions."""
    asked = pb.AssessImpactRequest(kind="qualify", rule_set_version=3)
    stream = house.rules.AssessImpact(asked, metadata=(("dealgate-tenant", "acme"),))
    answers = [answer async for answer in stream]
    assert [answer.decisions for answer in answers] == [1, 2]
    assert [answer.HasField("impact") for answer in answers] == [False, True]
    assert answers[-1].impact.new_rule_set == "qualify of acme"


async def test_everything_wrong_is_told_at_once(house: House) -> None:
    """No kind, no version, numbers out of bounds: each by its field."""
    asked = pb.AssessImpactRequest(
        kind="astrology", against_version=0, sample_size=-1, window_days=99_999
    )
    stream = house.rules.AssessImpact(asked)
    refused = await refusal(stream.read())
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == [
        "kind",
        "rule_set_version",
        "against_version",
        "sample_size",
        "window_days",
    ]
