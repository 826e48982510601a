"""What an event asks or reports: a question, a flow, or facts, under the event's key."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from dealgate.inbox.from_json import parse_json
from dealgate.inbox.incoming import Incoming, parsed
from dealgate.inbox.port import Rejected
from dealgate.inbox.telling import Told, told_by_json, told_by_protobuf
from dealgate.v1.deal_flow_pb2 import ProcessDealRequest
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest

Asks: TypeAlias = Question | ProcessLeadRequest | ProcessDealRequest
Request: TypeAlias = Asks | Told

NO_QUESTION: Final = "NO_QUESTION"
# Flows by the name that JSON data give them, as a question names its kind.
FLOWS: Final[Mapping[str, type[ProcessLeadRequest | ProcessDealRequest]]] = {
    "process_lead": ProcessLeadRequest,
    "process_deal": ProcessDealRequest,
}
CAMEL: Final = {"processLead": "process_lead", "processDeal": "process_deal"}
# The field of a question by the request that it holds: such a request is a question, too.
REQUESTS: Final = {
    field.message_type.full_name: field.name
    for field in Question.DESCRIPTOR.fields
    if field.message_type is not None
}


@dataclass(frozen=True, slots=True)
class InboxQuestion:
    """A question to the server, or facts. Those of one `partition` stay in order."""

    event: Incoming
    request: Request

    @property
    def partition(self) -> str:
        """What must stay in order: all about one subject; an event without is alone."""
        return f"{self.event.source}\0{self.event.subject or self.event.id}"


def asked_by(event: Incoming) -> InboxQuestion:
    """Return what an event asks or tells; raises Rejected."""
    key = key_of(event)
    if event.is_json:
        data = parsed(event.data)
        told = told_by_json(event, data, key)
        return InboxQuestion(event, told) if told is not None else asked_as(event, _of_json(data))
    told = told_by_protobuf(event, key)
    return InboxQuestion(event, told) if told is not None else asked_as(event, _of_protobuf(event))


def asked_as(event: Incoming, request: Request) -> InboxQuestion:
    """Return the request under the key of the event, whatever key it had."""
    options(request).idempotency_key = key_of(event)
    return InboxQuestion(event, request)


def key_of(event: Incoming) -> str:
    """Return the idempotency key: the same for whatever repeats the event, and for nothing else."""
    named = f"{len(event.source)}:{event.source}{event.id}"
    return "ce-" + hashlib.sha256(named.encode()).hexdigest()


def options(request: Request) -> Any:
    """Return the options of what is asked."""
    asked: Any = request  # facts have none, and nobody asks for them
    if isinstance(request, Question):
        asked = getattr(request, request.WhichOneof("question") or "")
    return asked.options


def _of_json(data: object) -> Asks:
    if not isinstance(data, dict) or len(data) != 1:
        raise Rejected(NO_QUESTION, 'the data are one question: {"qualify": {"facts": {…}}}')
    ((name, held),) = data.items()
    flow = FLOWS.get(CAMEL.get(str(name), str(name)))
    try:
        if flow is not None:
            return cast("Asks", parse_json(held, flow))
        return _asked(parse_json(data, Question))
    except (json_format.ParseError, RecursionError) as error:
        raise Rejected(NO_QUESTION, f"the data are not a valid question: {error}") from error


def _of_protobuf(event: Incoming) -> Asks:
    schema = event.schema or Question.DESCRIPTOR.full_name
    flows = {flow.DESCRIPTOR.full_name: flow for flow in FLOWS.values()}
    request: Asks = flows[schema]() if schema in flows else Question()
    into: Message = request
    if schema in REQUESTS:
        into = getattr(request, REQUESTS[schema])
        into.SetInParent()
    elif schema not in {*flows, Question.DESCRIPTOR.full_name}:
        raise Rejected(NO_QUESTION, f"data of type {event.data_type} are not a question")
    try:
        into.MergeFromString(event.data)
    except DecodeError as error:
        raise Rejected(NO_QUESTION, f"the data are not a valid {schema}") from error
    return _asked(request) if isinstance(request, Question) else request


def _asked(question: Question) -> Question:
    if question.WhichOneof("question") is None:
        raise Rejected(NO_QUESTION, "the data ask nothing")
    return question
