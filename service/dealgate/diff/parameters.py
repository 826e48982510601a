"""Parameters as paths with their values."""

from collections.abc import Iterable, Mapping
from typing import Any

from dealgate.model.rules import AnyRuleSet


def parameters_of(ruleset: AnyRuleSet) -> Mapping[str, Any]:
    """Return the parameters of a version by name."""
    if ruleset.parameters is None:
        return {}
    dumped: Mapping[str, Any] = ruleset.parameters.model_dump(mode="json")
    return dumped


def flat(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """Yield what is not made of parts, with its path: ("sla.mql[0].hours", 48)."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and all(not isinstance(item, (Mapping, list)) for item in value):
        yield path, f"[{', '.join(map(str, value))}]"
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flat(inner, f"{path}[{_label(inner, index)}]")
    elif value is not None:
        yield path, value


def _label(element: Any, index: int) -> Any:
    """Name an element by its own name if it has one, so that one more shifts no others."""
    return element.get("name", index) if isinstance(element, Mapping) else index
