"""Says in an author's words what cel-cpp found wrong, with the cure where it is plain."""

import difflib
import re
from collections.abc import Iterable, Mapping

from dealgate.language import syntax, syntax_wording
from dealgate.language.reference import functions
from dealgate.model.rules import ExpressionFault

UNDEFINED_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '([\w.]+)'")
UNDECLARED = re.compile(r"undeclared reference to '([\w.]+)'")
NO_FIELDS = re.compile(r"expression of type '([\w.]+)' cannot be the operand of a select")
NO_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
RESERVED = re.compile(r"reserved identifier: (\w+)")
PACKAGE = re.compile(r"\b(?:[a-z]\w*\.)+(?=[A-Z])")
HAS = "has() argument must be a field selection"
# What authors bring along from other languages.
FOREIGN = {
    "now": "write as_of, the instant to judge at",
    "today": "write date(as_of), the day to judge at",
    "any": "write exists(a, …)",
    "length": "write size(…)",
    "len": "write size(…)",
}
COMPARE = "compare it with something: size > 0"
NO_FIELD = "delete the point and what follows it"
LITERALS = {
    "Money": 'write amounts as money("EUR", "1000.50")',
    "Date": 'write dates as date("2026-01-31")',
    "Decimal": 'write shares as decimal("0.2")',
    "timestamp": 'write instants as timestamp("2026-01-31T00:00:00Z")',
    "duration": 'write spans as duration("72h")',
}


def article(type_: str) -> str:
    """Name a type in a sentence: "an int", "a bool"."""
    return type_.removesuffix("_type") if type_ == "null_type" else f"{an(type_)} {type_}"


def an(word: str) -> str:
    """Return the article that a word takes."""
    return "an" if word[0] in "aeio" else "a"


def fault(source: str, offset: int, message: str, variables: Mapping[str, str]) -> ExpressionFault:
    """Return the fault that cel-cpp's `message` reports at `offset`."""
    if match := UNDEFINED_FIELD.search(message):
        name, struct = match.groups()
        known = syntax.message(struct).fields_by_name
        text = f"{struct.rsplit('.', 1)[-1]} has no field '{name}'"
        return ExpressionFault(offset + 1, text, _similar(name, known))
    if match := UNDECLARED.search(message):
        name = match[1].partition(".")[0]
        start = max(source.rfind(name, 0, offset + len(name)), 0)
        called = re.match(rf"{name}[\w.]*\s*\(", source[start:])
        if name in functions():
            return _called_otherwise(name, start)
        if called:
            hint = _similar(called[0].rstrip("( "), functions()) or _functions()
        else:
            hint = _similar(name, [*variables, *functions()]) or _stranger(source, start, name)
        hint = hint or _known(variables)
        return ExpressionFault(start, f"unknown name '{name}'", FOREIGN.get(name.lower(), hint))
    if match := NO_FIELDS.search(message):
        return ExpressionFault(offset + 1, f"{article(match[1])} has no fields", NO_FIELD)
    if match := NO_OVERLOAD.search(message):
        return ExpressionFault(offset, *_mismatch(match[1], match[2]))
    if "Syntax error" in message:
        return syntax_wording.fault(source, offset)
    if match := RESERVED.search(message):
        text = f"'{match[1]}' is a word of CEL"
        return ExpressionFault(offset, text, "rename what it refers to")
    if HAS in message:
        text = "has(…) asks for a field of something"
        return ExpressionFault(offset, text, "write it with a point: has(lead.email)")
    return ExpressionFault(offset, message)


def _called_otherwise(name: str, offset: int) -> ExpressionFault:
    """A function that there is, with a receiver or arguments that it does not take."""
    text = f"'{name}' is not called like this"
    return ExpressionFault(offset, text, f"write {' or '.join(functions()[name].signatures[:3])}")


def _functions() -> str:
    """Return the functions that there are, those of extensions by the name that they share."""
    names = sorted({name.partition(".")[0] + (".…" if "." in name else "") for name in functions()})
    return f"functions: {', '.join(names)}"


def whole_fault(text: str) -> ExpressionFault:
    """Return the fault of an expression that cel-cpp refuses without naming a place."""
    if "recursion limit" in text:
        return ExpressionFault(0, "this is nested too deeply", "name parts of it under `facts:`")
    return ExpressionFault(0, text.splitlines()[0])


def literal_hint(types: Iterable[str]) -> str:
    """Return how to write a value of the first of these types that has a notation of its own."""
    return next((hint for type_, hint in LITERALS.items() if type_ in types), "")


def _similar(name: str, known: Iterable[str]) -> str:
    names = list(known)
    lowered = {other.lower(): other for other in names}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    found = lowered.get(name.lower()) or (close[0] if close else None)
    return f"did you mean '{found}'?" if found else ""


def _known(variables: Iterable[str]) -> str:
    """Return what facts there are, constants of enums left out."""
    facts = sorted(name for name in variables if name.islower())
    return f"known: {', '.join(facts[:12])}{', …' if len(facts) > 12 else ''}" if facts else ""


def _stranger(source: str, start: int, name: str) -> str:
    """Return what a name that resembles no other can have been meant for."""
    if len(name) == 1:
        return f"elements of a list get a name by `each: {{{name}: activities}}`"
    called = re.match(r"\w*\s*[.(]", source[start:]) or source[:start].endswith(".")
    return "" if called or "_" in name else f'if it is text, put it in quotes: "{name}"'


def _mismatch(function: str, types: str) -> tuple[str, str]:
    operator = function.strip("_@").replace("_", " ") if function[0] in "_@!" else function
    types = PACKAGE.sub("", types)
    kinds = types.split(", ")
    if function == "_?_:_" and kinds[0] != "bool":
        return f"what precedes '?' is {article(kinds[0])}, not a bool", COMPARE
    if function == "_?_:_":
        return "both sides of ':' must have one type", f"they are {' and '.join(kinds[1:])}"
    if function in {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"}:
        hint = _comparison_hint(kinds)
        return f"cannot compare {article(kinds[0])} with {article(kinds[-1])}", hint
    if {*kinds} == {"int", "double"}:
        return f"'{operator}' cannot be applied to ({types})", "make both the same: double(…)"
    hint = literal_hint([function.title(), function]) or _operand_hint(kinds)
    return f"'{operator}' cannot be applied to ({types})", hint


def _comparison_hint(kinds: list[str]) -> str:
    if "null_type" in kinds:
        return "ask has(…) whether a fact is known"
    if {*kinds} == {"int", "string"}:
        return "write numbers without quotes, and values of an enum by name: INDUSTRY_BANKING"
    return literal_hint(kinds) or _operand_hint(kinds)


def _operand_hint(kinds: list[str]) -> str:
    """Return what to ask of a list; else that types must fit."""
    if any(kind.startswith("list(") for kind in kinds):
        return 'ask for what is in a list: "DE" in list, list.exists(x, x == "DE"), size(list) > 0'
    return f"here stand {' and '.join(article(kind) for kind in kinds)}: compare what is alike"
