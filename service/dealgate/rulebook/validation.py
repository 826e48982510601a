"""Documents are validated against pydantic shapes, and faults are located in the file."""

import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Node, Scalar, below, plain
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.habits import unseen
from dealgate.rulebook.wording import WANTED, hint_for, wording

Model = TypeVar("Model", bound=BaseModel)
# Keys as other tools call them.
ELSEWHERE = {
    **dict.fromkeys(("if", "condition", "conditions", "expression", "match"), "when"),
    **dict.fromkeys(("do", "action", "actions", "effect", "output", "result"), "then"),
    **dict.fromkeys(("reason", "description", "comment", "why", "rationale"), "because"),
    **dict.fromkeys(("name", "key", "title"), "id"),
    **dict.fromkeys(("for", "foreach", "for_each", "loop", "over"), "each"),
}
MISSING = "is missing"
Loc = tuple[int | str, ...]


def validated(node: Node, model: type[Model], faults: list[Fault]) -> Model | None:
    """Return the document as `model`; None if it has faults, which are added."""
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        told = {fault.location for fault in faults}
        wrong = [_fault(node, model, details) for details in _told_once(_distinct(node, error))]
        faults.extend(fault for fault in wrong if fault.location not in told)
        return None


def _distinct(root: Node, error: ValidationError) -> list[Mapping[str, Any]]:
    """Return the errors, but of those of a union's branches only the first."""
    seen: dict[Any, Mapping[str, Any]] = {}
    for details in error.errors():
        path = _node_at(root, details["loc"])[1]
        key = path if details["type"] in WANTED else details["loc"]
        seen.setdefault(key, details)
    return list(seen.values())


def _told_once(errors: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Leave out a missing key that is there, misspelt: the misspelt one is reported."""
    unknown: dict[Loc, list[str]] = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            unknown.setdefault(error["loc"][:-1], []).append(str(error["loc"][-1]))
    for error in errors:
        beside = unknown.get(error["loc"][:-1], [])
        missing = str(error["loc"][-1]) if error["type"] == "missing" else ""
        meant = {ELSEWHERE.get(name.lower()) for name in beside}
        if not missing or (missing not in meant and not get_close_matches(missing, beside, 1)):
            yield error


def _fault(root: Node, model: type[BaseModel], error: Mapping[str, Any]) -> Fault:
    loc: Loc = error["loc"]
    node, path = _node_at(root, loc)
    if error["type"] == "extra_forbidden":
        return _unknown_key(root, model, loc)
    if error["type"] == "missing":
        hint = f"add `{loc[-1]}: …`\n{_description(model, loc)}".rstrip()
        return node.fault(f"{_under(root, path)}the key '{loc[-1]}' {MISSING}", hint)
    return node.fault(f"{_under(root, path)}{wording(node, error)}", hint_for(node, error))


def _unknown_key(root: Node, model: type[BaseModel], loc: Loc) -> Fault:
    parent, path = _node_at(root, loc[:-1])
    name = str(loc[-1])
    known = known_keys(model, loc[:-1])
    message = f"{_under(root, path)}unknown key '{name}'"
    if hidden := unseen(name):
        return ((parent.key(name) if isinstance(parent, Fields) else None) or parent).fault(
            f"{_under(root, path)}the key '{name}': {hidden[1]}", hidden[2]
        )
    key = parent.key(name) if isinstance(parent, Fields) else None
    meant = ELSEWHERE.get(name.lower(), "")
    hint = f"did you mean '{meant}'?" if meant in known else did_you_mean(name, known)
    return (key or parent).fault(message, hint)


def known_keys(model: type[BaseModel], loc: Sequence[int | str]) -> set[str]:
    """Return the keys that may stand under `loc`."""
    return {known for shape in _models_at(model, loc) for known in _fields(shape)}


def _description(model: type[BaseModel], loc: Loc) -> str:
    """Return what the missing key is for, if its shape says so."""
    name = str(loc[-1])
    fields = [_fields(shape) for shape in _models_at(model, loc[:-1])]
    return next((known[name].description or "" for known in fields if name in known), "")


def _node_at(root: Node, loc: Sequence[int | str]) -> tuple[Node, Loc]:
    """Return the deepest node along `loc`, and its path; pydantic's own labels are skipped."""
    node, path = root, list[int | str]()
    for step in loc:
        inner = below(node, step)
        if step == "[key]" and path:
            return _key(root, path) or node, tuple(path)
        if inner is not None:
            node, path = inner, [*path, step]
    return node, tuple(path)


def _key(root: Node, path: Sequence[int | str]) -> Scalar | None:
    parent, _ = _node_at(root, path[:-1])
    return parent.key(str(path[-1])) if isinstance(parent, Fields) else None


def _under(root: Node, path: Sequence[int | str]) -> str:
    """Name what the path lies in: "rule too-small: ", "case …: ", "then.points: "."""
    named, rest = "", list(path)
    if path and isinstance(path[0], int):
        named, rest = f"number {path[0] + 1}: ", rest[1:]
    for word, name in (("rules", "id"), ("tables", "id"), ("cases", "case")):
        if len(path) > 1 and path[0] == word:
            entry, _ = _node_at(root, path[:2])
            title = entry.get(name) if isinstance(entry, Fields) else None
            label = title.value if isinstance(title, Scalar) else f"number {int(path[1]) + 1}"
            named, rest = f"{word[:-1]} {label}: ", rest[2:]
    dotted = ".".join(str(step) for step in rest)
    return f"{named}{dotted}: " if dotted else named


def _models_at(model: Any, loc: Sequence[int | str]) -> list[type[BaseModel]]:
    """Return the models that `loc` leads to."""
    reached = _models(model)
    for step in loc:
        inner = [_fields(types)[str(step)] for types in reached if step in _fields(types)]
        reached = [types for field in inner for types in _models(field.annotation)] or reached
    return reached


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields under the names that they have in files."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models an annotation speaks of, through lists, unions and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {list, dict, tuple, Annotated, Union, types.UnionType}:
        return [model for part in get_args(annotation) for model in _models(part)]
    return []
