"""What of an expression can only fail, whatever the facts: its literals and constants decide."""

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from zoneinfo import available_timezones

import re2

from dealgate.language import syntax
from dealgate.language.choices import Choice, Choices, PartChoices
from dealgate.language.extensions import MONEY
from dealgate.language.functions import RE2
from dealgate.language.operations import OPERATIONS
from dealgate.language.syntax import Node, Tree
from dealgate.language.times import MACHINES
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
WRITE_PATTERN = 'write it here, in quotes: text.matches("^a+$")'
# Where functions take a pattern.
PATTERNED = {"matches": 1, "regex.replace": 1, "regex.extractAll": 1}
DIVISIONS = {"_/_", "_%_"}
# What to do about an operation that fails; how to write zones, amounts and dates is said besides.
CURES = {
    **dict.fromkeys(("divide by zero", "modulus by zero"), "write another number"),
    "index out of bounds": "positions count from 0 to size(…) - 1; no end is before its beginning",
    "no such key": "write a key that the map has, or ask before: key in map ? map[key] : other",
    "overflow": "write numbers that fit into 64 bits",
    "out of range": "write numbers that fit into 64 bits",
    "the list is empty": "ask for its size first: size(list) > 0",
    "currencies differ": "write both amounts in one currency",
    "no such group": "write \\1 for the first group of the pattern, in round brackets",
    "more than one group": "keep one group; write the others as (?:…)",
    "not a replacement": "write a backslash as four: \\\\",
    "not a currency code": "write the code of ISO 4217, three capitals: EUR",
    "not a decimal": 'write digits and a point: "1000.50"',
    "not an int": "write digits alone: 1000",
    "not a uint": "write digits alone: 1000",
    "not a double": "write digits and a point: 1000.5",
    "not a bool": "write true or false",
    "negative shift": "shift the other way",
    "the list would be too long": "count to 10,000 at most",
    "the text would be too long": "join fewer texts",
    "duration out of range": "a span has at most 292 years",
    "timestamp out of range": "instants lie in the years 1 to 9999",
    "too many places": "ask for 0 to 30 places",
    "not UTF-8": "write it as text",
}
# A map may hold any key; the others take their pattern as it is, which is looked at by itself.
NOT_TRIED = {"index_map"}


def call_faults(tree: Tree, node: Node, written: PartChoices) -> Iterator[ExpressionFault]:
    """Yield why a call can only fail, for what of it is written out."""
    call = _Call(tree, node, written)
    yield from call.fixed() if all(call.known) else call.partly_fixed()


class _Call:
    """A call of which some operands are written out."""

    def __init__(self, tree: Tree, node: Node, written: PartChoices) -> None:
        self._tree = tree
        self._node = node
        self._written = written
        self._operands = syntax.operands(node)
        self._choices = [written.choices(operand) for operand in self._operands]
        self.known = [choice.is_known for choice in self._choices]

    def fixed(self) -> Iterator[ExpressionFault]:
        """Yield the fault of a call whose operands are all written out."""
        pattern = PATTERNED.get(self._node.call_expr.function)
        if pattern is not None and refusal_of(self._known(pattern)):
            yield from self._pattern_faults(self._operands[pattern])
            return
        result = self._written.result(self._node)
        if isinstance(result, Failure):
            if not any(isinstance(self._known(rank), NoValue) for rank in range(len(self.known))):
                yield self._fault(self._node, result.reason)
        elif self._node.call_expr.function == "money":
            yield from self._currency_fault()

    def partly_fixed(self) -> Iterator[ExpressionFault]:
        """Yield the fault of a call that fails whatever the operands are that are facts."""
        function = self._node.call_expr.function
        pattern = PATTERNED.get(function)
        if function == "matches" or (pattern is not None and self.known[pattern]):
            faults = [*self._pattern_faults(self._operands[pattern or 1])]
            yield from faults
            if faults or function == "matches":
                return
        if function == "_[_]":
            yield from self._absent_fault()
        yield from self._zero_fault() if function in DIVISIONS else self._deciding_fault()

    def _known(self, rank: int) -> Value:
        return self._choices[rank].values[0].value

    def _deciding_fault(self) -> Iterator[ExpressionFault]:
        overload = self._tree.overloads(self._node)[0]
        if OPERATIONS[overload].total or overload in NOT_TRIED:
            return
        free = [self._any(operand) for operand in self._operands]
        if not all(free):
            return  # a message, reported elsewhere
        for rank, choices in enumerate(self._choices):
            if any(isinstance(value.value, NoValue) for value in choices.values):
                return  # reported at the operand
            decisive = _decisive(choices, partial(self._reason, overload, free, rank))
            if decisive is not None:
                yield self._fault(decisive[0].node, decisive[1], decisive[0].value)
                return
        given = [
            (self._known(rank),) if known else free[rank] for rank, known in enumerate(self.known)
        ]
        if any(self.known) and (reason := always_fails(overload, given)):
            yield self._fault(self._node, reason)

    def _reason(
        self, overload: str, free: Sequence[Sequence[Value]], rank: int, value: Value
    ) -> str | None:
        """Return why the call fails whatever the other operands are."""
        alone = [(value,) if other == rank else values for other, values in enumerate(free)]
        return always_fails(overload, alone)

    def _zero_fault(self) -> Iterator[ExpressionFault]:
        # By 0.0 the result is infinite: nobody means that either.
        reason = _decisive(self._choices[1], lambda value: None if value else "zero")
        if reason is not None:
            offset = self._tree.offset(reason[0].node)
            yield ExpressionFault(offset, "this divides by zero", "write another number")

    def _absent_fault(self) -> Iterator[ExpressionFault]:
        """Yield the fault of reading what a list or map of facts, written out, does not hold."""
        held, key = self._operands
        if not self.known[1] or syntax.kind(held) not in {"list_expr", "struct_expr"}:
            return
        if syntax.kind(held) == "list_expr":
            position = self._known(1)
            if isinstance(position, int) and position >= len(held.list_expr.elements):
                yield self._fault(key, "index out of bounds")
            return
        keys = [self._written.choices(entry.map_key) for entry in held.struct_expr.entries]
        held_keys = [key.values[0].value for key in keys if key.is_known]
        if len(held_keys) == len(keys) and self._known(1) not in held_keys:
            yield self._fault(key, "no such key")

    def _any(self, operand: Node) -> Sequence[Value]:
        """Return what an operand that is a fact can be; an amount, of any currency at hand."""
        type_ = self._tree.type(operand)
        if type_ != MONEY:
            return witnesses(type_)
        written = [
            value.value for choices in self._choices for value in choices.values if choices.is_known
        ]
        codes = [value[0] for value in written if isinstance(value, tuple) and len(value) == 2]
        return [(code, 0) for code in codes] or witnesses(MONEY)

    def _fault(self, node: Node, reason: str, value: Value = None) -> ExpressionFault:
        hint = literal_hint([self._tree.type(self._node).removeprefix("google.type.")])
        if reason == "unknown time zone":
            hint = _zone_hint(value)
        hint = hint or CURES.get(reason, "") or "write another value"
        return ExpressionFault(self._tree.offset(node), f"this can only fail: {reason}", hint)

    def _currency_fault(self) -> Iterator[ExpressionFault]:
        code, currency = self._operands[0], self._known(0)
        if isinstance(currency, str) and exponent(currency) is None:
            text = f"unknown currency '{currency}'"
            hint = "write its code of ISO 4217: EUR"
            yield ExpressionFault(self._tree.offset(code), text, hint)

    def _pattern_faults(self, pattern: Node) -> Iterator[ExpressionFault]:
        offset = self._tree.offset(pattern)
        choices = self._written.choices(pattern)
        if any(syntax.kind(part) == "ident_expr" for part in syntax.walk(pattern)):
            yield ExpressionFault(offset, "a pattern must be written out", WRITE_PATTERN)
            return
        if reason := refusal_of(choices.values[0].value):
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
    zones = (name for name in available_timezones() if not MACHINES.match(name))
    lowered = {name.lower(): name for name in zones}
    close = get_close_matches(zone.lower(), lowered, n=1, cutoff=0.8)
    return f"did you mean '{lowered[close[0]]}'?" if close else ZONE


def _decisive(choices: Choices, reason: Callable[[Value], str | None]) -> tuple[Choice, str] | None:
    """Return a value that alone makes a call fail, and why.

    A number that is read from a list or a map may be kept from where it fails by a condition
    around the call; a text that is not a zone, date or amount is never of any use.
    """
    wrong = [(value, why) for value in choices.values if (why := reason(value.value)) is not None]
    if choices.closed and len(wrong) == len(choices.values):
        return next(iter(wrong), None)
    plain = (pair for pair in wrong if pair[0].stands or isinstance(pair[0].value, str))
    return next(plain, None)
