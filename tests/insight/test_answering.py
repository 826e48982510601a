"""What may be asked, in which turn, and how much is read at most."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.aside.queues import WorkQueue
from dealgate.insight.answering import INSIGHTS, answered
from dealgate.insight.serving import Insights
from dealgate.insight.traffic import TooMuch, Traffic
from dealgate.insight.violations import violations
from dealgate.model.errors import BadQuestion
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1 import insight_service_pb2
from tests.insight.recording import Journal, at

KINDS = ("score", "qualify")
LATE, EARLY = Timestamp(seconds=2), Timestamp(seconds=1)
BAD: list[tuple[Any, list[tuple[str, str]]]] = [
    (
        pb.GetVelocityRequest(
            window=pb.InsightWindow(since=LATE, before=EARLY), currency_code="eur"
        ),
        [
            ("window.before", "must be after window.since"),
            (
                "currency_code",
                "is not an ISO 4217 currency code; write three capital letters such as EUR",
            ),
        ],
    ),
    (
        pb.GetLeadFunnelRequest(window=pb.InsightWindow(as_of=Timestamp(nanos=-1))),
        [("window.as_of", "is not a timestamp between the years 1 and 9999")],
    ),
    (
        pb.GetStageConversionRequest(stages=["New"]),
        [("stages", "must be 2 to 50 stages, in their order; unset: the rules'")],
    ),
    (
        pb.GetTimeInStageRequest(stages=["New", "", "New"]),
        [("stages[1]", "is empty or there twice"), ("stages[2]", "is empty or there twice")],
    ),
    (pb.GetRuleEffectivenessRequest(), [("kind", "is required")]),
    (
        pb.GetRuleEffectivenessRequest(kind="scores", rule_set_version=0),
        [
            ("kind", "is not a kind of decision; the kinds are: qualify, score"),
            ("rule_set_version", "must be 1 or more; unset it for any"),
        ],
    ),
]


@pytest.mark.parametrize(("request_", "wrong"), BAD, ids=range(len(BAD)))
def test_bad_requests(request_: Any, wrong: list[tuple[str, str]]) -> None:
    """All that is wrong is named at once, exactly."""
    assert [(one.field, one.description) for one in violations(request_, KINDS)] == wrong


def test_every_rpc_has_an_insight() -> None:
    """Each RPC of the contract is computed, with the message it is asked with.

    Versions are compared in foresight, which tells of experiments (assemble/comparisons.py).
    """
    (service,) = insight_service_pb2.DESCRIPTOR.services_by_name.values()
    asked = {method.name: method.input_type for method in service.methods}
    del asked["CompareVersions"]
    assert {name: one.request.DESCRIPTOR for name, one in INSIGHTS.items()} == asked


@pytest.mark.parametrize("name", INSIGHTS)
def test_an_insight_of_nothing_is_an_answer(name: str) -> None:
    """From an empty journal every insight answers, with what it rests on and no number."""
    data = answered(name, b"", Journal(), at(0))
    response = getattr(pb, f"{name}Response").FromString(data)
    assert response.basis.decisions == 0
    assert response.basis.formulas
    assert not response.basis.HasField("fresh_to")


def test_reading_is_bounded() -> None:
    """Beyond the limit the cure is told, not half an answer given."""
    journal = Journal()
    for number in range(3):
        journal.note("score", ("lead", f"L{number}"), 1)
    traffic = Traffic(journal, most=2)
    with pytest.raises(TooMuch, match="more than 2 decisions would have to be read"):
        list(traffic.of("score"))


async def test_stages_are_the_pipelines_unless_they_are_given() -> None:
    """What the rules say is asked for, each time anew; the last is the one that is won."""
    queue = WorkQueue("insight", where="thread", waiting=0)
    pipeline = ["New", "Won"]
    insights = Insights(queue, lambda _: Journal(), lambda: pipeline, KINDS)
    for stages, computed in (([], ["New"]), (["A", "B"], ["A"])):
        asked = pb.GetTimeInStageRequest(stages=stages)
        reply = await insights.answer("GetTimeInStage", asked, "t", 0)
        told = pb.GetTimeInStageResponse.FromString(reply)
        assert [one.stage for one in told.stages] == computed


def test_too_much_to_read_is_the_callers_to_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is named, with what to do."""
    journal = Journal()
    journal.note("score", ("lead", "L1"), 1)
    journal.note("score", ("lead", "L2"), 1)
    monkeypatch.setattr(Traffic.__init__, "__defaults__", (1,))
    request = pb.GetRuleEffectivenessRequest(kind="score").SerializeToString()
    with pytest.raises(BadQuestion) as caught:
        answered("GetRuleEffectiveness", request, journal, at(0))
    (violation,) = caught.value.violations
    assert violation.field == "window"
    assert "holds fewer" in violation.description
