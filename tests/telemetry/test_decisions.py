"""The span and duration of each decision."""

import dataclasses
import hmac
from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.proto.trace.v1 import trace_pb2

from dealgate.decide import alone
from dealgate.model.answer import Answers
from dealgate.model.challengers import Challenger
from dealgate.model.decision import (
    AnyEvidence,
    Conclusion,
    Decision,
    Evidence,
    Failed,
    Fired,
    Question,
    Trial,
)
from dealgate.model.decision import Undecided as NotDecided
from dealgate.model.errors import (
    DealgateError,
    KeyReused,
    NotReleased,
    Overloaded,
    RulesFailed,
    Unavailable,
    UnknownRuleSet,
)
from dealgate.telemetry.setup import Telemetry
from dealgate.v1 import decision_pb2
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import uuid7
from tests.telemetry.conftest import Watched, observing
from tests.telemetry.receiver import Receiver, attributes
from tests.unrecorded import one_by_one
from tests.wire.conftest import refusal
from tests.wire.samples import NOON, SCORE, WARM, qualify, ruleset, score

UNSET, ERROR = trace_pb2.Status.STATUS_CODE_UNSET, trace_pb2.Status.STATUS_CODE_ERROR
CONDITIONS = decision_pb2.ExplainLevel.EXPLAIN_LEVEL_CONDITIONS
SCORE_LEAD = "dealgate.v1.LeadService/ScoreLead"


async def test_decision_span(watched: Watched) -> None:
    """A decision's span is the RPC's child and says what was decided, by which rules, and why."""
    reply = await watched.house.leads.ScoreLead(score(explain=CONDITIONS))
    receiver = await watched.settle()
    (rpc,), (span,) = receiver.named(SCORE_LEAD), receiver.named("decide score")
    assert (span.trace_id, span.parent_span_id) == (rpc.trace_id, rpc.span_id)
    assert span.kind == trace_pb2.Span.SPAN_KIND_INTERNAL
    assert span.trace_id.hex() == reply.header.trace_id
    assert attributes(span.attributes) == {
        "dealgate.decision.id": reply.header.decision_id,
        "dealgate.decision.outcome": "warm",
        "dealgate.decision.mode": "live",
        "dealgate.decision.explained": True,
        "dealgate.decision.engine": "fake/1",
        "dealgate.tenant": "default",
        "dealgate.catalog.digest": "catalog-digest",
        "dealgate.ruleset.name": "score",
        "dealgate.ruleset.version": 1,
        "dealgate.ruleset.digest": f"{1:064x}",
        "dealgate.rule.id": "warm",
        "code.file.path": "rules/score/v1.yaml",
        "code.line.number": 7,
        "dealgate.rule.fired_ids": ["warm"],
        "dealgate.rule.fired_count": 1,
        "dealgate.rule.undecided_count": 0,
        "dealgate.rule.failed_count": 0,
        "dealgate.fact.missing_count": 1,
    }
    assert (span.status.code, len(span.events)) == (UNSET, 0)


async def test_frequent_decisions_say_what_the_first_one_did(watched: Watched) -> None:
    """From the second on they are written by a stencil: all but ids and times is the same."""
    for _ in range(3):
        await watched.house.leads.ScoreLead(score())
    receiver = await watched.settle()
    for name, own in ((SCORE_LEAD, set[str]()), ("decide score", {"dealgate.decision.id"})):
        spans = receiver.named(name)
        told = [attributes(span.attributes) for span in spans]
        assert len({span.span_id for span in spans}) == len(told) == 3
        assert len({str({k: v for k, v in one.items() if k not in own}) for one in told}) == 1
        assert {(span.flags, span.kind) for span in spans} == {(spans[0].flags, spans[0].kind)}
    events = receiver.events("dealgate.decision.evaluated")
    decided = {span.span_id: attributes(span.attributes) for span in receiver.named("decide score")}
    assert {event.span_id: attributes(event.attributes) for event in events} == decided


async def test_decision_duration(watched: Watched) -> None:
    """A decision's duration is counted by rule set, version and outcome."""
    for _ in range(3):
        await watched.house.leads.ScoreLead(score())
    metric = (await watched.settle()).metric("dealgate.decision.duration")
    (point,) = metric.histogram.data_points
    assert (metric.unit, point.count, len(point.explicit_bounds)) == ("s", 3, 12)
    assert attributes(point.attributes) == {
        "dealgate.ruleset.name": "score",
        "dealgate.ruleset.version": 1,
        "dealgate.decision.outcome": "warm",
        "dealgate.decision.mode": "live",
    }


async def test_trace_id_is_recorded(watched: Watched) -> None:
    """The journal keeps the trace id of the call that decided."""
    reply = await watched.house.leads.ScoreLead(score())
    (decision,) = watched.house.records.kept
    (span,) = (await watched.settle()).named("decide score")
    assert decision.trace_id == reply.header.trace_id == span.trace_id.hex()


async def test_repeat_is_marked(watched: Watched) -> None:
    """An idempotent repeat has a span of its own, marked, under the first decision's id."""
    request = score(idempotency_key="k")
    first = await watched.house.leads.ScoreLead(request)
    await watched.house.leads.ScoreLead(request)
    spans = (await watched.settle()).named("decide score")
    one, two = (attributes(span.attributes) for span in spans)
    assert (one["dealgate.decision.mode"], two["dealgate.decision.mode"]) == ("live", "repeat")
    assert one["dealgate.decision.id"] == two["dealgate.decision.id"] == first.header.decision_id


async def test_a_small_batch_has_a_span_for_each_question(watched: Watched) -> None:
    """The decisions of a batch are children of its span, failed ones too."""
    asked = [pb.Question(score=score("A")), pb.Question(qualify=qualify("")), pb.Question()]
    await watched.house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    receiver = await watched.settle()
    (rpc,) = receiver.named("dealgate.v1.DecisionService/BatchDecide")
    (whole,) = receiver.named("decide batch")
    assert whole.parent_span_id == rpc.span_id
    assert attributes(whole.attributes) == {
        "dealgate.batch.size": 2,
        "dealgate.batch.failed_count": 1,
        "dealgate.batch.unshown_count": 0,
    }
    below = [s for s in receiver.spans if s is not rpc and s is not whole]
    decisions = {s.name: attributes(s.attributes) for s in below}
    assert {s.parent_span_id for s in below} == {whole.span_id}
    assert decisions["decide score"]["dealgate.decision.outcome"] == "warm"
    assert decisions["decide qualify"]["error.type"] == "BadQuestion"
    assert len(decisions) == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownRuleSet("none"), UNSET),
        (NotReleased("score@3", "is a draft"), UNSET),
        (KeyReused("another body"), UNSET),
        (Overloaded("full", 1), UNSET),
        (RulesFailed("score@1", "warm: divide by zero"), ERROR),
        (Unavailable("down", 1), ERROR),
    ],
)
async def test_refusal(watched: Watched, error: DealgateError, status: int) -> None:
    """A refusal is counted by its name; it is an error only if the fault is ours."""
    watched.house.decider.errors["L1"] = error
    await refusal(watched.house.leads.ScoreLead(score()))
    receiver = await watched.settle()
    (span,) = receiver.named("decide score")
    name = type(error).__name__
    assert attributes(span.attributes)["error.type"] == name
    assert "dealgate.decision.outcome" not in attributes(span.attributes)
    assert (span.status.code, span.status.message, len(span.events)) == (status, "", 0)
    (point,) = receiver.metric("dealgate.decision.duration").histogram.data_points
    assert attributes(point.attributes) == {
        "dealgate.ruleset.name": "score",
        "dealgate.decision.mode": "live",
        "error.type": name,
    }


async def test_crash_is_recorded_once_without_its_text(watched: Watched) -> None:
    """An error that is not ours is recorded with its type and its frames, once."""
    watched.house.decider.errors["L1"] = ValueError("jane@example.com")
    await refusal(watched.house.leads.ScoreLead(score()))
    receiver = await watched.settle()
    (rpc,), (span,) = receiver.named(SCORE_LEAD), receiver.named("decide score")
    assert attributes(rpc.attributes)["error.type"] == "INTERNAL"
    assert (rpc.status.code, len(rpc.events), span.status.code) == (ERROR, 0, ERROR)
    (event,) = span.events
    recorded = attributes(event.attributes)
    assert (event.name, recorded["exception.type"]) == ("exception", "builtins.ValueError")
    assert "fakes.py" in recorded["exception.stacktrace"]
    assert recorded["exception.message"] == "withheld"


def question(**changes: Any) -> Question:
    """Return a question that came in at noon."""
    facts = score().facts
    asked = Question(id=uuid7(NOON), kind="score", facts=facts, as_of=NOON, asked_at=NOON)
    return dataclasses.replace(asked, **changes)


def decision(asked: Question, evidence: AnyEvidence) -> Decision:
    """Return the decision that follows from `evidence`."""
    conclusion = Conclusion(SCORE.response().outcome, "WARM")  # type: ignore[attr-defined]
    return Answers(SCORE, ruleset(), "fake/1").answered(asked, evidence, conclusion)


async def test_evidence_is_counted(telemetry: Telemetry, receiver: Receiver) -> None:
    """However many rules fire, a span names 32 of them, and counts them all."""
    fired = [Fired(dataclasses.replace(WARM, id=f"r{index}")) for index in range(100)]
    undecided = [NotDecided(WARM, ("a",))] * 2
    evidence = Evidence(fired, undecided, [Failed(WARM, "overflow")] * 3, ("a", "b", "c", "d"))

    async def decide(asked: Question) -> Decision:
        return decision(asked, evidence)

    await alone(observing(one_by_one(decide), telemetry))(question())
    await telemetry.stop(20)
    found = attributes(receiver.spans[0].attributes)
    assert found["dealgate.rule.fired_ids"] == [f"r{index}" for index in range(32)]
    assert found["dealgate.rule.fired_count"] == 100
    assert found["dealgate.rule.undecided_count"] == 2
    assert found["dealgate.rule.failed_count"] == 3
    assert found["dealgate.fact.missing_count"] == 4


async def test_dry_run(telemetry: Telemetry, receiver: Receiver) -> None:
    """A dry run is told apart, under no decision's id: its own is in no journal."""

    async def decide(asked: Question) -> Decision:
        return decision(asked, Evidence())

    await alone(observing(one_by_one(decide), telemetry))(question(dry_run=True))
    await telemetry.stop(20)
    found = attributes(receiver.spans[0].attributes)
    assert found["dealgate.decision.mode"] == "dry_run"
    assert "dealgate.decision.id" not in found
    assert "dealgate.question.id" in found
    (point,) = receiver.metric("dealgate.decision.duration").histogram.data_points
    assert attributes(point.attributes)["dealgate.decision.mode"] == "dry_run"


async def test_a_challenger_is_told_apart(telemetry: Telemetry, receiver: Receiver) -> None:
    """Beside the champion it has a span, an event and a duration of its own, below the answer's."""
    tried = Challenger(2, "", "q4", None, 5000, Decimal("0.01"), 90)

    async def decide(asked: Question) -> Decision:
        champion = decision(asked, Evidence())
        other = dataclasses.replace(champion, version=2, outcome="COLD")
        trial = Trial(tried, champion.version, is_challenged=False, other=other)
        return dataclasses.replace(champion, trial=trial)

    await alone(observing(one_by_one(decide), telemetry))(question())
    await telemetry.stop(20)
    spans = {attributes(span.attributes)["dealgate.decision.mode"]: span for span in receiver.spans}
    assert set(spans) == {"live", "challenger"}
    assert spans["challenger"].parent_span_id == spans["live"].span_id
    assert attributes(spans["challenger"].attributes)["dealgate.ruleset.version"] == 2
    events = [attributes(one.attributes) for one in receiver.events("dealgate.decision.evaluated")]
    assert [one["dealgate.decision.mode"] for one in events] == ["live", "challenger"]
    points = receiver.metric("dealgate.decision.duration").histogram.data_points
    assert len(points) == 2


async def test_no_empty_lists(telemetry: Telemetry, receiver: Receiver) -> None:
    """What did not happen is left out: tools refuse empty lists, with all spans around them."""

    async def decide(asked: Question) -> Decision:
        return decision(asked, Evidence())

    await alone(observing(one_by_one(decide), telemetry))(question())
    await telemetry.stop(20)
    assert [] not in attributes(receiver.spans[0].attributes).values()
    assert [] not in attributes(receiver.logs[0].attributes).values()


async def test_a_large_batch_has_few_spans_and_all_events(
    telemetry: Telemetry, receiver: Receiver
) -> None:
    """Of 100 decisions 16 have a span, the failed one first; each has its log event."""
    asked = [question(id=uuid7(NOON + index)) for index in range(100)]

    async def decide(one: Question) -> Decision:
        if one is asked[70] or one.id == asked[70].id:
            raise Overloaded("full", 1)
        return decision(one, Evidence())

    await observing(one_by_one(decide), telemetry)(asked)
    await telemetry.stop(20)
    (whole,) = receiver.named("decide batch")
    below = receiver.named("decide score")
    assert attributes(whole.attributes)["dealgate.batch.unshown_count"] == 84
    assert len(below) == 16
    assert sum("error.type" in attributes(span.attributes) for span in below) == 1
    events = [attributes(one.attributes) for one in receiver.events("dealgate.decision.evaluated")]
    ids = {one.get("dealgate.decision.id") or one["dealgate.question.id"] for one in events}
    assert ids == {one.id for one in asked}
    assert {one.trace_id for one in receiver.logs} == {whole.trace_id}


async def test_the_subject_is_a_keyed_pseudonym(telemetry: Telemetry, receiver: Receiver) -> None:
    """Who has the key finds every decision about a lead; nobody else learns which lead it was."""

    async def decide(asked: Question) -> Decision:
        return decision(asked, Evidence())

    key = b"0123456789abcdef"
    await alone(observing(one_by_one(decide), telemetry, key))(question())
    await telemetry.stop(20)
    subject = str(SCORE.entity_of(question().facts))
    expected = hmac.new(key, subject.encode(), "sha256").hexdigest()[:32]
    told = attributes(receiver.spans[0].attributes)
    assert told["dealgate.subject.pseudonym"] == expected
    assert subject.encode() not in b"".join(receiver.raw)
