"""The functions that rules may call, as their authors read of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dealgate.language.extensions import ROWS, Row
from dealgate.language.operations import DECLARATIONS, Declaration

PARTS = {
    "FullYear": "The year",
    "Month": "The month, from 0",
    "Date": "The day of the month, from 1",
    "DayOfMonth": "The day of the month, from 0",
    "DayOfWeek": "The day of the week, from 0, a Sunday",
    "DayOfYear": "The day of the year, from 0",
    "Hours": "The hour",
    "Minutes": "The minute",
    "Seconds": "The second",
    "Milliseconds": "The millisecond",
}

# Of CEL itself and of its extensions' macros; `e` is an expression over the element `x`, `i` its
# position or key. Text counts characters from 0.
STANDARD: Mapping[str, tuple[tuple[str, ...], str]] = {
    "exists": (
        ("list.exists(x, e) -> bool", "list.exists(i, x, e) -> bool"),
        "Whether `e` holds for at least one element.",
    ),
    "exists_one": (("list.exists_one(x, e) -> bool",), "Whether `e` holds for exactly one."),
    "existsOne": (
        ("list.existsOne(i, x, e) -> bool",),
        "As exists_one, with the position of the element, or the key of a map.",
    ),
    "all": (
        ("list.all(x, e) -> bool", "list.all(i, x, e) -> bool"),
        "Whether `e` holds for every element; true if there is none.",
    ),
    "filter": (("list.filter(x, e) -> list",), "The elements for which `e` holds."),
    "map": (
        ("list.map(x, e) -> list", "list.map(x, condition, e) -> list"),
        "The value of `e` for every element, or for those that meet a condition.",
    ),
    "transformList": (
        ("list.transformList(i, x, e) -> list", "list.transformList(i, x, condition, e) -> list"),
        "As map, with the position of the element, or the key of a map.",
    ),
    "transformMap": (
        ("map.transformMap(i, x, e) -> map", "map.transformMap(i, x, condition, e) -> map"),
        "A map with the same keys, or positions, and the value of `e` for each.",
    ),
    "transformMapEntry": (
        ("list.transformMapEntry(i, x, {key: e}) -> map",),
        "A map of one entry for each element; a key that comes twice fails.",
    ),
    "sortBy": (("list.sortBy(x, e) -> list",), "The elements in the order of `e`."),
    "sort": (("list.sort() -> list",), "The elements in their order."),
    "distinct": (("list.distinct() -> list",), "Each element once."),
    "slice": (("list.slice(from, to) -> list",), "The elements from one position up to another."),
    "lists.range": (("lists.range(int) -> list(int)",), "The numbers from 0, as many as that."),
    "cel.bind": (("cel.bind(x, value, e) -> value",), "`e`, with `x` bound to a value."),
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
    **{
        f"get{part}": (
            (f"timestamp.get{part}() -> int", f"timestamp.get{part}(zone) -> int"),
            f'{text}, in UTC or in a zone: `as_of.get{part}("Europe/Berlin")`.',
        )
        for part, text in PARTS.items()
    },
}
ORDERED = "numbers, amounts, decimals, dates, instants or spans"
OURS = {
    "money": 'An amount, exact: `money("EUR", "1000.50")`. Two currencies that '
    "no rate converts do not compare: that is unknown.",
    "decimal": 'A share or rate, exact: `decimal("0.2")`.',
    "date": 'A day: `date("2026-01-31")`; of an instant, its day in UTC, or in a time '
    'zone: `date(as_of)`, `date(as_of, "America/New_York")`.',
    "lower": "The text in lower case, by Unicode; lowerAscii leaves other letters alone.",
    "days_between": "Days from the first to the second; negative backwards. Between two instants, "
    "whole spans of 24 hours.",
    "business_days_between": "Mondays to Fridays after the first, up to and including the second; "
    "negative backwards.",
    "charAt": 'The character at a position; one past the end it is "".',
    "indexOf": "The position of the first occurrence of a text, from a position on; else -1.",
    "lastIndexOf": "The position of its last occurrence, at most a given position; else -1.",
    "lowerAscii": "The text with A to Z in lower case.",
    "upperAscii": "The text with a to z in upper case.",
    "replace": "The text with every occurrence replaced, or the first few.",
    "split": "The parts between separators, or the first few and the rest.",
    "substring": "The characters from one position up to another, or to the end.",
    "trim": "The text without blanks at both ends.",
    "join": "The texts of a list as one, with a separator or without.",
    "reverse": "A text or list backwards.",
    "strings.quote": "The text in double quotes, with escapes.",
    "regex.replace": "The text with what a pattern finds replaced; \\1 is its first group.",
    "regex.extractAll": "Everything that a pattern finds, or its one group.",
    "sets.contains": "Whether the first list holds every element of the second.",
    "sets.equivalent": "Whether two lists hold the same elements, in any order and number.",
    "sets.intersects": "Whether two lists have an element in common.",
    "math.greatest": f"The greatest of {ORDERED}: of up to five, or of a list.",
    "math.least": f"The least of {ORDERED}: of up to five, or of a list.",
    "max": f"The greatest of a list of {ORDERED}; an empty list fails.",
    "min": f"The least of a list of {ORDERED}; an empty list fails.",
    "sum": "The sum of numbers, amounts, decimals or spans. An empty list of amounts has no "
    'currency: `sum(money("EUR", "0"))` says what it comes to.',
    "avg": "The mean of numbers, amounts or decimals; an empty list fails.",
    "math.abs": "The value without its sign.",
    "math.ceil": "The next whole number above, as a double; of a decimal, as a decimal.",
    "math.floor": "The next whole number below, as a double; of a decimal, as a decimal.",
    "math.trunc": "The number without its fraction, as a double; of a decimal, as a decimal.",
    "math.round": "The nearest whole number, as a double; halves go away from zero. "
    "A decimal stays one, rounded to whole numbers or to the given number of places.",
    "divide": "The first decimal divided by the second, to the given number of places (at most "
    '30): `divide(decimal("1"), decimal("3"), 4)`; halves go away from zero.',
    "math.sign": "-1, 0 or 1.",
    "math.sqrt": "The square root; NaN of a negative number.",
    "math.isNaN": "Whether a double is not a number.",
    "math.isInf": "Whether a double is infinite.",
    "math.isFinite": "Whether a double is a number, and finite.",
    "math.bitAnd": "The bits that are set in both.",
    "math.bitOr": "The bits that are set in either.",
    "math.bitXor": "The bits that are set in one of them.",
    "math.bitNot": "The bits that are not set.",
    "math.bitShiftLeft": "The bits moved to the left within 64.",
    "math.bitShiftRight": "The bits moved to the right; zeros come in from the left.",
}
# Of functions with an overload for every type, which would fill a page.
SIGNATURES = {
    "math.greatest": ("math.greatest(value, value) -> value", "math.greatest(list) -> value"),
    "math.least": ("math.least(value, value) -> value", "math.least(list) -> value"),
    "max": ("list.max() -> value",),
    "min": ("list.min() -> value",),
    "reverse": ("string.reverse() -> string", "list.reverse() -> list"),
}
AS_OF = "The instant to judge at: the only clock a rule can read."


@dataclass(frozen=True, slots=True)
class Function:
    """What an author may call; `is_method`: on a value, after a point."""

    name: str
    signatures: tuple[str, ...]
    text: str
    is_method: bool = False


@cache
def functions() -> Mapping[str, Function]:
    """Return every function by name; those declared here and not described have no text."""
    signatures: dict[str, list[str]] = {}
    for declaration in (*DECLARATIONS, *map(_declared, ROWS)):
        if declaration.function[0].isalpha():
            signature = f"{declaration.function}({', '.join(map(short, declaration.arguments))})"
            receiver = f"{short(declaration.target)}." if declaration.target else ""
            signatures.setdefault(declaration.function, []).append(
                f"{receiver}{signature} -> {short(declaration.result)}"
            )
    written = {
        **STANDARD,
        **{
            name: (SIGNATURES.get(name, tuple(dict.fromkeys(overloads))), OURS.get(name, ""))
            for name, overloads in signatures.items()
        },
    }
    return {
        name: Function(name, signatures, text, _is_method(name, signatures))
        for name, (signatures, text) in written.items()
    }


def _declared(row: Row) -> Declaration:
    return Declaration(row.function, row.id, tuple(row.arguments.split()), row.result, row.target)


def _is_method(name: str, signatures: Sequence[str]) -> bool:
    """Whether it is called on a value; names of extensions, as in math.abs, are not values."""
    return not signatures[-1].startswith(f"{name}(")


def short(type_: str) -> str:
    """Return a type in CEL's notation without packages: "list(Activity)"."""
    head, bracket, inner = type_.partition("(")
    parts = (
        ", ".join(short(part) for part in inner.removesuffix(")").split(", ")) if bracket else ""
    )
    return f"{head}({parts})" if bracket else head.rsplit(".", 1)[-1]
