"""A stand-in for the service: a real gRPC server that does what a script says."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.wrappers_pb2 import Int32Value, StringValue
from google.rpc.status_pb2 import Status

from dealgate_client.v1 import (
    customer_service_pb2 as customers,
    decision_service_pb2 as decisions,
    fact_service_pb2 as facts,
    insight_service_pb2 as insights,
    lead_service_pb2 as leads,
    performance_service_pb2 as performance,
    pipeline_service_pb2 as pipeline,
    revenue_service_pb2 as revenue,
    rule_service_pb2 as rules,
)

CONTRACTS = (leads, performance, pipeline, revenue, customers, decisions, insights, rules, facts)
HEALTH = "grpc.health.v1.Health"
Step = Callable[[Any, grpc.ServicerContext], Message]


@dataclass(frozen=True)
class Received:
    """One call as it arrived."""

    method: str
    request: Any
    metadata: dict[str, str | bytes]
    seconds_left: float | None


class StandIn:
    """Answers every call of the contracts: by the next step of its script, else by default."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self.received: list[Received] = []
        self.script: deque[Step] = deque()
        self.called = threading.Event()
        self.cancelled = threading.Event()
        # One address: of two with one port, the other might be somebody else's, and be asked.
        self.server = grpc.server(ThreadPoolExecutor(8), options=(("grpc.so_reuseport", 0),))
        self.server.add_generic_rpc_handlers(tuple(self._handlers()))
        host = "localhost" if credentials else "127.0.0.1"  # certificates name the former
        port = (
            self.server.add_secure_port(f"{host}:0", credentials)
            if credentials
            else self.server.add_insecure_port(f"{host}:0")
        )
        self.target = f"{host}:{port}"
        self.server.start()

    def stop(self) -> None:
        """Stop at once; calls in flight are cancelled."""
        self.server.stop(None).wait()

    def then(self, *steps: Step) -> "StandIn":
        """Do these steps next, one a call."""
        self.script.extend(steps)
        return self

    def _handlers(self) -> Iterator[grpc.GenericRpcHandler]:
        for contract in CONTRACTS:
            for service in contract.DESCRIPTOR.services_by_name.values():
                methods = {method.name: self._handler(method) for method in service.methods}
                yield grpc.method_handlers_generic_handler(service.full_name, methods)
        check = grpc.unary_unary_rpc_method_handler(
            self._unary("Check", lambda _request: Int32Value(value=1)),
            StringValue.FromString,
            Int32Value.SerializeToString,
        )
        yield grpc.method_handlers_generic_handler(HEALTH, {"Check": check})

    def _handler(self, method: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
        read, write = request.FromString, response.SerializeToString
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(self._stream, read, write)
        if method.server_streaming and method.name == "WatchDecisions":
            return grpc.unary_stream_rpc_method_handler(self._watch, read, write)
        default = DEFAULTS.get(method.name, lambda _request: response())
        return grpc.unary_unary_rpc_method_handler(self._unary(method.name, default), read, write)

    def _unary(self, name: str, default: Callable[[Any], Message]) -> Step:
        def handle(request: Any, context: grpc.ServicerContext) -> Message:
            self._note(name, request, context)
            step = self.script.popleft() if self.script else None
            return step(request, context) if step else default(request)

        return handle

    def _stream(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Message]:
        context.send_initial_metadata(())  # it is taken up, as the real server says
        for request in requests:
            self._note("StreamDecide", request, context)
            if self.script:
                yield self.script.popleft()(request, context)
            else:
                answers = answer_all(request).answers
                yield decisions.StreamDecideResponse(batch_id=request.batch_id, answers=answers)

    def _watch(self, request: Any, context: grpc.ServicerContext) -> Iterator[Message]:
        """Send what each step returns, until one of them fails, or there is none."""
        self._note("WatchDecisions", request, context)
        while self.script:
            yield self.script.popleft()(request, context)

    def _note(self, name: str, request: Any, context: grpc.ServicerContext) -> None:
        context.add_callback(lambda: self._ended(context))
        metadata = dict(context.invocation_metadata())
        self.received.append(Received(name, request, metadata, context.time_remaining()))
        self.called.set()

    def _ended(self, context: Any) -> None:
        # A call that its own handler ended has a code; one that the caller left has none.
        if not context.code():
            self.cancelled.set()


# What a decision is about, by the first of these fields that its facts have.
SUBJECTS = ("lead", "opportunity", "contract", "plan")


def answer(question: Any) -> decisions.Answer:
    """Echo the subject's id where the answer names its decision."""
    kind = question.WhichOneof("question")
    facts = getattr(question, kind).facts
    echoed = decisions.Answer()
    about = next(name for name in SUBJECTS if hasattr(facts, name))
    subject = getattr(facts, about)
    getattr(echoed, kind).header.decision_id = f"decision-{subject.id}"
    return echoed


def answer_all(request: Any) -> decisions.BatchDecideResponse:
    """Answer every question."""
    return decisions.BatchDecideResponse(answers=[answer(asked) for asked in request.questions])


DEFAULTS: dict[str, Callable[[Any], Message]] = {
    "BatchDecide": answer_all,
    "ScoreLead": lambda r: answer(decisions.Question(score=r)).score,
    "QualifyLead": lambda r: answer(decisions.Question(qualify=r)).qualify,
    "AdvanceStage": lambda r: answer(decisions.Question(advance=r)).advance,
    "CloseDeal": lambda r: answer(decisions.Question(close=r)).close,
    "TrackQuota": lambda r: answer(decisions.Question(quota=r)).quota,
    "RecognizeRevenue": lambda r: answer(decisions.Question(recognize=r)).recognize,
    "AttributeRevenue": lambda r: answer(decisions.Question(attribute=r)).attribute,
}


def reply(message: Message) -> Step:
    """Answer with `message`."""
    return lambda _request, _context: message


def fail(code: grpc.StatusCode, *details: Message, trailers: tuple[Any, ...] = ()) -> Step:
    """Fail with this status, these rich details and these trailers."""

    def step(_request: Any, context: grpc.ServicerContext) -> NoReturn:
        number: int = code.value[0]
        status = Status(code=number, message=f"as scripted: {code.name}")
        for detail in details:
            status.details.add().Pack(detail)
        packed = ("grpc-status-details-bin", status.SerializeToString())
        context.set_trailing_metadata((packed, *trailers))
        context.abort(code, status.message)

    return step


def hang(_request: Any, context: grpc.ServicerContext) -> NoReturn:
    """Answer nothing for as long as the call lives."""
    ended = threading.Event()
    if context.add_callback(ended.set):
        ended.wait()
    context.abort(grpc.StatusCode.CANCELLED, "it went away")
