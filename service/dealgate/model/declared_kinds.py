"""A kind without code: what kind.yaml declares becomes an ordinary Kind.

Facts are sent, and outcomes answered, as JSON objects (`google.protobuf.Struct`), which is what the
journal keeps: names outlive the order of lines in a file. Rules, proofs and cases see messages.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from pydantic import ConfigDict, Field, create_model, model_validator

from dealgate.model.declaration import Declaration
from dealgate.model.declared_facts import DeclaredFacts
from dealgate.model.declared_folding import Folding, NoParameters
from dealgate.model.declared_messages import Group, add_message, read_into, sent_of
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.proofs import KindProofs
from dealgate.model.properties import NOTHING
from dealgate.model.vocabulary import DIGITS, FILES, PACKAGE, Vocabulary, registered
from dealgate.v1.decision_service_pb2 import DecideRequest, DecideResponse

PYTHON: Mapping[str, Any] = {"bool": bool, "int": int, "decimal": Decimal, "text": str, "enum": str}


def declared_kind(declaration: Declaration) -> AnyKind:
    """Return the kind; the same one for the same declaration, as long as somebody holds it."""
    name = "k" + hashlib.sha256(repr(declaration).encode()).hexdigest()[:DIGITS]
    known = registered(name, lambda: Vocabulary(NOTHING, name))
    kind: AnyKind | None = known.made.get("kind")
    if kind is None:
        kind = known.made["kind"] = _made(declaration, known)
    return kind


def _made(declaration: Declaration, known: Vocabulary) -> AnyKind:
    package = f"{PACKAGE}{known.name}.{declaration.name.replace('_', '')}"
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    file.dependency.extend(FILES)
    title = "".join(part.title() for part in declaration.name.split("_"))
    answered = declaration.answered
    names = [
        add_message(file, f"{title}Facts", declaration.facts, known.fields),
        add_message(file, f"{title}Outcome", answered, known.fields),
    ]
    known.pool.AddSerializedFile(file.SerializeToString())
    facts, outcome = (
        GetMessageClass(known.pool.FindMessageTypeByName(name.removeprefix("."))) for name in names
    )
    folding = Folding(declaration, outcome)
    kind: AnyKind = Kind(
        name=declaration.name,
        request=DecideRequest,
        response=DecideResponse,
        facts=facts,
        effect=_effect(title, declaration),
        parameters=NoParameters,
        entity=declaration.entity,
        check=lambda facts, parameters, as_of: way.admitted(facts, parameters, as_of, [].append)[1],
        conclude=folding.conclude,
        derive=lambda facts, _parameters, _as_of: way.seen(way.sent(facts)),
        proofs=KindProofs(stakes=folding.stakes, adds=folding.adds),
        widening=(way := DeclaredFacts(declaration, known, facts)),
        outcome=outcome,
        write_outcome=lambda message: _struct(sent_of(message, answered)),
        tells=declaration.told,
        read_outcome=lambda struct: _read_outcome(outcome, struct, answered),
    )
    way.base = kind
    return kind


def _read_outcome(outcome: type[Message], struct: Message, answered: Group) -> Message:
    """Read an outcome that was recorded; what the kind no longer has is left out."""
    message = outcome()
    read_into(message, struct, answered, [], "")
    return message


def _struct(sent: Mapping[str, Any]) -> bytes:
    struct = Struct()
    struct.update(sent)
    return struct.SerializeToString(deterministic=True)


def _effect(title: str, declaration: Declaration) -> Any:
    """Return what a rule may claim: any of the outcome's fields, at least one."""

    def some(self: Any) -> Any:
        if not self.model_fields_set:
            raise ValueError("claims nothing; claim a field of the outcome")
        return self

    fields: dict[str, Any] = {}
    weights = {name for split in declaration.splits.values() for name in split.among}
    for name, of in declaration.claimed.items():
        type_ = Literal[of.values] if of.values else PYTHON[of.type]
        least = 0 if name in weights else None
        fields[name] = (Annotated[type_ | None, Field(description=of.because, ge=least)], None)
    return create_model(
        f"{title}Effect",
        __config__=ConfigDict(extra="forbid", frozen=True),
        __validators__={"some": cast("Any", model_validator(mode="after")(some))},
        **fields,
    )
