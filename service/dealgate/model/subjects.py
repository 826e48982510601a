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


def record_spans(messages: Messages, decision: Decision) -> Sequence[Sequence[Span]]:
    """Return what is personal in the facts, in the answer, and in the other arm's answer.

    Facts that are one JSON object as a whole have no field of their own that could be marked. Of
    bytes that are no such message everything is personal.
    """
    other = None if decision.trial is None else decision.trial.other
    walked = all_spans if messages.facts is DECLARED.facts else spans
    return (
        _spans(walked, messages.facts, decision.facts, decision.entity),
        _spans(spans, messages.answer, decision.answer, decision.entity),
        () if other is None else _spans(spans, messages.answer, other.answer, decision.entity),
    )


def subjects(messages: Messages, decision: Decision) -> Sequence[Entity]:
    """Return whom the record is about or names, each once: the entity first, others in order."""
    named = {decision.entity: None}
    for part in record_spans(messages, decision):
        named.update((span.owner, None) for span in part if span.owner is not None)
    return list(named)


def _spans(
    walked: Callable[[Descriptor, bytes, Entity], list[Span]],
    message: Descriptor,
    data: bytes,
    entity: Entity,
) -> Sequence[Span]:
    try:
        return walked(message, data, entity)
    except (ValueError, IndexError):
        return [Span(0, 0, len(data), entity)]
