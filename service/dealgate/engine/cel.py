"""Checks CEL expressions with Google's own parser and type checker; the only file that knows it.

`cel-expr-python` is used at load time alone. It returns evaluation errors as truthy values and
holds the GIL, so nothing here evaluates with it.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cel.expr import checked_pb2, syntax_pb2
from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor

from dealgate.engine import profile, syntax
from dealgate.engine.operations import DECLARATIONS, environment_yaml
from dealgate.engine.scope import AS_OF, enum_constants, field_type
from dealgate.model.rules import Checked, ExpressionFault, ExpressionFaults

MESSAGE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
UNDEFINED_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '([\w.]+)'")
UNDECLARED = re.compile(r"undeclared reference to '([\w.]+)'")
NO_FIELDS = re.compile(r"expression of type '([\w.]+)' cannot be the operand of a select")
NO_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
# What cel-cpp writes, and what our authors call it.
LONG_NAMES = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    " (in container '')": "",
}
# Said once is enough: these follow from another fault at the same spot.
ECHOES = ("expression of type '*error*'", "<<nil>> parsetree")
WORDS = {"and": "&&", "or": "||", "not": "!", "contains": "x.contains(y)", "is": "=="}


class CelChecker:
    """Parses and type-checks expressions against the facts of a kind."""

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """Return the names an author may not declare, because they mean something already."""
        functions = {each.function for each in DECLARATIONS if each.function[0].isalpha()}
        return frozenset({*facts.fields_by_name, AS_OF, *enum_constants(facts), *functions})

    def names(self, source: str) -> frozenset[str]:
        """Return the free identifiers that an expression mentions; raises ExpressionFaults."""
        # Unchecked, cel-cpp serializes another message than a CheckedExpr.
        parsed = syntax_pb2.ParsedExpr.FromString(_compile(source, {}, check=False))
        return frozenset(syntax.names(parsed.expr))

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """Type-check an expression over `facts` (None: a constant) and further `variables`.

        Variables and `expected` are types in CEL's notation. Raises ExpressionFaults with
        everything that is wrong, including what cel-cpp lets pass: see profile.py.
        """
        scope = {**_scope(facts), **variables}
        ast = _with_enums(_compile(source, scope), facts)
        tree = syntax.Tree(ast)
        faults = profile.faults(tree, facts)
        found = tree.type(tree.root)
        if not faults and expected is not None and found != expected:
            faults = [ExpressionFault(0, f"this is {article(found)}, not {article(expected)}")]
        if faults:
            raise ExpressionFaults(faults)
        return Checked(type=found, ast=ast)


def article(type_: str) -> str:
    """Name a type in a sentence: "an int", "a bool"."""
    return type_.removesuffix("_type") if type_ == "null_type" else f"{an(type_)} {type_}"


def an(word: str) -> str:
    """Return the article that a word takes."""
    return "an" if word[0] in "aeio" else "a"


def _scope(facts: Descriptor | None) -> dict[str, str]:
    if facts is None:
        return {}
    fields = {name: field_type(field) for name, field in facts.fields_by_name.items()}
    return {**fields, AS_OF: "timestamp", **dict.fromkeys(enum_constants(facts), "int")}


@lru_cache(maxsize=1)
def _configuration() -> cel.EnvConfig:
    return cel.NewEnvConfigFromYaml(environment_yaml())


@lru_cache(maxsize=256)
def _environment(variables: tuple[tuple[str, str], ...]) -> cel.Env:
    pool = descriptor_pool.Default()
    types = {name: _cel_type(type_) for name, type_ in variables}
    return cel.NewEnv(pool, config=_configuration(), variables=types)


def _cel_type(type_: str) -> cel.Type:
    if type_.startswith("list("):
        return cel.Type.List(_cel_type(type_[5:-1]))
    if type_.startswith("map("):
        key, _, value = type_[4:-1].partition(", ")
        return cel.Type.Map(_cel_type(key), _cel_type(value))
    return cel.Type(type_)


def _compile(source: str, variables: Mapping[str, str], *, check: bool = True) -> bytes:
    environment = _environment(tuple(sorted(variables.items())))
    try:
        expression = environment.compile(source, disable_check=not check)
    except RuntimeError as error:
        raise ExpressionFaults(_faults(source, str(error), variables)) from None
    return any_pb2.Any.FromString(expression.serialize()).value


def _with_enums(ast: bytes, facts: Descriptor | None) -> bytes:
    # The checker sees enum constants as variables, which gives authors their bare names. Here
    # they become what CEL makes of a qualified name: a reference with a value.
    if facts is None:
        return ast
    constants = enum_constants(facts)
    checked = checked_pb2.CheckedExpr.FromString(ast)
    for reference in checked.reference_map.values():
        if reference.name in constants and not reference.overload_id:
            reference.value.int64_value = constants[reference.name][1]
    patched: bytes = checked.SerializeToString(deterministic=True)
    return patched


def _faults(source: str, text: str, variables: Mapping[str, str]) -> list[ExpressionFault]:
    found: list[ExpressionFault] = []
    for long, short in LONG_NAMES.items():
        text = text.replace(long, short)
    for line, column, message in MESSAGE.findall(text):
        if found and (message.startswith(ECHOES) or "Syntax error" in message):
            continue
        offset = _offset(source, int(line), int(column))
        found.append(_fault(source, offset, message, variables))
    return found or [ExpressionFault(0, text.splitlines()[0])]


def _offset(source: str, line: int, column: int) -> int:
    if line < 1:
        return 0
    lines = source.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1


def _fault(source: str, offset: int, message: str, variables: Mapping[str, str]) -> ExpressionFault:
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
    if offset == 0 and "recursion" in message:
        return ExpressionFault(0, "this is nested too deeply", "name parts of it under `facts:`")
    return ExpressionFault(offset, message)


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
