"""The question that a signal asks when it fires: facts by expressions, the key is the signal's."""

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from dealgate.inbox.asking import FLOWS, Request, options
from dealgate.inbox.filling import Parts, fill
from dealgate.inbox.map_facts import FactsReader
from dealgate.language.frame import Frame
from dealgate.model.faults import Fault
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Node, below
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.messages import read_message
from dealgate.signals.contexts import Contexts
from dealgate.signals.file_shapes import AskShape
from dealgate.v1.decision_service_pb2 import Question

KINDS = frozenset(Question.DESCRIPTOR.fields_by_name) - {"declared"}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question: `request` has what is the same for every firing."""

    request: Request
    facts: Parts

    def asked(self, context: Message, at: int) -> Request:
        """Return what is asked at an instant (ns); raises Rejected if a fact fails."""
        request = type(self.request)()
        request.CopyFrom(self.request)  # type: ignore[arg-type]
        fill(facts_of(request), self.facts, Frame(context, {}))
        options(request).as_of.FromNanoseconds(at)
        return request


def facts_of(request: Any) -> Any:
    """Return the facts of a request."""
    if isinstance(request, Question):
        return getattr(request, request.WhichOneof("question") or "").facts
    return request.facts


def read_question(
    node: Node, shape: AskShape, contexts: Contexts, checker: ExpressionChecker, faults: list[Fault]
) -> FollowUp | None:
    """Return the question of a file; None if there is none such, and the fault is added."""
    request = _request(shape.kind)
    if request is None:
        hint = did_you_mean(shape.kind, {*KINDS, *FLOWS})
        at = below(node, "kind") or node
        faults.append(at.fault(f"ask.kind: '{shape.kind}' is not a kind or a flow", hint))
        return None
    facts = facts_of(request)
    given = below(node, "given")
    if given is not None:
        read_message(given, facts, "ask.given", faults)
    readable: Descriptor = contexts.fired.DESCRIPTOR  # type: ignore[assignment]
    reader = FactsReader(Expressions(checker, readable, faults), faults)
    parts = reader.parts(below(node, "facts"), facts.DESCRIPTOR, "ask.facts")
    return FollowUp(request, parts)


def _request(name: str) -> Request | None:
    if (flow := FLOWS.get(name)) is not None:
        return flow()
    if name not in KINDS:
        return None
    question = Question()
    getattr(question, name).SetInParent()
    return question
