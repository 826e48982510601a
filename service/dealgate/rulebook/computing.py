"""The values of named facts, for a declared outcome that contains some of them.

Rules claim what their files write; what is computed is a named fact, or a table that tells one.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, asked_frame
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, Value
from dealgate.model.money import from_minor, minor_factor
from dealgate.model.rules import AnyRuleSet

ONE = Decimal(1)
# The type of an expression, by that of the outcome's field.
TYPES = {
    "bool": "bool",
    "int": "int",
    "text": "string",
    "decimal": "google.type.Decimal",
    "money": "google.type.Money",
    "list(bool)": "list(bool)",
    "list(int)": "list(int)",
    "list(decimal)": "list(google.type.Decimal)",
    "list(text)": "list(string)",
}


def told_facts(
    ruleset: AnyRuleSet, facts: Message, as_of: int, names: Iterable[str]
) -> Mapping[str, Any]:
    """Return the values of these named facts; one that is not known, or fails, is left out.

    An amount is rounded half to even to its currency's minor unit.
    """
    constants, named = ruleset.once(_compiled)
    frame = asked_frame(facts, constants, as_of, named)
    values = {name: _plain(frame.names[name]) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _compiled(ruleset: AnyRuleSet) -> tuple[Mapping[str, Value], Mapping[str, Evaluator]]:
    nothing = Frame(Empty(), {})
    constants = {
        name: compile_exact(Tree(of.ast))(nothing) for name, of in ruleset.constants.items()
    }
    return constants, {name: compile_exact(Tree(of.ast)) for name, of in ruleset.facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, NoValue):
        return None
    if not isinstance(value, tuple):
        return value
    currency, nanos = value
    unit = minor_factor(currency)
    if unit is None:
        return None
    try:
        return from_minor(int((nanos / Decimal(unit)).quantize(ONE, ROUND_HALF_EVEN)), currency)
    except (ValueError, InvalidOperation):  # more than an amount can be
        return None
