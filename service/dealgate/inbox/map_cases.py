"""The cases of a mapping file: payloads, and what becomes of them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from dealgate.inbox.consumer import DeliveryContents
from dealgate.inbox.map_shapes import CaseShape
from dealgate.inbox.mapping import Mapped, facts_of
from dealgate.inbox.port import Delivery
from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Items, Node, Scalar, below
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.validation import validated
from dealgate.v1.fact_service_pb2 import EntityFacts

Nothing = EntityFacts()
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
WORDS = {"true": True, "false": False}


def failed_cases(mapped: Mapped, document: Node) -> tuple[int, list[Fault]]:
    """Return how many cases there are, and a fault for each that does not hold."""
    cases = below(document, "cases")
    nodes = cases.items if isinstance(cases, Items) else ()
    faults: list[Fault] = []
    for node in nodes:
        shape = validated(node, CaseShape, faults)
        if shape is not None:
            faults += _faults(mapped, node, shape)
    return len(nodes), faults


def _faults(mapped: Mapped, node: Node, shape: CaseShape) -> Iterator[Fault]:
    payload = below(node, "payload")
    body = json.dumps(json_of(payload) if payload else None).encode()
    read = mapped.read(Delivery("application/json", {}, body))
    reason = read.rejection.reason if read.rejection else None
    said = f": {read.rejection.message}" if read.rejection else ""
    if reason != shape.rejected:
        text = f"case {shape.case}: " + (f"is rejected{said}" if reason else "is not rejected")
        yield node.fault(text, f"rejected: {reason}" if reason else "")
    elif shape.ignored and read.asked:
        yield node.fault(f"case {shape.case}: is not ignored")
    elif not shape.ignored and not shape.rejected:
        yield from _asked(node, shape, read)


def _asked(node: Node, shape: CaseShape, read: DeliveryContents) -> Iterator[Fault]:
    if not read.asked:
        yield node.fault(f"case {shape.case}: is ignored", "ignored: true, if it is to be")
        return
    asked = read.asked[0]
    for name, text in shape.event.items():
        told = getattr(asked.event, name, "") or asked.event.attributes.get(name, "")
        if told != text:
            yield node.fault(f"case {shape.case}: event.{name} is {told!r}, not {text!r}")
    cleared = sorted(getattr(asked.request, "entities", [Nothing])[0].cleared)
    if shape.cleared is not None and cleared != sorted(shape.cleared):
        told = ", ".join(cleared) or "nothing"
        yield (below(node, "cleared") or node).fault(f"case {shape.case}: {told} is cleared")
    expected, at = below(node, "facts"), below(node, "facts") or node
    if expected is not None:
        actual = facts_of(asked.request)
        faults: list[Fault] = []
        wanted = read_message(expected, type(actual)(), f"case {shape.case}", faults)
        yield from faults
        for path in different(wanted, actual, "facts"):
            yield at.fault(f"case {shape.case}: {path} differs")


def different(wanted: Any, actual: Any, path: str) -> Iterator[str]:
    """Yield the paths of what one message has and another has not; `actual` may have more."""
    for field, value in wanted.ListFields():
        held, at = getattr(actual, field.name), f"{path}.{field.name}"
        if isinstance(value, Message) and value.DESCRIPTOR.full_name.startswith("dealgate."):
            yield from different(value, held, at)
        elif field.is_repeated and len(value) == len(held) and isinstance(value[0], Message):
            for index, (item, other) in enumerate(zip(value, held, strict=True)):
                yield from different(item, other, f"{at}[{index}]")
        elif value != held:
            yield at


def json_of(node: Node) -> Any:
    """Return a document as JSON: what is quoted is text, and what is not may be more."""
    if isinstance(node, Fields):
        return {key.value: json_of(value) for key, value in node}
    if isinstance(node, Items):
        return [json_of(item) for item in node.items]
    return _scalar(node)


def _scalar(node: Scalar) -> Any:
    if node.null:
        return None
    if node.style == "" and node.value in WORDS:
        return WORDS[node.value]
    if node.style == "" and NUMBER.fullmatch(node.value):
        return json.loads(node.value) if not node.value.startswith("0") else node.value
    return node.value
