"""What a new rule may claim, as the schema of its kind's effect has it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from dealgate.model.kind import AnyKind
from dealgate.rulebook.document import Fields, Items


def choices(kind: AnyKind) -> str:
    """Return the keys of an effect, with the words each may have, on one line."""
    schema = kind.effect.model_json_schema()
    definitions = schema.get("$defs", {})
    told = []
    for name, field in schema.get("properties", {}).items():
        words = _words(field, definitions)
        told.append(f"{name} ({', '.join(words)})" if words else name)
    return f"then may say: {'; '.join(told)}"


def claim(kind: AnyKind, document: Fields) -> str:
    """Return an effect that is allowed: of the first choices, or else what another rule claims."""
    schema = kind.effect.model_json_schema()
    definitions = schema.get("$defs", {})
    made = {
        name: words[0]
        for name, field in schema.get("properties", {}).items()
        if name in schema.get("required", ()) and (words := _words(field, definitions))
    }
    try:
        kind.effect.model_validate(made)
    except ValidationError:
        return _claimed(document)
    pairs = ", ".join(f"{name}: {word}" for name, word in made.items())
    return f"{{{pairs}}}" if made else _claimed(document)


def _claimed(document: Fields) -> str:
    """Return what another rule claims, in braces: of one that loops over nothing, if there is one.

    What is claimed about an element often may not be claimed of the whole.
    """
    rules = document.get("rules")
    items = (
        [item for item in rules.items if isinstance(item, Fields)]
        if isinstance(rules, Items)
        else []
    )
    items.sort(key=lambda item: item.get("each") is not None)
    then = items[0].get("then") if items else None
    return inline(then) if then is not None else "{}"


def inline(node: Any) -> str:
    """Return a node in braces and brackets, its texts as they are written."""
    if isinstance(node, Fields):
        return f"{{{', '.join(f'{inline(key)}: {inline(value)}' for key, value in node)}}}"
    if isinstance(node, Items):
        return f"[{', '.join(inline(item) for item in node.items)}]"
    return str(node.source.text[node.start : node.end])


def _words(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    if "$ref" in field:
        return _words(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in field:
        return [word for option in field["anyOf"] for word in _words(option, definitions)]
    if field.get("type") == "boolean":
        return ["true", "false"]
    return [str(word) for word in field.get("enum", [field["const"]] if "const" in field else [])]
