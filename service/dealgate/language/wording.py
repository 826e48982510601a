"""Says in an author's words what cel-cpp found wrong, with the cure where it is plain."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from dealgate.language import syntax, syntax_wording
from dealgate.language.foreign import FOREIGN, OPERANDS, of_enum, of_operands, split_types
from dealgate.language.reference import functions
from dealgate.model.rules import ExpressionFault
from dealgate.model.vocabulary import SENT, entity_of

UNDEFINED_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '([\w.]+)'")
UNDECLARED = re.compile(r"undeclared reference to '([\w.]+)'")
NO_FIELDS = re.compile(r"expression of type '([^']+)' cannot be the operand of a select")
NO_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
RESERVED = re.compile(r"reserved identifier: (\w+)")
PACKAGE = re.compile(r"\b(?:[a-z]\w*\.)+(?=[A-Z])")
AFTER = re.compile(r"(?:==|!=|in\b)\s*\[?\s*[\"'](\w+)[\"']")
BEFORE = re.compile(r"[\"'](\w+)[\"']\s*$")
HAS = "has() argument must be a field selection"
TOO_DEEP = "this is nested too deeply"
COMPARE = "compare it with something: size > 0"
TEXT_TESTS = {"startsWith", "endsWith", "contains", "matches"}
DECLARE = "declare it in properties.yaml of the rules folder"
NEW_NAME = "write a word in lower case: list.exists(x, …)"
NO_FIELD = "delete the point and what follows it"
LITERALS = {
    "Money": 'write amounts as money("EUR", "1000.50")',
    "Date": 'write dates as date("2026-01-31")',
    "Decimal": 'write shares as decimal("0.2")',
    "timestamp": 'write instants as timestamp("2026-01-31T00:00:00Z")',
    "duration": 'write spans as duration("72h")',
}


def undeclared(entity: str, name: str) -> str:
    """Say that an entity has no such property, or none at all."""
    if name == SENT:
        return f"no properties of {entity} are declared"
    return f"no property '{name}' of {entity} is declared"


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
        if entity := entity_of(struct, name):
            hint = (name != SENT and _similar(name, known)) or DECLARE
            return ExpressionFault(offset + 1, undeclared(entity, name), hint)
        text = f"{struct.rsplit('.', 1)[-1]} has no field '{name}'"
        hint = _similar(name, known) or f"its fields: {_some(known)}"
        return ExpressionFault(offset + 1, text, hint)
    if match := UNDECLARED.search(message):
        return _unknown(source, offset, match[1].lstrip(".").partition(".")[0], variables)
    if match := NO_FIELDS.search(message):
        type_ = PACKAGE.sub("", match[1])
        return ExpressionFault(
            offset + 1, f"{article(type_)} has no fields", _asked(source, offset)
        )
    if match := NO_OVERLOAD.search(message):
        text, hint = _mismatch(match[1], match[2])
        return ExpressionFault(offset, text, _of_enum(source, offset, match[2], variables) or hint)
    if "Syntax error" in message:
        return syntax_wording.fault(source, offset)
    if match := RESERVED.search(message):
        hint = FOREIGN.get(match[1], "rename what it refers to")
        return ExpressionFault(offset, f"'{match[1]}' is a word of CEL", hint)
    return ExpressionFault(offset, *_other(message))


def _of_enum(source: str, offset: int, types: str, variables: Iterable[str]) -> str:
    """Return the enum's value that is compared as text: `lead.seniority == "VP"`."""
    if {*split_types(types)} not in ({"int", "string"}, {"int", "list(string)"}):
        return ""
    written = AFTER.match(source[offset:]) or BEFORE.search(source[:offset])
    return of_enum(written[1], variables) if written else ""


def _other(message: str) -> tuple[str, str]:
    if "unsupported syntax" in message:
        return "rules do not use optional values", FOREIGN["optional"]
    if HAS in message:
        return "has(…) asks for a field of something", "write it with a point: has(lead.email)"
    if "variable" in message and ("identifier" in message or "cannot be" in message):
        return "a macro's variable is a new name", NEW_NAME
    if "must be different from the first" in message:
        return "both variables of this macro have one name", "give the second one another name"
    if "invalid int literal" in message or "invalid uint literal" in message:
        return (
            "this number does not fit into 64 bits",
            'write it as a double, 1e20, or decimal("…")',
        )
    if "Invalid string literal" in message or "Illegal escape" in message:
        return "this text has an escape that stands for no character", "write the character itself"
    return message, ""


def _asked(source: str, offset: int) -> str:
    """Return how to ask what a name after a point was meant to ask."""
    name = re.match(r"\.\s*(\w+)", source[offset:])
    if name is None:
        return NO_FIELD
    if name[1] in functions():
        return f"call it: {functions()[name[1]].signatures[0]}"
    return FOREIGN.get(name[1].lower(), NO_FIELD)


def _unknown(source: str, offset: int, name: str, variables: Mapping[str, str]) -> ExpressionFault:
    start = max(source.rfind(name, 0, offset + len(name)), 0)
    called = re.match(rf"{name}(?:\.\w+)?\s*\(", source[start:])
    whole = called[0].rstrip("( ") if called else name
    known = next((word for word in (name, whole) if called and word in functions()), None)
    if known is not None:
        return _called_otherwise(known, start)
    hint = FOREIGN.get(whole.lower(), "") or FOREIGN.get(name.lower(), "")
    hint = hint or of_enum(name, variables)
    if value := re.match(r"\w+\.(\w+)", source[start:]):
        hint = hint or of_enum(value[1], variables)
    if called:
        hint = hint or _similar(whole, functions()) or _functions()
        return ExpressionFault(start, f"unknown function '{whole}'", hint)
    hint = hint or _similar(name, [*variables, *functions()]) or _stranger(source, start, name)
    return ExpressionFault(start, f"unknown name '{name}'", hint or _known(variables))


def once(source: str, faults: Sequence[ExpressionFault]) -> list[ExpressionFault]:
    """Leave out what follows from another fault: an unknown function's parts and arguments."""
    calls = [
        (fault.offset, source.find("(", fault.offset), _end_of_call(source, fault.offset))
        for fault in faults
        if fault.message.startswith("unknown function")
        or "is not called like this" in fault.message
    ]
    offsets = [fault.offset for fault in faults]
    return [
        fault
        for rank, fault in enumerate(faults)
        if fault.offset not in offsets[:rank]
        and not any(
            start < fault.offset < (end if fault.message.startswith("unknown") else callee)
            for start, callee, end in calls
        )
    ]


def _end_of_call(source: str, start: int) -> int:
    depth = 0
    for position in range(source.find("(", start), len(source)):
        depth += {"(": 1, ")": -1}.get(source[position], 0)
        if depth == 0:
            return position
    return len(source)


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
    if "recursion" in text:
        return ExpressionFault(0, TOO_DEEP, "name parts of it under `facts:`")
    if "size exceeds" in text:
        hint = "name parts of it under `facts:`, or write a table"
        return ExpressionFault(0, "this is longer than 100,000 characters", hint)
    return ExpressionFault(0, text.splitlines()[0])


def literal_hint(types: Iterable[str]) -> str:
    """Return how to write a value of the first of these types that has a notation of its own."""
    return next((hint for type_, hint in LITERALS.items() if type_ in types), "")


def _similar(name: str, known: Iterable[str]) -> str:
    names = list(known)
    lowered = {other.lower(): other for other in names}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    similar = lowered.get(name.lower()) or (close[0] if close else None)
    return f"did you mean '{similar}'?" if similar else ""


def _known(variables: Iterable[str]) -> str:
    """Return what facts there are, constants of enums left out."""
    facts = sorted(name for name in variables if name.islower())
    return f"known: {_some(facts)}; {_functions()}" if facts else ""


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return f"{', '.join(listed[:12])}{', …' if len(listed) > 12 else ''}"


def _stranger(source: str, start: int, name: str) -> str:
    """Return what a name that resembles no other can have been meant for."""
    if len(name) == 1:
        return f"elements of a list get a name by `each: {{{name}: activities}}`"
    called = re.match(r"\w*\s*[.(]", source[start:]) or source[:start].endswith(".")
    return "" if called or "_" in name else f'if it is text, put it in quotes: "{name}"'


def _mismatch(function: str, types: str) -> tuple[str, str]:
    operator = function.strip("_@").replace("_", " ") if function[0] in "_@!-" else function
    types = PACKAGE.sub("", types)
    kinds = split_types(types)
    if function == "_?_:_" and kinds[0] != "bool":
        return f"what precedes '?' is {article(kinds[0])}, not a bool", COMPARE
    if function == "_?_:_":
        return "both sides of ':' must have one type", f"they are {' and '.join(kinds[1:])}"
    if function in {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"}:
        hint = _comparison_hint(kinds)
        if kinds[0] == kinds[-1] and not literal_hint(kinds):
            hint = f"{kinds[0].partition('(')[0]}s have no order: compare with == or !="
        return f"cannot compare {article(kinds[0])} with {article(kinds[-1])}", hint
    if {*kinds} == {"int", "double"} and function not in functions():
        return f"'{operator}' cannot be applied to ({types})", "make both the same: double(…)"
    is_of_lists = any(kind.startswith("list(") for kind in kinds)
    hint = "" if is_of_lists else OPERANDS.get(function, "")
    if function == "-_":
        hint = of_operands(function, kinds)
    hint = hint or literal_hint([function.title(), function])
    if function == "@in" and kinds == ["string", "string"]:
        hint = "write text.contains(part)"
    if function in TEXT_TESTS and kinds[0] == "string" and is_of_lists:
        hint = f'ask for each: ["a", "b"].exists(part, x.{function}(part))'
    if function in functions() and not is_of_lists:
        hint = hint or f"write {' or '.join(functions()[function].signatures[:3])}"
    hint = hint or of_operands(function, kinds) or _operand_hint(kinds)
    return f"'{operator}' cannot be applied to ({types})", hint


def _comparison_hint(kinds: list[str]) -> str:
    if "null_type" in kinds:
        return "ask has(…) whether a fact is known"
    if {*kinds} == {"Date", "timestamp"}:
        return "make a day of the instant: date(as_of), or date(as_of, zone)"
    if "bool" in kinds:
        return "true and false need no comparison: write x, or !x; a < x && x < b for a range"
    if {*kinds} == {"int", "uint"}:
        return "write 5u, or int(…)"
    if {*kinds} == {"int", "string"}:
        return "write numbers without quotes, and values of an enum by name: INDUSTRY_BANKING"
    return literal_hint(kinds) or _operand_hint(kinds)


def _operand_hint(kinds: list[str]) -> str:
    """Return what to ask of a list; else that types must fit."""
    if any(kind.startswith("list(") for kind in kinds):
        return 'ask for what is in a list: "DE" in list, list.exists(x, x == "DE"), size(list) > 0'
    if len({*kinds}) == 1:
        return f"{kinds[0].partition('(')[0]} values do not take this: see docs/language.md"
    written = " and ".join(article(kind) for kind in kinds)
    return f"here stand {written}: both sides must be of one type"
