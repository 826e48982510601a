"""What of an expression can only fail, whatever the facts: its literals and constants decide."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from zoneinfo import available_timezones

import re2
from google.protobuf.empty_pb2 import Empty

from dealgate.language import syntax
from dealgate.language.exact import compile_exact
from dealgate.language.extensions import MONEY
from dealgate.language.frame import Frame
from dealgate.language.functions import RE2
from dealgate.language.operations import OPERATIONS
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Failure, NoValue, Value
from dealgate.language.witnesses import always_fails, witnesses
from dealgate.language.wording import literal_hint
from dealgate.model.money import exponent
from dealgate.model.rules import ExpressionFault

ZONE = 'write a zone of the IANA list, "Europe/Berlin", or an offset, "+02:00"'
PATTERN = "close its brackets; write a literal bracket as [(]"
# What RE2 says, and what an author can do about it.
PATTERNS = {
    "invalid perl operator": "a pattern cannot look ahead or behind: say it with && and !",
    "invalid repetition size": "repeat at most 1000 times; ask for the length with size(…)",
    "invalid escape sequence": "write backslashes in pairs; a pattern cannot refer to its groups",
    "invalid character class range": "write the lower end of a range first: [a-z]",
    "no argument for repetition operator": "write the repeated expression before * + or ?",
    "bad repetition operator": "repeat once: a*",
    "pattern too large": "write a shorter one",
    "trailing": "write a literal backslash as \\\\\\\\",
}
DIVISIONS = {"_/_", "_%_"}
# A map may hold any key; the others take their pattern as it is, which is looked at by itself.
NOT_TRIED = {"index_map"}


def call_faults(
    tree: Tree, node: Node, constants: Mapping[str, Value]
) -> Iterator[ExpressionFault]:
    """Yield why a call can only fail; `constants` are the values of constant names."""
    call = _Call(tree, node, constants)
    yield from call.fixed() if all(call.known) else call.partly_fixed()


class _Call:
    """A call of which some operands are written out."""

    def __init__(self, tree: Tree, node: Node, constants: Mapping[str, Value]) -> None:
        self._tree = tree
        self._node = node
        self._constants = constants
        self._operands = syntax.operands(node)
        self.known = [_is_literal(tree, operand, constants) for operand in self._operands]

    def fixed(self) -> Iterator[ExpressionFault]:
        """Yield the fault of a call whose operands are all written out."""
        result = self._result(self._node)
        if isinstance(result, Failure):
            if not any(isinstance(self._result(part), NoValue) for part in self._operands):
                yield self._fault(self._node, result.reason)
        elif self._node.call_expr.function == "money":
            yield from self._currency_fault()

    def partly_fixed(self) -> Iterator[ExpressionFault]:
        """Yield the fault of a call that fails whatever the operands are that are facts."""
        function = self._node.call_expr.function
        if function == "matches":
            yield from self._pattern_faults(self._operands[1])
        elif function in DIVISIONS:
            yield from self._zero_fault(self._operands[1])
        elif any(self.known):
            yield from self._deciding_fault()

    def _deciding_fault(self) -> Iterator[ExpressionFault]:
        overload = self._tree.overloads(self._node)[0]
        if OPERATIONS[overload].total or overload in NOT_TRIED:
            return
        free = [self._any(operand) for operand in self._operands]
        given = [
            (self._result(operand),) if known else values
            for operand, known, values in zip(self._operands, self.known, free, strict=True)
        ]
        if any(isinstance(value, NoValue) for values in given for value in values[:1]):
            return  # told at the operand
        for rank, operand in enumerate(self._operands):
            alone = [given[i] if i == rank else free[i] for i in range(len(free))]
            if self.known[rank] and (reason := always_fails(overload, alone)):
                yield self._fault(operand, reason, given[rank][0])
                return
        if reason := always_fails(overload, given):
            yield self._fault(self._node, reason)

    def _any(self, operand: Node) -> Sequence[Value]:
        """Return what an operand that is a fact can be; an amount, of any currency at hand."""
        type_ = self._tree.type(operand)
        if type_ != MONEY:
            return witnesses(type_)
        written = [
            self._result(each)
            for each, known in zip(self._operands, self.known, strict=True)
            if known and self._tree.type(each) == MONEY
        ]
        return [(value[0], 0) for value in written if isinstance(value, tuple)] or witnesses(MONEY)

    def _result(self, node: Node) -> Value:
        return compile_exact(self._tree.at(node))(Frame(Empty(), self._constants))

    def _fault(self, node: Node, reason: str, value: Value = None) -> ExpressionFault:
        hint = literal_hint([self._tree.type(self._node).removeprefix("google.type.")])
        if reason == "unknown time zone":
            hint = _zone_hint(value)
        elif node is not self._node:
            hint = ""
        return ExpressionFault(self._tree.offset(node), f"this can only fail: {reason}", hint)

    def _currency_fault(self) -> Iterator[ExpressionFault]:
        code = self._operands[0]
        currency = self._result(code)
        if isinstance(currency, str) and exponent(currency) is None:
            text = f"unknown currency '{currency}'"
            hint = "write its code of ISO 4217: EUR"
            yield ExpressionFault(self._tree.offset(code), text, hint)

    def _zero_fault(self, divisor: Node) -> Iterator[ExpressionFault]:
        # By 0.0 the result is infinite: nobody means that either.
        if self.known[1] and not self._result(divisor):
            offset = self._tree.offset(divisor)
            yield ExpressionFault(offset, "this divides by zero", "write another number")

    def _pattern_faults(self, pattern: Node) -> Iterator[ExpressionFault]:
        offset = self._tree.offset(pattern)
        if not self.known[1]:
            yield ExpressionFault(offset, "a pattern must be written out", "")
            return
        if reason := refusal_of(self._result(pattern)):
            hint = next((cure for word, cure in PATTERNS.items() if word in reason), PATTERN)
            text = f"this is not a regular expression: {reason}"
            yield ExpressionFault(offset, text, hint)


def refusal_of(pattern: Value) -> str:
    """Return why RE2 refuses a pattern; empty if it does not."""
    try:
        re2.compile(pattern, RE2)
    except re2.error as error:
        reason = error.args[0]
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return ""


def _zone_hint(zone: Value) -> str:
    if not isinstance(zone, str):
        return ZONE
    lowered = {name.lower(): name for name in available_timezones()}
    close = get_close_matches(zone.lower(), lowered, n=1, cutoff=0.8)
    return f"did you mean '{lowered[close[0]]}'?" if close else ZONE


def _is_literal(tree: Tree, node: Node, constants: Mapping[str, Value]) -> bool:
    return not any(
        syntax.kind(part) in ("ident_expr", "select_expr", "comprehension_expr")
        and tree.constant(part) is None
        and part.ident_expr.name not in constants
        for part in syntax.walk(node)
    )
