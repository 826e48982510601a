"""Batches: BatchDecide and StreamDecide."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from dealgate.model.errors import KeyReused
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.bulk import Bulk
from dealgate.wire.calls import Call
from tests.wire.conftest import House, refusal
from tests.wire.fakes import MemoryRecords, ScriptedDecider, SteppingClock
from tests.wire.samples import KINDS, qualify, score
from tests.wire.test_calls import PATIENCE

RawStream: TypeAlias = "grpc.aio.StreamStreamMultiCallable[bytes, bytes]"

INVALID = grpc.StatusCode.INVALID_ARGUMENT.value[0]


def question(lead: str, **options: Any) -> pb.Question:
    """Return a question about a lead's score."""
    return pb.Question(score=score(lead, **options))


def batch(*leads: str, batch_id: str = "") -> pb.StreamDecideRequest:
    """Return a batch of such questions."""
    return pb.StreamDecideRequest(batch_id=batch_id, questions=[question(one) for one in leads])


def fields(status: Status) -> list[str]:
    """Return the fields that the violations in a status name."""
    bad = BadRequest()
    assert any(detail.Unpack(bad) for detail in status.details)
    return [one.field for one in bad.field_violations]


async def test_answers_of_any_kind(house: House) -> None:
    """Each question gets the answer of its own kind, in order, as the unary call would give."""
    asked = [pb.Question(qualify=qualify("Q1")), question("S1"), pb.Question(qualify=qualify("Q2"))]
    reply = await house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    assert [one.WhichOneof("answer") for one in reply.answers] == ["qualify", "score", "qualify"]
    kept = {decision.id: decision for decision in house.records.kept}
    for answer, entity in zip(reply.answers, ["lead/Q1", "lead/S1", "lead/Q2"], strict=True):
        message = getattr(answer, answer.WhichOneof("answer") or "")
        decision = kept[message.header.decision_id]
        assert str(decision.entity) == entity
        assert message.SerializeToString(deterministic=True) == decision.answer


async def test_ids_follow_the_order_of_the_questions(house: House) -> None:
    """Decision ids sort as the questions of a batch do."""
    asked = [question(f"L{index}") for index in range(256)]
    reply = await house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    ids = [answer.score.header.decision_id for answer in reply.answers]
    assert ids == sorted(ids)


async def test_errors_stay_with_their_question(house: House) -> None:
    """One bad question does not spoil the others; its error is the unary call's, placed."""
    house.decider.errors = {"R": KeyReused("another body"), "X": ValueError("jane@example.com")}
    asked = [question("A"), question("", rule_set_version=0), question("R"), pb.Question()]
    request = pb.BatchDecideRequest(questions=[*asked, question("X"), question("B")])
    answers = (await house.decisions.BatchDecide(request)).answers
    codes = [answer.error.code for answer in answers]
    assert codes == [0, INVALID, grpc.StatusCode.ALREADY_EXISTS.value[0], INVALID, 13, 0]
    assert sorted(fields(answers[1].error)) == [
        "questions[1].score.facts.lead.id",
        "questions[1].score.options.rule_set_version",
    ]
    assert fields(answers[3].error) == ["questions[3].question"]
    assert "jane" not in str(answers)
    assert [answer.WhichOneof("answer") for answer in answers if answer.error.code] == [None] * 4


async def test_error_of_a_question_names_its_decision(house: House) -> None:
    """An error in a batch carries the id that the unary call's trailer would."""
    reply = await house.decisions.BatchDecide(pb.BatchDecideRequest(questions=[question("")]))
    info = ErrorInfo()
    assert reply.answers[0].error.details[0].Unpack(info)
    assert info.metadata["decision_id"] == house.decider.questions[0].id


@pytest.mark.parametrize("count", [0, 257])
async def test_size_of_a_batch(house: House, count: int) -> None:
    """A batch of none or more than 256 is refused as a whole."""
    request = pb.BatchDecideRequest(questions=[question("L")] * count)
    refused = await refusal(house.decisions.BatchDecide(request))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == ["questions"]
    assert house.decider.questions == []


async def test_questions_of_a_batch_are_decided_together(house: House) -> None:
    """All questions are under way at once, so that the journal can commit them at once."""
    house.decider.waits = {"L0", "L1", "L2"}
    asked = [question(f"L{index}") for index in range(3)]
    waiting = asyncio.ensure_future(
        house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    )
    await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
    assert len(house.decider.questions) == 3
    house.decider.go_on.set()
    assert len((await waiting).answers) == 3


async def test_stream_answers_in_order(house: House) -> None:
    """Batches are answered one by one, in order, under their own ids."""
    call = house.decisions.StreamDecide(batch("A", "B", batch_id=f"b{n}") for n in range(20))
    replies = [reply async for reply in call]
    assert [reply.batch_id for reply in replies] == [f"b{n}" for n in range(20)]
    ids = [answer.score.header.decision_id for reply in replies for answer in reply.answers]
    assert len(ids) == 40
    assert ids == sorted(ids)


async def test_stream_survives_a_bad_batch(house: House) -> None:
    """A batch that is refused is answered with its error, and the stream goes on."""
    raw: RawStream = house.channel.stream_stream("/dealgate.v1.DecisionService/StreamDecide")
    sent = [batch(batch_id="none"), batch(*["L"] * 257, batch_id="many"), batch("L", batch_id="ok")]
    call = raw(one for one in [b"\x0a\xff", *(each.SerializeToString() for each in sent)])
    replies = [pb.StreamDecideResponse.FromString(data) async for data in call]
    assert [reply.batch_id for reply in replies] == ["", "none", "many", "ok"]
    assert [fields(reply.error) for reply in replies[:3]] == [
        ["request"],
        ["questions"],
        ["questions"],
    ]
    assert not replies[3].HasField("error")
    assert len(replies[3].answers) == 1


async def test_stream_without_a_batch(house: House) -> None:
    """A stream that ends at once is answered with nothing."""
    assert [reply async for reply in house.decisions.StreamDecide(iter(()))] == []


async def test_stream_of_a_bad_tenant(house: House) -> None:
    """A stream is refused as a whole if nobody can tell whose decisions it wants."""
    metadata = (("dealgate-tenant", "a b"),)
    # Without a message: gRPC's client reports one that it cannot send any more as INTERNAL.
    call = house.decisions.StreamDecide(metadata=metadata)
    assert (await refusal(call.read())).fields == ["metadata.dealgate-tenant"]


async def test_cancelled_stream_stops_work(house: House) -> None:
    """After a cancellation mid-stream, no further batch is decided."""
    house.decider.waits.add("slow")
    call = house.decisions.StreamDecide()
    await call.write(batch("A"))
    assert (await call.read()) is not grpc.aio.EOF
    await call.write(batch("slow"))
    await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
    call.cancel()
    await asyncio.wait_for(house.decider.cancelled.wait(), PATIENCE)
    assert [str(decision.entity) for decision in house.records.kept] == ["lead/A"]


async def test_stream_does_not_read_ahead(house: House) -> None:
    """The next batch is read only when the caller has taken the last answer."""
    read: list[str] = []

    async def requests() -> AsyncIterator[bytes]:
        for name in ("A", "B", "C"):
            read.append(name)
            yield batch(name).SerializeToString()

    replies = Bulk(KINDS, lambda: house.decider, SteppingClock()).stream(requests(), Call())
    for expected in (["A"], ["A", "B"], ["A", "B", "C"]):
        await anext(replies)
        assert read == expected
    assert [reply async for reply in replies] == []


async def test_one_catalog_answers_a_whole_batch() -> None:
    """How to decide is asked for once a batch; the next batch may be decided by other rules."""
    first, second = ScriptedDecider(MemoryRecords()), ScriptedDecider(MemoryRecords())
    deciders = iter([first, second])
    bulk = Bulk(KINDS, lambda: next(deciders), SteppingClock())
    asked = pb.BatchDecideRequest(questions=[question(f"L{index}") for index in range(9)])
    for _ in range(2):
        await bulk.batch(asked.SerializeToString(), Call())
    assert [len(decider.questions) for decider in (first, second)] == [9, 9]
