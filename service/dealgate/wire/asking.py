"""From a decision request to a question, and from there to the decision."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from dealgate.decide import DecideAll
from dealgate.model.decision import Question
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import malformed
from dealgate.v1.decision_pb2 import DecisionOptions, ExplainLevel
from dealgate.v1.decision_service_pb2 import DecideRequest, DecideResponse
from dealgate.v1.flow_pb2 import FlowOptions
from dealgate.wire.arrival import Arrival, Arrive
from dealgate.wire.calls import Call, Unary, parsed
from dealgate.wire.untyped import read_untyped

# How to decide by the rules of this moment: whatever is asked of one result, one catalog answers.
Current: TypeAlias = Callable[[], DecideAll]

KEY = re.compile(r"[ -~]{1,128}")
SCOPE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def decision_call(
    kinds: Mapping[str, AnyKind], name: str, current: Current, arrive: Arrive
) -> Unary:
    """Return the RPC that decides by the kind of that name; it sends recorded bytes as they are."""

    async def answer(data: bytes, call: Call) -> bytes:
        call.allow(name)
        arrival = arrive()
        call.decision_id = arrival.id
        kind = kinds[name]  # imported, even if it has no rules here
        asked = question(kind, parsed(kind.request, data), arrival, call.tenant)
        (outcome,) = await current()((asked,))
        if isinstance(outcome, Exception):
            raise as_asked(outcome)
        # A dry run's id is in no journal: it would lead nowhere.
        call.decision_id = "" if asked.dry_run else outcome.id
        return outcome.answer

    return answer


def declared_call(kinds: Mapping[str, AnyKind], current: Current, arrive: Arrive) -> Unary:
    """Return the RPC that decides by the kind that its request names."""

    async def answer(data: bytes, call: Call) -> bytes:
        request = parsed(DecideRequest, data)
        call.allow(request.kind)
        arrival = arrive()
        call.decision_id = arrival.id
        asked = declared_question(kinds, request, arrival, call.tenant)
        (outcome,) = await current()((asked,))
        if isinstance(outcome, Exception):
            raise as_asked(outcome)
        call.decision_id = "" if asked.dry_run else outcome.id
        return as_declared(kinds, outcome.kind, outcome.answer)

    return answer


def declared_question(
    kinds: Mapping[str, AnyKind], request: DecideRequest, arrival: Arrival, tenant: str
) -> Question:
    """Read a question to a kind by its name; `kinds` are those that have code.

    Raises BadQuestion if there is no name, or the facts are not those of a kind with code.
    """
    if not request.kind:
        raise BadQuestion([Violation("kind", "is required; name the kind that is to decide")])
    kind = kinds.get(request.kind)
    if kind is None:
        return question(Named(request.kind), request, arrival, tenant)
    typed: Any = kind.request()
    typed.options.CopyFrom(request.options)
    if not request.HasField("options"):
        typed.ClearField("options")
    if request.HasField("facts"):
        read_untyped(request.facts, typed.facts)
    return question(kind, typed, arrival, tenant)


def as_declared(kinds: Mapping[str, AnyKind], name: str, answer: bytes) -> bytes:
    """Return a recorded answer as a DecideResponse: of a kind with code, as JSON."""
    kind = kinds.get(name)
    if kind is None:
        return answer
    typed: Any = kind.response.FromString(answer)
    response = DecideResponse(header=typed.header)
    response.outcome.update(MessageToDict(typed.outcome, preserving_proto_field_name=True))
    return response.SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of which the wire knows the name alone."""

    name: str


def as_asked(error: Exception, path: str = "") -> Exception:
    """Return the error with violations naming fields as the caller sees them, below `path`."""
    if not isinstance(error, BadQuestion):
        return error
    return BadQuestion(
        [Violation(path + in_request(v.field), v.description) for v in error.violations]
    )


def in_request(field: str) -> str:
    """Return the path in the request of a field of the facts; others are complete already."""
    return field if field == "facts" or field.startswith("options.") else f"facts.{field}"


def question(kind: AnyKind | Named, request: Message, arrival: Arrival, tenant: str) -> Question:
    """Read a decision request of any kind; what is wrong with it goes into `violations`."""
    message: Any = request
    if message.HasField("facts") and not message.HasField("options"):
        return Question(arrival.id, kind.name, message.facts, arrival.at, arrival.at, tenant=tenant)
    options: DecisionOptions = message.options
    violations = _violations(request, options)
    wrong = {violation.field for violation in violations}
    sound = {
        field.name for field, _ in options.ListFields() if f"options.{field.name}" not in wrong
    }
    return Question(
        id=arrival.id,
        kind=kind.name,
        facts=message.facts,
        as_of=nanoseconds(options.as_of) if "as_of" in sound else arrival.at,
        asked_at=arrival.at,
        as_of_given="as_of" in sound,
        version=options.rule_set_version if "rule_set_version" in sound else None,
        tenant=tenant,
        key=(options.idempotency_key or None) if "idempotency_key" in sound else None,
        explain=options.explain == ExplainLevel.EXPLAIN_LEVEL_CONDITIONS,
        dry_run=options.dry_run,
        scope=options.scope if "scope" in sound else None,
        as_sent=options.facts_as_sent,
        violations=tuple(violations),
    )


def _violations(request: Message, options: DecisionOptions) -> list[Violation]:
    violations = [Violation(f"options.{one.field}", one.description) for one in malformed(options)]
    if not request.HasField("facts"):
        violations.append(Violation("facts", "is required"))
    if options.HasField("rule_set_version") and options.rule_set_version < 1:
        violations.append(
            Violation("options.rule_set_version", "must be 1 or more; unset it for none")
        )
    if options.HasField("scope") and options.scope and not SCOPE.fullmatch(options.scope):
        violations.append(Violation("options.scope", "is not the name of a scope"))
    if options.HasField("idempotency_key"):
        violations += key_violations(options)
    return violations


def key_violations(options: DecisionOptions | FlowOptions) -> list[Violation]:
    """Return what is wrong with an idempotency key that is given."""
    key, path = options.idempotency_key, "options.idempotency_key"
    if options.dry_run:
        return [Violation(path, "must be empty in a dry run")] if key else []
    wrong = "must be 1 to 128 printable ASCII characters; unset it for none"
    return [] if KEY.fullmatch(key) else [Violation(path, wrong)]
