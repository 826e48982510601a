"""Pydantic's errors in an author's words."""

from collections.abc import Mapping
from typing import Any

from dealgate.rulebook.document import Node, Scalar, described
from dealgate.rulebook.faults import did_you_mean

WORDINGS = {
    "int_parsing": "'{value}' is not a whole number",
    "int_from_float": "'{value}' is not a whole number",
    "float_parsing": "'{value}' is not a number",
    "decimal_parsing": "'{value}' is not a number",
    "bool_parsing": "'{value}' is neither true nor false",
    "string_too_short": "text is expected here",
    "too_short": "at least {min_length} entry is required here",
    "too_long": "at most {max_length} entry is allowed here",
    "greater_than": "{value} is not greater than {gt}",
    "greater_than_equal": "{value} is less than {ge}",
    "less_than": "{value} is not less than {lt}",
    "less_than_equal": "{value} is greater than {le}",
}
HINTS = {
    "int_parsing": "write digits: 250",
    "int_from_float": "write digits: 250",
    "float_parsing": "write digits: 5, or 0.25",
    "decimal_parsing": "write digits: 5, or 0.25",
    "bool_parsing": "write true or false",
    "string_too_short": "write it, for later readers",
    "too_short": "write the first",
    "too_long": "keep {max_length}",
    "greater_than": "write more than {gt}",
    "greater_than_equal": "write {ge} or more",
    "less_than": "write less than {lt}",
    "less_than_equal": "write {le} or less",
}
KEYS = "keys and values"
WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": KEYS,
    "model_type": KEYS,
    "model_attributes_type": KEYS,
    "mapping_type": KEYS,
}
WRITTEN = {
    "text": "write one text",
    "a whole number": "write digits: 250",
    "a number": "write digits: 5, or 0.25",
    "true or false": "write true or false",
    "a list": "write [one, two], or a line with `- ` for each",
    KEYS: "write {key: value}, or a line `key: value` for each",
}
PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": ("rule id", "write it like this: too-small"),
    r"^[a-z][a-z0-9_]*$": ("name", "write it like this: min_employees"),
    "^[A-Z]{2,8}-[0-9]{2}$": ("code", "write it like this: FIT-01"),
    "^[A-Z][A-Z0-9_]*$": ("code", "write it like this: NO_BUDGET"),
    "^[A-Z]{3}$": ("currency code", "write three capital letters: EUR"),
    "^[A-D][1-4]$": ("grade", "write a letter and a digit: A1"),
    "^[a-z][a-z_]*$": ("name", "write it like this: company_size"),
    "^[0-9a-f]{64}$": ("digest", "paste the 64 digits that `dealgate digest` prints"),
}


def wording(node: Node, error: Mapping[str, Any]) -> str:
    """Return what is wrong with `node`; `error` is one of a ValidationError's."""
    kind, context = error["type"], error.get("ctx", {})
    value = node.value if isinstance(node, Scalar) else described(node)
    if kind in {"literal_error", "enum"}:
        expected = context["expected"]
        choice = " or " in expected
        return f"'{value}' is not one of {expected}" if choice else f"this must be {expected}"
    if context.get("pattern") in PATTERNS:
        return f"'{value}' is not a valid {PATTERNS[context['pattern']][0]}"
    if kind in WANTED:
        are = "are" if WANTED[kind] == KEYS else "is"
        return f"{WANTED[kind]} {are} expected here, not {described(node)}"
    if isinstance(node, Scalar) and node.null:
        return "a value is expected here"
    if kind in WORDINGS:
        return WORDINGS[kind].format(value=value, **context)
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def hint_for(node: Node, error: Mapping[str, Any]) -> str:
    """Return the cure for that error, if there is one."""
    context = error.get("ctx", {})
    if error["type"] in {"literal_error", "enum"} and isinstance(node, Scalar):
        allowed = str(context["expected"]).replace(" or ", ", ").split(", ")
        hint = did_you_mean(node.value, [word.strip("'") for word in allowed])
        return hint if hint.startswith("did") else ""
    if context.get("pattern") in PATTERNS:
        return PATTERNS[context["pattern"]][1]
    if error["type"] in WANTED:
        return WRITTEN[WANTED[error["type"]]]
    if isinstance(node, Scalar) and node.null:
        return "write it behind the colon"
    return HINTS.get(error["type"], "").format(**context)
