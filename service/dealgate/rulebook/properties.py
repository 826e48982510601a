"""properties.yaml: what a rules folder declares of leads, deals and others beyond the contracts."""

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeAlias

from google.protobuf import descriptor_pool
from pydantic import Field, create_model

from dealgate.model.faults import Fault
from dealgate.model.further_words import constant_of, extends
from dealgate.model.properties import ENTITIES, EXTENDED, NOTHING, Declared, Property
from dealgate.model.property_values import READERS, NotOfType, measure, read_text
from dealgate.model.vocabulary import CONTRACTS
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.scope import KEYWORDS
from dealgate.rulebook.shapes import Shape, Words
from dealgate.rulebook.validation import validated

PROPERTIES = "properties.yaml"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
WORD = NAME
VALUE = r"^[A-Za-z0-9]([A-Za-z0-9 _.&/+:-]{0,62}[A-Za-z0-9+])?$"
BOUNDED = ("int", "decimal", "money", "date", "instant", "duration")
TYPES = (*READERS, *(f"list({single})" for single in READERS))
# Adds a fault at a key: what is wrong, and the cure.
Wrong: TypeAlias = Callable[[str, str, str], None]


class PropertyShape(Shape):
    """One property."""

    type: Literal[TYPES] = Field(description="What its values are")  # type: ignore[valid-type]
    values: list[Annotated[str, Field(pattern=VALUE)]] = Field(
        [], description="What an enum may be", min_length=1
    )
    at_least: Words | None = Field(None, description="The least it may be")
    at_most: Words | None = Field(None, description="The most it may be")
    unit: str = Field("", description="What it is counted or measured in")
    personal: bool = Field(default=False, description="Whether it tells something about a person")
    fixed: bool = Field(
        default=False, description="Whether it cannot change: explanations suggest no other value"
    )
    absent: Words | None = Field(
        None, description="What it means if it is not sent; unset: it is unknown"
    )
    because: Words = Field(description="What it says, and where it comes from")


Listed = dict[str, PropertyShape]
PropertiesShape: Any = create_model(
    "PropertiesShape",
    __base__=Shape,
    __doc__="The whole file: properties by the name of what has them.",
    **{entity: (Listed, Field({}, description=f"Of each {entity}")) for entity in ENTITIES},  # type: ignore[call-overload]
)


def read_properties(document: Node, faults: list[Fault]) -> Declared:
    """Return what a file declares; nothing of what has faults, which are added."""
    before = len(faults)
    shape = validated(document, PropertiesShape, faults)
    for entity, name, node in _listed(document):
        _check_name(entity, name, faults)
        if shape is not None and isinstance(node, Fields):
            declared = getattr(shape, entity)[name.value]
            check_declared(f"{entity}.{name.value}", node, declared, faults)
            if extends(entity, name.value):
                _check_words(entity, name, node, declared, faults)
    if shape is None or len(faults) > before:
        return NOTHING
    return {
        entity: {name: property_of(name, property_) for name, property_ in listed.items()}
        for entity in ENTITIES
        if (listed := getattr(shape, entity))
    }


def _listed(document: Node) -> Iterator[tuple[str, Scalar, Node]]:
    for entity, listed in document if isinstance(document, Fields) else ():
        if entity.value in ENTITIES and isinstance(listed, Fields):
            for name, node in listed:
                yield entity.value, name, node


def _check_name(entity: str, name: Scalar, faults: list[Fault]) -> None:
    if not NAME.fullmatch(name.value):
        message = f"{entity}: '{name.value}' is not a valid name of a property"
        faults.append(name.fault(message, "write small letters, digits and _: partner_tier"))
    elif name.value in KEYWORDS:
        message = f"{entity}: '{name.value}' is a word of CEL, which no rule could read"
        faults.append(name.fault(message, "choose another name"))


def _check_words(
    entity: str, name: Scalar, node: Fields, shape: PropertyShape, faults: list[Fault]
) -> None:
    """Add a fault for what cannot add to an enum of the contracts, and each word it has already."""
    enum = EXTENDED[entity][name.value]
    subject = f"{entity}.{name.value}"
    if shape.type != "enum" or shape.absent is not None:
        message = f"{subject}: adds words to {enum}, so it is an enum without `absent`"
        faults.append(name.fault(message, "write {type: enum, values: [podcast], because: …}"))
        return
    known = {
        value.name
        for value in descriptor_pool.Default().FindEnumTypeByName(f"{CONTRACTS}{enum}").values
    }
    words = node.get("values")
    for word in words.items if isinstance(words, Items) else ():
        if not isinstance(word, Scalar):
            continue
        if not WORD.fullmatch(word.value):
            hint = "write small letters, digits and _: partner_webinar"
            faults.append(word.fault(f"{subject}: '{word.value}' is not a valid word", hint))
        elif constant_of(enum, word.value) in known:
            message = f"{subject}: '{word.value}' is a word of {enum} already"
            faults.append(word.fault(message, f"send it as {constant_of(enum, word.value)}"))


def check_declared(subject: str, node: Fields, shape: PropertyShape, faults: list[Fault]) -> None:
    """Add a fault for each key that does not suit the type, and each value that is not of it."""
    single = _single(shape.type)

    def wrong(key: str, message: str, hint: str) -> None:
        faults.append((node.get(key) or node).fault(f"{subject}: {message}", hint))

    _check_values(single, shape, wrong)
    _check_bounds(single, shape, wrong)
    if shape.absent is not None and shape.type != single:
        wrong("absent", "a list is never absent: it is empty", "delete `absent`")
    elif shape.absent is not None:
        _check_absent(wrong, property_of("", shape), shape.absent)


def _check_values(single: str, shape: PropertyShape, wrong: Wrong) -> None:
    if single == "enum" and not shape.values:
        wrong("type", "an enum needs its values", "add `values: [gold, silver]`")
    if single != "enum" and shape.values:
        wrong("values", f"a property of type {shape.type} has no values", "write `type: enum`")
    if len(set(shape.values)) < len(shape.values):
        wrong("values", "a value is listed twice", "list each once")


def _check_bounds(single: str, shape: PropertyShape, wrong: Wrong) -> None:
    for key in ("at_least", "at_most"):
        text = getattr(shape, key)
        if text is not None and single not in BOUNDED:
            wrong(key, f"a {single} has no bounds", f"bounds are of {', '.join(BOUNDED)}")
        elif text is not None and _bound(single, text) is None:
            wrong(key, f"'{text}' is not a valid {single}", _example(single))
    low, high = _bound(single, shape.at_least), _bound(single, shape.at_most)
    if low is not None and high is not None and low > high:
        wrong("at_least", "is more than at_most", "exchange them")


def _check_absent(wrong: Wrong, declared: Property, text: str) -> None:
    if declared.absent is None:
        wrong("absent", f"'{text}' is not a valid {declared.type}", _example(declared.type))
    elif problem := declared.wrong(declared.absent):
        wrong("absent", f"'{text}' {problem}", "write one that callers may send")


def property_of(name: str, shape: PropertyShape) -> Property:
    """Return the property that a sound declaration declares."""
    single = _single(shape.type)
    return Property(
        name=name,
        type=single,
        many=shape.type != single,
        values=tuple(shape.values),
        low=_bound(single, shape.at_least),
        high=_bound(single, shape.at_most),
        bounds=(shape.at_least or "", shape.at_most or ""),
        unit=shape.unit,
        personal=shape.personal,
        fixed=shape.fixed,
        absent=_typed(single, shape.absent),
        because=shape.because.strip(),
    )


def _single(type_: str) -> str:
    return type_.removeprefix("list(").removesuffix(")")


def _bound(type_: str, text: str | None) -> Any:
    """Return what a bound compares with: of money, an amount in any currency."""
    typed = _typed("decimal" if type_ == "money" else type_, text)
    return None if typed is None else measure("decimal" if type_ == "money" else type_, typed)


def _typed(type_: str, text: str | None) -> Any:
    try:
        return None if text is None else read_text(type_, text)
    except NotOfType:
        return None


def _example(type_: str) -> str:
    try:
        read_text(type_, "")
    except NotOfType as error:
        return str(error)
    return ""
