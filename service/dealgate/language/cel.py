"""Checks CEL expressions with Google's own parser and type checker; the only file that knows it.

`cel-expr-python` is used at load time alone. It returns evaluation errors as truthy values and
holds the GIL, so nothing here evaluates with it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message

from dealgate.language import profile, syntax
from dealgate.language.environment import environment_yaml
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.operations import DECLARATIONS
from dealgate.language.resolving import resolved
from dealgate.language.scope import AS_OF, enum_constants, field_type
from dealgate.language.syntax_wording import hidden
from dealgate.language.v1 import checked_pb2
from dealgate.language.values import Value
from dealgate.language.wording import COMPARE, article, fault, once, whole_fault
from dealgate.model.rules import Checked, ExpressionFault, ExpressionFaults
from dealgate.model.vocabulary import vocabulary_of

MESSAGE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
# What cel-cpp writes, and what our authors call it.
LONG_NAMES = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    " (in container '')": "",
}
# Half of a character, as what is not UTF-8 is read.
SURROGATE = re.compile("[\\ud800-\\udfff]")
NO_CHARACTER = "this is no character"
# What the names of extension functions begin with: math.abs(…).
SPACES = ("cel", "lists", "math", "regex", "sets", "strings")
# What types are called, which variables cannot be; and functions that need no declaration.
TYPES = ("bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type")
STANDARD = ("uint", "has", "size", "matches", "timestamp", "duration")
# An expression is compiled, proved and explained part by part: a longer one takes minutes.
NODES_MOST = 5000
LONG = f"this is longer than {NODES_MOST:,} names, values and operators"
DEEP = "this is nested too deeply"
NAME_PARTS = "name parts of it under `facts:`"
# Said once is enough: these follow from another fault at the same spot.
ECHO = re.compile(r"\*error\*|<<nil>> parsetree|\(.*\bdyn\b.*\)'$")

# Names that mean something whatever the facts are.
FUNCTIONS = frozenset(
    {declaration.function for declaration in DECLARATIONS if not declaration.target}
    | {*SPACES, *TYPES, "uint"}
)


Serialized = TypeVar("Serialized", bound=Message)


class CelChecker:
    """Parses and type-checks expressions against the facts of a kind."""

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """Return the names an author may not declare, because they mean something already."""
        return frozenset({*facts.fields_by_name, AS_OF, *enum_constants(facts), *FUNCTIONS})

    def names(self, source: str) -> frozenset[str]:
        """Return the free identifiers that an expression mentions; raises ExpressionFaults."""
        # Unchecked, cel-cpp serializes another message than a CheckedExpr.
        parsed = checked_pb2.ParsedExpr.FromString(_compile(source, {}, check=False))
        return frozenset(syntax.names(parsed.expr)) - {*SPACES}

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
        taken = FUNCTIONS.union(scope, STANDARD)
        ast, faults = resolved(_compile(source, scope), source, facts, taken)
        tree = syntax.Tree(ast)
        if sum(1 for _ in syntax.walk(tree.root)) > NODES_MOST:
            raise ExpressionFaults([ExpressionFault(0, LONG, NAME_PARTS)])
        faults = faults or [*profile.faults(tree, facts), *profile.number_faults(tree, source)]
        faults = faults or [*profile.infinite_faults(tree), *hidden(source)]
        checked = tree.type(tree.root)
        if not faults and expected is not None and checked != expected:
            text = f"this is {article(checked)}, not {article(expected)}"
            faults = [ExpressionFault(0, text, COMPARE if expected == "bool" else "")]
        if faults:
            raise ExpressionFaults(faults)
        return Checked(type=checked, ast=ast, enum=profile.constants_of(tree, tree.root, facts))

    def check_constants(self, ast: bytes, constants: Mapping[str, bytes]) -> None:
        """Raise ExpressionFaults if an expression can only fail because of what constants say.

        `constants` are their own expressions, by name: they are literals under another name.
        """
        values = {name: constant_value(constant) for name, constant in constants.items()}
        tree = syntax.Tree(ast)
        if faults := profile.constant_faults(tree, values):
            raise ExpressionFaults(faults)


@lru_cache(maxsize=4096)
def constant_value(ast: bytes) -> Value:
    """Return the value of a constant's expression."""
    return compile_exact(syntax.Tree(ast))(Frame(Empty(), {}))


def _scope(facts: Descriptor | None) -> dict[str, str]:
    if facts is None:
        return {}
    fields = {name: field_type(field) for name, field in facts.fields_by_name.items()}
    return {**fields, AS_OF: "timestamp", **dict.fromkeys(enum_constants(facts), "int")}


@lru_cache(maxsize=1)
def _configuration() -> cel.EnvConfig:
    return cel.NewEnvConfigFromYaml(environment_yaml())


def _environment(variables: tuple[tuple[str, str], ...]) -> cel.Env:
    """Return the environment of these variables; that of declarations goes with them."""
    for _, type_ in variables:
        known = vocabulary_of(type_.removeprefix("list("))
        if known is not None:
            made: cel.Env | None = known.made.get(variables)
            if made is None:
                made = known.made[variables] = _made(known.pool, variables)
            return made
    return _of_contracts(variables)


@lru_cache(maxsize=256)
def _of_contracts(variables: tuple[tuple[str, str], ...]) -> cel.Env:
    return _made(descriptor_pool.Default(), variables)


def _made(pool: Any, variables: tuple[tuple[str, str], ...]) -> cel.Env:
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
    if half := SURROGATE.search(source):
        fault = ExpressionFault(half.start(), NO_CHARACTER, "delete it, and save as UTF-8")
        raise ExpressionFaults([fault])
    environment = _environment(tuple(sorted(variables.items())))
    try:
        expression = environment.compile(source, disable_check=not check)
    except RuntimeError as error:
        raise ExpressionFaults(_faults(source, str(error), variables)) from None
    serialized = _decoded(any_pb2.Any, expression.serialize()).value
    _decoded(checked_pb2.CheckedExpr if check else checked_pb2.ParsedExpr, serialized)
    return serialized


def _decoded(message: type[Serialized], data: bytes) -> Serialized:
    try:
        return message.FromString(data)
    except DecodeError:  # protobuf reads a hundred levels
        raise ExpressionFaults([ExpressionFault(0, DEEP, NAME_PARTS)]) from None


def _faults(source: str, text: str, variables: Mapping[str, str]) -> list[ExpressionFault]:
    expression_faults: list[ExpressionFault] = []
    for long, short in LONG_NAMES.items():
        text = text.replace(long, short)
    for line, column, message in MESSAGE.findall(text):
        if expression_faults and (ECHO.search(message) or "Syntax error" in message):
            continue
        offset = _offset(source, int(line), int(column))
        expression_faults.append(fault(source, offset, message, variables))
    if "recursion" in text or not expression_faults:
        return [whole_fault(text)]
    return once(source, expression_faults)


def _offset(source: str, line: int, column: int) -> int:
    if line < 1:
        return 0
    lines = source.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1
