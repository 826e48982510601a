"""Whom a recorded decision is about or names: lead, contacts, candidates, sellers."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.struct_pb2 import Struct

from dealgate.model.decision import Decision, Entity
from dealgate.model.fields import descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.model.personal import Span, all_spans, spans
from dealgate.v1.decision_service_pb2 import DecideResponse


class Messages(NamedTuple):
    """What a kind's facts, as they are sent and recorded, and its answers are."""

    facts: Descriptor
    answer: Descriptor


# Returns the messages of a kind by its name.
MessagesOf: TypeAlias = Callable[[str], Messages]
# Kinds that a rules folder declares: JSON objects, of which every value may be personal.
DECLARED = Messages(descriptor_of(Struct), descriptor_of(DecideResponse))


def messages_of(kind: AnyKind | None) -> Messages:
    """Return the messages of a kind; None: of one that a rules folder declares."""
    if kind is None:
        return DECLARED
    return Messages(descriptor_of(kind.sent_facts), descriptor_of(kind.response))


def facts_spans(messages: Messages, decision: Decision) -> list[Span]:
    """Return what is personal in the facts of a decision.

    Facts that are one JSON object as a whole have no field of their own that could be marked.
    """
    if messages.facts is DECLARED.facts:
        return all_spans(messages.facts, decision.facts, decision.entity)
    return spans(messages.facts, decision.facts, decision.entity)


def answer_spans(messages: Messages, answer: bytes, entity: Entity) -> list[Span]:
    """Return what is personal in an answer."""
    return spans(messages.answer, answer, entity)


def subjects(messages: Messages, decision: Decision) -> Sequence[Entity]:
    """Return whom the record is about or names, each once: the entity first, others in order."""
    named = {decision.entity: None}
    answers = [decision.answer]
    if decision.trial is not None and decision.trial.other is not None:
        answers.append(decision.trial.other.answer)
    personal = facts_spans(messages, decision)
    for answer in answers:
        personal += answer_spans(messages, answer, decision.entity)
    named.update((span.owner, None) for span in personal if span.owner is not None)
    return list(named)
