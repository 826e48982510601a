"""A mapping file: read whole, as strictly as rules, with every fault at its place."""

import re
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from dealgate.inbox.asking import FLOWS, Asks
from dealgate.inbox.filling import Read, evaluator
from dealgate.inbox.map_facts import FactsReader
from dealgate.inbox.map_shapes import MapShape
from dealgate.inbox.mapping import Mapped, Template, facts_of
from dealgate.inbox.payload import TYPES, Keys, Payload, PayloadKey, payload_of
from dealgate.inbox.telling import ACTIVITY, ENTITIES
from dealgate.language.scope import AS_OF
from dealgate.model.faults import Fault
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Items, Node, Scalar, below, described
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import read_source
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.rulebook.validation import validated
from dealgate.rulebook.written import expression
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.fact_service_pb2 import EntityActivity, EntityFacts

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
KINDS = frozenset(Question.DESCRIPTOR.fields_by_name) - {"declared"}


def read_map(path: Path, checker: ExpressionChecker) -> tuple[Mapped, Node]:
    """Return what a file says, and the document; raises RulebookFaults."""
    faults: list[Fault] = []
    source = read_source(path, path.as_posix(), faults)
    document = None if source is None else read_yaml(source, faults)
    mapped = None if document is None else _mapped(document, checker, faults)
    if faults or mapped is None or document is None:
        raise RulebookFaults(faults)
    return mapped, document


def _mapped(document: Node, checker: ExpressionChecker, faults: list[Fault]) -> Mapped | None:
    shape = validated(document, MapShape, faults)
    template = None if shape is None else _template(document, shape, faults)
    payload = _payload(below(document, "payload"), faults)
    if shape is None or template is None or payload is None:
        return None
    facts = facts_of(template)
    given, mapped = below(document, "given"), below(document, "facts")
    if given is not None:
        read_message(given, facts, "given", faults)
    reader = _Reader(checker, payload, faults)
    parts = FactsReader(reader.expressions, faults).parts(mapped, facts.DESCRIPTOR, "facts")
    _check_told(document, shape, faults)
    return Mapped(
        request=template,
        payload=payload,
        event=dict(reader.attributes(below(document, "event"))),
        facts=parts,
        when=reader.read(below(document, "when"), "when", "bool"),
        as_of=reader.read(below(document, "as_of"), "as_of", "timestamp"),
        about=reader.read(below(document, "about"), "about", "string"),
        clears=shape.absent == "cleared",
    )


def _template(document: Node, shape: MapShape, faults: list[Fault]) -> Template | None:
    """Return an empty request, or what is empty of an entity; None if there is a fault."""
    if (shape.ask is None) == (shape.tell is None):
        text = "ask or tell is missing" if shape.ask is None else "ask and tell exclude each other"
        faults.append(document.fault(text, "ask: process_lead asks; tell: lead keeps facts"))
        return None
    if shape.ask is None:
        return _told(shape.tell or "")
    asked = _asked(shape.ask)
    if asked is None:
        node = below(document, "ask") or document
        hint = did_you_mean(shape.ask, {*KINDS, *FLOWS})
        faults.append(node.fault(f"ask: '{shape.ask}' is not a kind or a flow", hint))
    return asked


def _asked(name: str) -> Asks | None:
    """Return an empty request of this name."""
    flow = FLOWS.get(name)
    if flow is not None:
        return flow()
    if name not in KINDS:
        return None
    question = Question()
    getattr(question, name).SetInParent()
    return question


def _told(name: str) -> Template:
    if name == ACTIVITY:
        return EntityActivity()
    facts = EntityFacts()
    getattr(facts, name).SetInParent()
    return facts


def _check_told(document: Node, shape: MapShape, faults: list[Fault]) -> None:
    """Add a fault for each key that means nothing here, and for an entity that has no id."""
    is_entity = shape.tell in ENTITIES
    meaningless = {
        "as_of": shape.as_of is not None and shape.tell is not None,
        "about": shape.about is not None and shape.tell != ACTIVITY,
        "absent": shape.absent == "cleared" and not is_entity,
    }
    cures = {
        "as_of": "facts are known from when they arrive; leave it out",
        "about": "it is only allowed with tell: activity",
        "absent": "it is only allowed with tell: lead, company, opportunity or customer",
    }
    for key in (key for key, is_wrong in meaningless.items() if is_wrong):
        node = below(document, key) or document
        faults.append(node.fault(f"{key}: this means nothing here", cures[key]))
    if is_entity and "id" not in shape.facts:
        node = below(document, "facts") or document
        text = f"facts: a {shape.tell} needs an id"
        faults.append(node.fault(text, "write id: string(payload.objectId)"))


class _Reader:
    """Reads expressions over the payload."""

    def __init__(self, checker: ExpressionChecker, payload: Payload, faults: list[Fault]) -> None:
        context: Descriptor = payload.context.DESCRIPTOR  # type: ignore[assignment]
        self.expressions = Expressions(checker, context, faults)
        self._faults = faults

    def attributes(self, node: Node | None) -> Iterator[tuple[str, Read]]:
        for key, value in node if isinstance(node, Fields) else ():
            read = self.read(value, f"event.{key.value}", "string")
            if read is not None:
                yield key.value, read

    def read(self, node: Node | None, subject: str, type_: str) -> Read | None:
        if node is None:
            return None
        written = expression(node, subject, self._faults)
        typed = self.expressions.typed(written, subject, {}, type_) if written else None
        if written is not None and AS_OF in self.expressions.mentions(written):
            self._faults.append(written.fault(0, f"{subject}: {NO_CLOCK}", CLOCK_CURE))
        return None if typed is None else evaluator(typed)


NO_CLOCK = "as_of is the time of receipt, which differs when an event is repeated"
CLOCK_CURE = "read an instant of the payload, or timestamp(event.time)"


def _payload(node: Node | None, faults: list[Fault]) -> Payload | None:
    if node is None:
        return None  # the shape tells
    many = isinstance(node, Items)
    inner = _element(node, faults) if isinstance(node, Items) else node
    if not isinstance(inner, Fields):
        message = f"payload: keys and their types are expected here, not {described(node)}"
        faults.append(node.fault(message, "write id: int, and a line for each key"))
        return None
    before = len(faults)
    keys = _keys(inner, "payload", faults)
    return payload_of(keys, many=many) if len(faults) == before else None


def _keys(node: Fields, path: str, faults: list[Fault]) -> Keys:
    keys: dict[str, PayloadKey] = {}
    for key, value in node:
        if not KEY.fullmatch(key.value):
            message = f"{path}: '{key.value}' cannot be a name in an expression"
            faults.append(key.fault(message, "letters, digits and _ are; leave the others out"))
            continue
        part = _part(value, f"{path}.{key.value}", faults)
        if part is not None:
            keys[key.value] = part
    return keys


def _part(node: Node, path: str, faults: list[Fault], *, many: bool = False) -> PayloadKey | None:
    if isinstance(node, Items) and not many:
        inner = _element(node, faults)
        return None if inner is None else _part(inner, path, faults, many=True)
    if isinstance(node, Fields):
        return PayloadKey(_keys(node, path, faults), many)
    if isinstance(node, Scalar) and node.value in TYPES:
        return PayloadKey(node.value, many)
    said = f"'{node.value}'" if isinstance(node, Scalar) else described(node)
    hint = did_you_mean(node.value, TYPES) if isinstance(node, Scalar) else ", ".join(TYPES)
    faults.append(node.fault(f"{path}: {said} is not a type", hint))
    return None


def _element(node: Items, faults: list[Fault]) -> Node | None:
    if len(node.items) == 1:
        return node.items[0]
    faults.append(node.fault("a list has one element here: what its elements are", "[text]"))
    return None
