"""Says in an author's words what cel-cpp found wrong, with the cure where it is plain."""

import difflib
import re
from collections.abc import Iterable, Mapping

from dealgate.engine import syntax
from dealgate.engine.operations import DECLARATIONS
from dealgate.model.rules import ExpressionFault

UNDEFINED_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '([\w.]+)'")
UNDECLARED = re.compile(r"undeclared reference to '([\w.]+)'")
NO_FIELDS = re.compile(r"expression of type '([\w.]+)' cannot be the operand of a select")
NO_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
WORDS = {"and": "&&", "or": "||", "not": "!", "contains": "x.contains(y)", "is": "=="}


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
        names = [*variables, *(each.function for each in DECLARATIONS)]
        name = match[1].partition(".")[0]
        start = max(source.rfind(name, 0, offset + len(name)), 0)
        return ExpressionFault(start, f"unknown name '{name}'", _similar(name, names))
    if match := NO_FIELDS.search(message):
        return ExpressionFault(offset + 1, f"{article(match[1])} has no fields")
    if match := NO_OVERLOAD.search(message):
        return ExpressionFault(offset, *_mismatch(match[1], match[2]))
    if "Syntax error" in message:
        return _syntax_fault(source, offset)
    return ExpressionFault(offset, message)


def whole_fault(text: str) -> ExpressionFault:
    """Return the fault of an expression that cel-cpp refuses without naming a place."""
    if "recursion limit" in text:
        return ExpressionFault(0, "this is nested too deeply", "name parts of it under `facts:`")
    return ExpressionFault(0, text.splitlines()[0])


def _similar(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _mismatch(function: str, types: str) -> tuple[str, str]:
    operator = function.strip("_").replace("_", " ") if function.startswith("_") else function
    kinds = [kind.removeprefix("google.type.") for kind in types.split(", ")]
    if function == "_?_:_" and kinds[0] != "bool":
        return f"what stands before '?' is {article(kinds[0])}, not a bool", ""
    if function == "_?_:_":
        return "both sides of ':' must have one type", f"they are {' and '.join(kinds[1:])}"
    if function in {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"}:
        hint = _literal_hint(kinds)
        return f"cannot compare {article(kinds[0])} with {article(kinds[-1])}", hint
    return f"'{operator}' cannot be applied to ({types})", ""


def _literal_hint(kinds: list[str]) -> str:
    if "null_type" in kinds:
        return "ask has(…) whether a fact is known"
    if "Money" in kinds:
        return 'write amounts as money("EUR", "1000.50")'
    if "Date" in kinds:
        return 'write dates as date("2026-01-31")'
    if "Decimal" in kinds:
        return 'write shares as decimal("0.2")'
    if "timestamp" in kinds:
        return 'write instants as timestamp("2026-01-31T00:00:00Z")'
    return ""


def _syntax_fault(source: str, offset: int) -> ExpressionFault:
    word = re.match(r"\w+", source[offset:])
    if word and word[0].lower() in WORDS:
        cure = WORDS[word[0].lower()]
        return ExpressionFault(offset, f"'{word[0]}' is not CEL", f"write {cure}")
    if source[offset : offset + 1] == "=":
        return ExpressionFault(offset, "'=' is not CEL", "compare with ==")
    if offset >= len(source.rstrip()):
        return ExpressionFault(offset, "the expression ends too early", "")
    if source[offset] in "\"'":
        return ExpressionFault(offset, "this string does not end on its line", "")
    return ExpressionFault(offset, f"cannot read this: {source[offset : offset + 20]}", "")
