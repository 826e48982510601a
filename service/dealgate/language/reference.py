"""The functions that rules may call, as their authors read of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from dealgate.language.operations import DECLARATIONS

# Those of CEL's own that operations.py gives a meaning; `e` is an expression over the element `x`.
STANDARD = {
    "exists": (("list.exists(x, e) -> bool",), "Whether `e` holds for at least one element."),
    "exists_one": (("list.exists_one(x, e) -> bool",), "Whether `e` holds for exactly one."),
    "all": (("list.all(x, e) -> bool",), "Whether `e` holds for every element; true if none."),
    "filter": (("list.filter(x, e) -> list",), "The elements for which `e` holds."),
    "map": (("list.map(x, e) -> list",), "The value of `e` for every element."),
    "has": (("has(a.b) -> bool",), "Whether a fact is known. Itself it is never unknown."),
    "size": (
        ("size(text | list | map) -> int", "list.size() -> int"),
        "How many characters, elements or keys.",
    ),
    "startsWith": (("string.startsWith(string) -> bool",), "Whether a text begins with another."),
    "endsWith": (("string.endsWith(string) -> bool",), "Whether a text ends with another."),
    "contains": (("string.contains(string) -> bool",), "Whether a text holds another."),
    "matches": (
        ("string.matches(string) -> bool",),
        "Whether a regular expression (RE2) is found anywhere in a text; anchor it with ^ and $.",
    ),
    "int": (("int(string | double | timestamp) -> int",), "A whole number; doubles are cut off."),
    "double": (("double(string | int) -> double",), "A number with a fraction."),
    "string": (("string(value) -> string",), "A value as text."),
    "timestamp": (("timestamp(string) -> timestamp",), 'As `timestamp("2026-01-31T12:00:00Z")`.'),
    "duration": (("duration(string) -> duration",), 'A span of time: `duration("72h")`.'),
}
OURS = {
    "money": 'An amount, exact: `money("EUR", "1000.50")`. Two currencies that '
    "no rate converts do not compare: that is unknown.",
    "decimal": 'A share or rate, exact: `decimal("0.2")`.',
    "date": 'A day: `date("2026-01-31")`; of an instant, its day in UTC, or in a time '
    'zone: `date(as_of)`, `date(as_of, "America/New_York")`.',
    "lower": "The text in lower case.",
    "days_between": "Days from the first to the second; negative backwards. Between two instants, "
    "whole spans of 24 hours.",
    "business_days_between": "Mondays to Fridays after the first, up to and including the second; "
    "negative backwards.",
}
AS_OF = "The instant to judge at: the only clock a rule can read."


@dataclass(frozen=True, slots=True)
class Function:
    """What an author may call; `is_method`: on a value, after a point."""

    name: str
    signatures: tuple[str, ...]
    text: str
    is_method: bool = False


def functions() -> Mapping[str, Function]:
    """Return every function by name; those declared here and not described have no text."""
    found = {
        name: Function(name, signatures, text, "." in signatures[-1].partition("(")[0])
        for name, (signatures, text) in STANDARD.items()
    }
    for each in DECLARATIONS:
        name = each.function
        if name[0].isalpha():
            before = found[name].signatures if name in found else ()
            arguments = ", ".join(short(type_) for type_ in each.arguments)
            signature = f"{name}({arguments}) -> {short(each.result)}"
            found[name] = Function(name, (*before, signature), OURS.get(name, ""))
    return found


def short(type_: str) -> str:
    """Return a type in CEL's notation without packages: "list(Activity)"."""
    head, bracket, inner = type_.partition("(")
    parts = (
        ", ".join(short(part) for part in inner.removesuffix(")").split(", ")) if bracket else ""
    )
    return f"{head}({parts})" if bracket else head.rsplit(".", 1)[-1]
