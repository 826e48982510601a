"""The RPCs of flows, from request to question."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.model.errors import BadQuestion, DealgateError, Forbidden
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.v1.decision_pb2 import ExplainLevel
from dealgate.v1.flow_pb2 import FlowOptions, FlowVersion
from dealgate.v1.lead_flow_pb2 import LeadFlowFacts, ProcessLeadRequest, ProcessLeadResponse
from dealgate.v1.lead_pb2 import Lead
from dealgate.wire.calls import Call
from dealgate.wire.flowing import flow_call
from tests.wire.fakes import SteppingClock
from tests.wire.samples import NOON

FACTS = LeadFlowFacts(lead=Lead(id="L1"))


class Only:
    """A pass for some kinds."""

    name = "crm"

    def __init__(self, *kinds: str, tenant: str = "acme") -> None:
        self._kinds = kinds
        self.tenant = tenant

    def allows(self, kind: str) -> bool:
        """Whether it is one of them."""
        return kind in self._kinds

    def refused(self, error: DealgateError) -> None:
        """Note nothing."""

    async def note(self, decision_id: str) -> None:
        """Note nothing."""


async def asked(call: Call | None = None, facts: Any = FACTS, **options: Any) -> FlowQuestion:
    """Send a request, and return what it asks."""
    questions: list[FlowQuestion] = []

    async def process(question: FlowQuestion) -> FlowAnswer:
        questions.append(question)
        return FlowAnswer(question.id, b"", (), "completed")

    answer = flow_call(
        "process_lead",
        ProcessLeadRequest,
        ProcessLeadResponse,
        lambda: process,
        SteppingClock(),
    )
    request = ProcessLeadRequest(facts=facts, options=FlowOptions(**options) if options else None)
    assert await answer(request.SerializeToString(), call or Call()) == b""
    return questions[0]


async def test_a_plain_request_asks_for_every_step() -> None:
    """At the instant it came in; each step that may be taken has an id of its own."""
    question = await asked()
    assert (question.flow, question.facts, question.steps) == ("process_lead", FACTS, ())
    assert (question.as_of, question.asked_at, question.as_of_given) == (NOON, NOON, False)
    assert (question.tenant, question.key, question.violations) == ("default", None, ())
    assert len({question.id, *question.ids}) == 6


async def test_options_reach_the_question() -> None:
    """What the caller chooses arrives."""
    question = await asked(
        idempotency_key="k 1",
        as_of=Timestamp(seconds=7),
        rule_set_versions=[FlowVersion(kind="score", version=2)],
        explain=ExplainLevel.EXPLAIN_LEVEL_CONDITIONS,
        steps=["score"],
    )
    assert (question.key, question.as_of, question.as_of_given) == ("k 1", 7 * 10**9, True)
    assert (question.versions, question.steps, question.explain) == ({"score": 2}, ("score",), True)
    assert (await asked(dry_run=True)).dry_run


async def test_what_is_wrong_with_options_is_told_at_once() -> None:
    """Keys, instants, versions: each by its path."""
    versions = [FlowVersion(kind="score"), FlowVersion(kind="score", version=1)]
    question = await asked(
        idempotency_key="ü", as_of=Timestamp(nanos=-1), rule_set_versions=versions
    )
    assert {violation.field for violation in question.violations} == {
        "options.as_of",
        "options.idempotency_key",
        "options.rule_set_versions[0].version",
        "options.rule_set_versions[1].kind",
    }
    (violation,) = (await asked(idempotency_key="k", dry_run=True)).violations
    assert violation.field == "options.idempotency_key"
    with pytest.raises(BadQuestion, match="facts is required"):
        await asked(facts=None)


async def test_a_caller_needs_every_kind_of_the_steps_it_asks_for() -> None:
    """A flow is no way around access rules."""
    call = Call(held=Only("verify", "score"))
    assert (await asked(call, steps=["verify", "score"])).steps == ("verify", "score")
    with pytest.raises(Forbidden, match="qualify"):
        await asked(call)
