"""Pydantic's errors, found again in the document and worded for authors."""

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from dealgate.rulebook.document import Fields, Items, Node, Scalar, described, plain
from dealgate.rulebook.faults import Fault, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[int | str, ...]


def validated(node: Node, model: type[Model], faults: list[Fault]) -> Model | None:
    """Return the document as `model`; None if it has faults, which are added."""
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        told = {fault.place for fault in faults}
        found = [_fault(node, model, details) for details in _distinct(node, error)]
        faults.extend(fault for fault in found if fault.place not in told)
        return None


def _distinct(root: Node, error: ValidationError) -> list[Mapping[str, Any]]:
    """Return the errors, but of those of a union's branches only the first."""
    seen: dict[Any, Mapping[str, Any]] = {}
    for details in error.errors():
        path = _found(root, details["loc"])[1]
        key = path if details["type"] in WANTED else details["loc"]
        seen.setdefault(key, details)
    return list(seen.values())


def _fault(root: Node, model: type[BaseModel], error: Mapping[str, Any]) -> Fault:
    loc: Loc = error["loc"]
    node, path = _found(root, loc)
    kind = error["type"]
    if kind == "extra_forbidden":
        parent, _ = _found(root, loc[:-1])
        key = parent.key(str(loc[-1])) if isinstance(parent, Fields) else None
        known = _known(model, loc[:-1])
        message = f"{_under(root, loc[:-1])}unknown key '{loc[-1]}'"
        return (key or parent).fault(message, did_you_mean(str(loc[-1]), known))
    if kind == "missing":
        return node.fault(f"{_under(root, path)}the key '{loc[-1]}' is missing")
    return node.fault(f"{_under(root, path)}{_wording(node, error)}", _hint(node, error))


def _found(root: Node, loc: Sequence[int | str]) -> tuple[Node, Loc]:
    """Return the deepest node along `loc`, and its path; pydantic's own labels are skipped."""
    node, path = root, list[int | str]()
    for step in loc:
        below = _below(node, step)
        if step == "[key]" and path:
            return _key(root, path) or node, tuple(path)
        if below is not None:
            node, path = below, [*path, step]
    return node, tuple(path)


def _below(node: Node, step: int | str) -> Node | None:
    if isinstance(node, Fields):
        return node.get(str(step))
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _key(root: Node, path: Sequence[int | str]) -> Scalar | None:
    parent, _ = _found(root, path[:-1])
    return parent.key(str(path[-1])) if isinstance(parent, Fields) else None


def _under(root: Node, path: Sequence[int | str]) -> str:
    """Name what the path lies in: "rule too-small: ", "case …: ", "then.points: "."""
    named, rest = "", list(path)
    if path and isinstance(path[0], int):
        named, rest = f"number {path[0] + 1}: ", rest[1:]
    for word, name in (("rules", "id"), ("cases", "case")):
        if len(path) > 1 and path[0] == word:
            entry, _ = _found(root, path[:2])
            title = entry.get(name) if isinstance(entry, Fields) else None
            label = title.value if isinstance(title, Scalar) else f"number {int(path[1]) + 1}"
            named, rest = f"{word[:-1]} {label}: ", rest[2:]
    dotted = ".".join(str(step) for step in rest)
    return f"{named}{dotted}: " if dotted else named


WORDINGS = {
    "int_parsing": "'{value}' is not a whole number",
    "int_from_float": "'{value}' is not a whole number",
    "float_parsing": "'{value}' is not a number",
    "decimal_parsing": "'{value}' is not a number",
    "bool_parsing": "'{value}' is neither true nor false",
    "string_too_short": "a text must stand here",
    "too_short": "at least {min_length} entry must stand here",
    "too_long": "at most {max_length} entry may stand here",
    "greater_than": "{value} is not greater than {gt}",
    "greater_than_equal": "{value} is less than {ge}",
    "less_than": "{value} is not less than {lt}",
    "less_than_equal": "{value} is greater than {le}",
}
WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "mapping_type": "keys and values",
}
PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": ("rule id", "write it like this: too-small"),
    r"^[a-z][a-z0-9_]*$": ("name", "write it like this: min_employees"),
    "^[0-9a-f]{64}$": ("digest", "paste the 64 digits that `dealgate digest` prints"),
}


def _wording(node: Node, error: Mapping[str, Any]) -> str:
    kind = error["type"]
    value = node.value if isinstance(node, Scalar) else described(node)
    if kind in {"literal_error", "enum"}:
        expected = error["ctx"]["expected"]
        choice = " or " in expected
        return f"'{value}' is not one of {expected}" if choice else f"this must be {expected}"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] in PATTERNS:
        return f"'{value}' is no {PATTERNS[error['ctx']['pattern']][0]}"
    if kind in WANTED:
        return f"{WANTED[kind]} must stand here, not {described(node)}"
    if isinstance(node, Scalar) and node.null:
        return "a value must stand here"
    if kind in WORDINGS:
        return WORDINGS[kind].format(value=value, **error.get("ctx", {}))
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _hint(node: Node, error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] in {"literal_error", "enum"} and isinstance(node, Scalar):
        allowed = str(context["expected"]).replace(" or ", ", ").split(", ")
        hint = did_you_mean(node.value, [word.strip("'") for word in allowed])
        return hint if hint.startswith("did") else ""
    return PATTERNS.get(context.get("pattern", ""), ("", ""))[1]


def _known(model: Any, loc: Sequence[int | str]) -> set[str]:
    """Return the keys a file may have at `loc`."""
    reached = _models(model)
    for step in loc:
        inner = [m.model_fields[str(step)].annotation for m in reached if step in _names(m)]
        reached = [found for annotation in inner for found in _models(annotation)] or reached
    return {name for found in reached for name in _names(found).values()}


def _names(model: type[BaseModel]) -> dict[str, str]:
    return {name: field.alias or name for name, field in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models an annotation speaks of, through lists, unions and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {list, dict, tuple, Annotated, Union, types.UnionType}:
        return [found for part in get_args(annotation) for found in _models(part)]
    return []
