"""Constants of another type than all that they are compared with, reported at the constant."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Expression, ExpressionFault
from dealgate.rulebook.written import Written

TYPES = re.compile(r"cannot compare an? (.+) with an? (.+)|cannot be applied to \((.+), (.+)\)")
# The operands beside an operator, where they are bare names.
BEFORE = re.compile(r"(?<![.\w])([a-z]\w*)\s*$")
AFTER = re.compile(r"(?:in\b|[-+*/%=!<>]+)\s*([a-z]\w*)(?!\w|\s*[.(\[])")
NUMBERS = {"int", "uint", "double"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(slots=True)
class Clashes:
    """What was reported of expressions because a constant that they mention does not fit.

    `fitting` are constants that some expression could use as they are.
    """

    constants: Mapping[str, Expression]
    written: dict[str, Written] = field(default_factory=dict)
    fitting: set[str] = field(default_factory=set)
    _told: list[tuple[str, str, ExpressionFault, Fault]] = field(default_factory=list)

    def take(self, text: str, subject: str, told: ExpressionFault, fault: Fault) -> bool:
        """Keep a fault of the expression `text` if it may be a constant's; tell whether it is."""
        operands = (BEFORE.search(text[: told.offset]), AFTER.match(text[told.offset :]))
        names = [match[1] for match in operands if match and match[1] in self.written]
        if len(names) != 1 or not TYPES.search(told.message):
            return False
        self._told.append((names[0], subject, told, fault))
        return True

    def faults(self) -> Iterator[Fault]:
        """Yield each constant that fits nowhere, once; of others what was reported of their use."""
        blamed: set[str] = set()
        for name, subject, told, fault in self._told:
            if name in self.fitting:
                yield fault
            elif name not in blamed:
                blamed.add(name)
                yield self._of_constant(name, subject, told)

    def _of_constant(self, name: str, subject: str, told: ExpressionFault) -> Fault:
        written, type_ = self.written[name], self.constants[name].type
        types = next(match for match in [TYPES.search(told.message)] if match).groups()
        others = [
            declared for declared in types if declared and declared != type_.rsplit(".", 1)[-1]
        ]
        other = others[0] if others else type_
        message = f"constant {name}: {subject} uses it with {_a(other)}, and it is {_a(type_)}"
        hint = _cure(written.text, other) or told.hint
        fault = written.parts[0][1].fault(message, hint)
        return replace(fault, code=Code.EXPRESSION_INVALID)


def _cure(text: str, other: str) -> str:
    """Return how to write a constant so that it is of the `other` type, where that is plain."""
    bare = text.strip('"')
    if other in NUMBERS and bare != text and NUMBER.fullmatch(bare):
        return f"write it without quotes: {bare}"
    if other == "bool" and bare in {"true", "false"}:
        return f"write it without quotes: {bare}"
    if other == "string" and '"' not in text and "(" not in text:
        return f"put it in quotes: {json.dumps(text)}"
    if other == "double" and text.isdecimal():
        return f"write {text}.0"
    if other == "Date" and re.fullmatch(r"\d{4}-\d\d-\d\d", bare):
        return f'write date("{bare}")'
    if other == "Money" and NUMBER.fullmatch(bare):
        return f'write money("EUR", "{bare}"), in the intended currency'
    if other == "Decimal" and NUMBER.fullmatch(bare):
        return f'write decimal("{bare}")'
    return ""


def _a(type_: str) -> str:
    short = type_.rsplit(".", 1)[-1]
    return f"{'an' if short[0] in 'aeio' else 'a'} {short}"
