"""kind.yaml: a kind of decision without code, declared by its facts, its outcome and its folds."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dealgate.model.declaration import OPEN, Declaration
from dealgate.model.declared_messages import Group
from dealgate.model.faults import Fault
from dealgate.model.properties import Property
from dealgate.rulebook.document import Fields, Node, Scalar, plain
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.kind_shapes import FOLDS, KIND_NAME, FactShape, KindShape, OutcomeShape
from dealgate.rulebook.kind_splits import check_split, splits_of
from dealgate.rulebook.properties import NAME, check_declared, property_of
from dealgate.rulebook.scope import KEYWORDS
from dealgate.rulebook.validation import validated

KIND = "kind.yaml"
LIST, LEAF = "list_of", "type"
DEEPEST = 4
NUMBERS = ("int", "decimal")


def read_kind(document: Node, name: str, faults: list[Fault]) -> Declaration | None:
    """Return what the kind.yaml of a folder called `name` declares; None if it has faults."""
    before = len(faults)
    shape = validated(document, KindShape, faults)
    if shape is None or not isinstance(document, Fields):
        return None
    reader = _Reader(faults)
    node = document.get("facts")
    facts = reader.group(node, "facts", 0) if isinstance(node, Fields) else Group({})
    outcome = {key: property_of(key, one) for key, one in shape.outcome.fields.items()}
    _check_names(document, shape, name, faults)
    _check_outcome(document, shape, dict(_paths(facts, "")), faults)
    _check_paths(document, shape, facts, faults)
    if len(faults) > before:
        return None
    return Declaration(
        name=name,
        because=shape.because.strip(),
        entity=f"{shape.entity.type}/{shape.entity.id}",
        facts=facts,
        required=tuple(reader.required),
        limits=dict(shape.limits),
        word=shape.outcome.word,
        outcome=outcome,
        folds={key: one.fold for key, one in shape.outcome.fields.items()},
        unknown=shape.unknown,
        nothing=shape.nothing,
        clamp=dict(shape.outcome.clamp),
        bands={
            key: (one.of, tuple(sorted(((n, v) for v, n in one.bands.items()), reverse=True)))
            for key, one in shape.outcome.fields.items()
            if one.of is not None
        },
        splits=splits_of(shape.outcome.fields),
        meaning=json.dumps(_without_reasons(plain(document)), sort_keys=True),
    )


def _without_reasons(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_reasons(of) for key, of in node.items() if not _is_aside(key, of)}
    return [_without_reasons(item) for item in node] if isinstance(node, list) else node


def _is_aside(key: str, of: Any) -> bool:
    """Tell whether a key has no part in what is decided; a fact may be called `fixed`, too."""
    return key == "because" or (key == "fixed" and not isinstance(of, dict))


class _Reader:
    """Reads facts, however deep."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self.required: list[str] = []

    def group(self, node: Fields, subject: str, depth: int, *, many: bool = False) -> Group:
        fields: dict[str, Property | Group] = {}
        for key, value in node:
            path = f"{subject}.{key.value}".removeprefix("facts.")
            if not NAME.fullmatch(key.value) or key.value in KEYWORDS:
                message = f"{path}: '{key.value}' is not a valid name of a fact"
                self._faults.append(key.fault(message, "write small letters, digits and _"))
            elif not isinstance(value, Fields) or depth > DEEPEST:
                message = f"{path}: a fact has a type, or holds others"
                hint = "write {type: int, because: …}"
                if many and key.value == LEAF and isinstance(value, Scalar):
                    hint = f"a list of values has a type: {{type: list({value.value}), because: …}}"
                self._faults.append(value.fault(message, hint))
            elif isinstance(value.get(LEAF), Scalar):
                self._leaf(key.value, value, path, fields)
            elif isinstance(inner := value.get(LIST), Fields):
                fields[key.value] = self.group(inner, path, depth + 1, many=True)
            else:
                fields[key.value] = self.group(value, path, depth + 1)
        return Group(fields, many)

    def _leaf(
        self, name: str, node: Fields, path: str, fields: dict[str, Property | Group]
    ) -> None:
        shape = validated(node, FactShape, self._faults)
        if shape is None:
            return
        check_declared(path, node, shape, self._faults)
        fields[name] = property_of(name, shape)
        if shape.required:
            self.required.append(path)


def _check_names(document: Fields, shape: KindShape, name: str, faults: list[Fault]) -> None:
    node = document.get("kind") or document
    if shape.kind != name:
        message = f"kind: this says {shape.kind}, but its folder is called {name}"
        faults.append(node.fault(message, "a kind and its folder have one name"))
    elif not KIND_NAME.fullmatch(name):
        message = f"kind: '{name}' is not a valid name of a kind"
        faults.append(node.fault(message, "write small letters, digits and _: renewal_pricing"))


def _check_outcome(
    document: Fields,
    shape: KindShape,
    paths: Mapping[str, Property | Group],
    faults: list[Fault],
) -> None:
    node = document.get("outcome")
    listed = node.get("fields") if isinstance(node, Fields) else None
    for key, field in listed if isinstance(listed, Fields) else ():
        of = shape.outcome.fields[key.value]
        _check_field(key, field, of, faults)
        _check_bands(key, of, shape, faults)
        check_split(key, of, shape.outcome.fields, paths, faults)
    _check_word(document, shape, faults)
    _check_clamp(document, shape, faults)


def _check_field(key: Scalar, node: Node, of: OutcomeShape, faults: list[Fault]) -> None:
    if not NAME.fullmatch(key.value) or key.value == OPEN:
        message = f"outcome.{key.value}: this is not a valid name of a field"
        faults.append(key.fault(message, f"write small letters, digits and _; not {OPEN}"))
    if isinstance(node, Fields):
        check_declared(f"outcome.{key.value}", node, of, faults)
    if of.type not in FOLDS[of.fold]:
        message = f"outcome.{key.value}: {of.fold} folds {' or '.join(FOLDS[of.fold])}"
        fitting = [fold for fold, types in FOLDS.items() if of.type in types]
        faults.append(node.fault(message, f"{of.type} is folded by {' or '.join(fitting)}"))


def _check_word(document: Fields, shape: KindShape, faults: list[Fault]) -> None:
    word = shape.outcome.fields.get(shape.outcome.word)
    if word is None or word.fold not in {"gravest", "bands"}:
        message = f"outcome.word: the fold of '{shape.outcome.word}' is not gravest or bands"
        faults.append((document.get("outcome") or document).fault(message, "name one"))


def _check_clamp(document: Fields, shape: KindShape, faults: list[Fault]) -> None:
    for name, limit in shape.outcome.clamp.items():
        sides = [shape.outcome.fields.get(field) for field in (name, limit)]
        types = {side.type for side in sides if side is not None}
        if None in sides or len(types) != 1 or not types <= {"int", "decimal"}:
            message = f"outcome.clamp: '{name}' and '{limit}' are not two numbers of one type"
            faults.append((document.get("outcome") or document).fault(message, "name two fields"))


def _check_bands(key: Scalar, of: OutcomeShape, shape: KindShape, faults: list[Fault]) -> None:
    """A field of bands names a number that rules claim, and from how much on it has which value."""
    subject, source = f"outcome.{key.value}", shape.outcome.fields.get(of.of or "")
    if of.fold != "bands":
        if of.of is not None or of.bands:
            faults.append(
                key.fault(f"{subject}: of and bands are of the fold bands", "delete them")
            )
        return
    if source is None or source.type not in NUMBERS:
        known = [name for name, each in shape.outcome.fields.items() if each.type in NUMBERS]
        message = f"{subject}: of: '{of.of or ''}' is not a number of the outcome"
        faults.append(key.fault(message, did_you_mean(of.of or "", known)))
    strangers = [value for value in of.bands if value not in of.values]
    if strangers or not of.bands:
        message = f"{subject}: bands: {', '.join(strangers) or 'nothing'} is not one of its values"
        faults.append(key.fault(message, "write for example {a: 80, b: 60, c: 0}"))
    if len({*of.bands.values()}) < len(of.bands):
        faults.append(
            key.fault(f"{subject}: bands: two begin at one number", "let one begin higher")
        )


def _check_paths(document: Fields, shape: KindShape, facts: Group, faults: list[Fault]) -> None:
    paths = dict(_paths(facts, ""))
    of = paths.get(shape.entity.id)
    if not isinstance(of, Property) or of.type != "text" or of.many:
        message = f"entity: '{shape.entity.id}' is not the path of a text"
        hint = did_you_mean(shape.entity.id, paths)
        faults.append((document.get("entity") or document).fault(message, hint))
    for path in shape.limits:
        held = paths.get(path)
        if held is None or not held.many:
            message = f"limits: '{path}' is not the path of a list"
            faults.append(
                (document.get("limits") or document).fault(message, did_you_mean(path, paths))
            )


def _paths(group: Group, above: str) -> Iterator[tuple[str, Property | Group]]:
    for name, of in group.fields.items():
        path = f"{above}.{name}" if above else name
        yield path, of
        if isinstance(of, Group) and not of.many:
            yield from _paths(of, path)
