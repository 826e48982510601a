"""Flows: several decisions in one call, from request to question and back."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from google.protobuf.message import Message

from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.v1.decision_pb2 import ExplainLevel
from dealgate.v1.flow_pb2 import FlowOptions
from dealgate.wire.arrival import Arrive
from dealgate.wire.asking import key_violations
from dealgate.wire.calls import Call, Unary, parsed

# Takes something through a flow by one catalog.
Process: TypeAlias = Callable[[FlowQuestion], Awaitable[FlowAnswer]]
# How to do so by the rules of this moment.
CurrentProcess: TypeAlias = Callable[[], Process]


def flow_call(
    name: str,
    request: type[Message],
    response: type[Message],
    current: CurrentProcess,
    arrive: Arrive,
) -> Unary:
    """Return the RPC that asks the flow of this name; `response` has a field for each step."""
    kinds = [field.name for field in response.DESCRIPTOR.fields if field.name != "header"]

    async def answer(data: bytes, call: Call) -> bytes:
        asked = flow_question(name, parsed(request, data), kinds, arrive, call.tenant)
        for kind in asked.steps or kinds:
            call.allow(kind)
        return (await current()(asked)).data

    return answer


def flow_question(
    name: str, request: Any, kinds: Sequence[str], arrive: Arrive, tenant: str
) -> FlowQuestion:
    """Read the request of any flow; what is wrong with its options goes into `violations`."""
    if not request.HasField("facts"):
        raise BadQuestion([Violation("facts", "is required")])
    options: FlowOptions = request.options
    violations = _violations(options)
    wrong = {violation.field for violation in violations}
    arrival = arrive()
    as_of_given = options.HasField("as_of") and "options.as_of" not in wrong
    return FlowQuestion(
        id=arrival.id,
        flow=name,
        facts=request.facts,
        ids=[arrive().id for _ in kinds],
        as_of=nanoseconds(options.as_of) if as_of_given else arrival.at,
        asked_at=arrival.at,
        as_of_given=as_of_given,
        versions={pinned.kind: pinned.version for pinned in options.rule_set_versions},
        steps=tuple(options.steps),
        tenant=tenant,
        key=options.idempotency_key or None,
        explain=options.explain == ExplainLevel.EXPLAIN_LEVEL_CONDITIONS,
        dry_run=options.dry_run,
        violations=tuple(violations),
        as_sent=options.facts_as_sent,
    )


def _violations(options: FlowOptions) -> list[Violation]:
    violations = [Violation(f"options.{one.field}", one.description) for one in malformed(options)]
    if options.HasField("idempotency_key"):
        violations += key_violations(options)
    pinned = set[str]()
    for index, version in enumerate(options.rule_set_versions):
        path = f"options.rule_set_versions[{index}]"
        if version.version < 1:
            violations.append(Violation(f"{path}.version", "must be 1 or more"))
        if version.kind in pinned:
            violations.append(Violation(f"{path}.kind", "is named twice"))
        pinned.add(version.kind)
    return violations
