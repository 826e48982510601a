"""No fact leaves by the side doors: telemetry, trailers, errors, logs."""

import json
import logging
from contextlib import suppress
from importlib.resources import files
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass

from dealgate.model.errors import Unavailable
from dealgate.telemetry import names
from dealgate.telemetry.metric import Metric
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


def marked(value: Any) -> Any:
    """Return the same with the canary in place of every text."""
    if isinstance(value, dict):
        return {key: marked(held) for key, held in value.items()}
    if isinstance(value, list):
        return [marked(held) for held in value]
    return CANARY if isinstance(value, str) else value


def parsed(method: MethodDescriptor, body: dict[str, Any]) -> bytes:
    """Return a request with as much of it as its fields take."""
    request = GetMessageClass(method.input_type)()
    for name, value in body.items():
        with suppress(json_format.ParseError):
            json_format.ParseDict({name: value}, request)
    data: bytes = request.SerializeToString()
    return data


async def test_no_rpc_tells_what_it_was_sent(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of them, with the canary in every text: kinds, keys, ids, reasons and facts."""
    caplog.set_level(logging.DEBUG)
    examples = json.loads(files("dealgate.front").joinpath("examples.json").read_text("utf-8"))
    for name, body in examples.items():
        service, _, rpc = name.partition(".")
        method = Default().FindServiceByName(f"dealgate.v1.{service}").methods_by_name[rpc]
        if method.server_streaming:
            continue
        for sent in (marked(body), {**body, "kind": CANARY}, {**body, "entity": CANARY}):
            with suppress(grpc.aio.AioRpcError):
                await raw(watched.house, f"{service}/{rpc}")(parsed(method, sent))
    receiver = await watched.settle()
    assert len({span.name for span in receiver.spans if "/" in span.name}) > 30
    assert CANARY.encode() not in b"".join(receiver.raw)
    assert CANARY not in caplog.text


METADATA = (
    ("tracestate", f"{CANARY}=1"),
    ("tracestate", f"vendor={CANARY}@example.com,ot=th:8"),
    ("tracestate", f"{CANARY} is not well formed"),
    ("traceparent", CANARY),
    ("baggage", f"lead={CANARY}"),
    ("b3", CANARY),
    ("x-b3-traceid", CANARY),
    ("user-agent", CANARY),
    ("authorization", f"Bearer {CANARY}"),
    ("dealgate-tenant", f"not a tenant {CANARY}"),
    (CANARY, CANARY),
)


@pytest.mark.parametrize("given", METADATA, ids=lambda given: given[0])
async def test_metadata_does_not_leave(
    watched: Watched, caplog: pytest.LogCaptureFixture, given: tuple[str, str]
) -> None:
    """Nothing that a caller writes into metadata is in a span, a log record, a metric or a log."""
    caplog.set_level(logging.DEBUG)
    parent = f"00-{'1' * 32}-{'2' * 16}-01"
    metadata = (given,) if given[0] == "traceparent" else (("traceparent", parent), given)
    call = watched.house.leads.ScoreLead(score(idempotency_key=CANARY), metadata=metadata)
    with suppress(grpc.aio.AioRpcError):
        await call
    receiver = await watched.settle()
    assert receiver.spans
    assert receiver.metrics
    assert CANARY.encode() not in b"".join(receiver.raw)
    assert CANARY not in caplog.text


async def test_only_declared_names_leave(watched: Watched) -> None:
    """Every name sent is declared in `names`: what is not declared is not sent."""
    constants = {value for key, value in vars(names).items() if key.isupper()}
    metrics = {value.name for value in constants if isinstance(value, Metric)}
    declared = {value for value in constants if isinstance(value, str)} | metrics
    await sing(watched)
    receiver = await watched.settle()
    for span in receiver.spans:
        events = {key for event in span.events for key in attributes(event.attributes)}
        assert set(attributes(span.attributes)) | events <= declared
    for metric in receiver.metrics:
        keys = {key for p in metric.histogram.data_points for key in attributes(p.attributes)}
        assert {metric.name} | keys <= declared
