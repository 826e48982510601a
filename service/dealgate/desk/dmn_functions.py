"""Where decision tables of a DMN file are: in decisions, and in functions that decisions invoke.

A table in a function (a business knowledge model) reads the function's parameters. As a table of
ours it is that of the decision that invokes it, and reads what the parameters are bound to. A table
within an expression is that of the decision if the expression does nothing but name it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree as ET

from dealgate.desk.dmn_types import Declared
from dealgate.desk.dmn_xml import below, children, text_of

QUOTED = r'"(?:[^"\\]|\\.)*"'


@dataclass(frozen=True, slots=True)
class InvokedTable:
    """A decision table, whose it is, what its parameters are bound to, and what is lost."""

    name: str
    table: ET.Element
    bound: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    def read(self, text: str) -> str:
        """Return an expression with what parameters are bound to in their place."""
        if not self.bound:
            return text
        names = "|".join(re.escape(name) for name in sorted(self.bound, key=len, reverse=True))
        pattern = rf"{QUOTED}|(?<![\w.])(?:{names})(?!\w)"
        return re.sub(pattern, lambda match: self.bound.get(match[0], match[0]), text)


def dmn_tables(root: ET.Element) -> Iterator[InvokedTable]:
    """Yield the decision tables below the root of a file, in its order."""
    declared = Declared(root)
    functions = {model.get("name") or "": model for model in below(root, "businessKnowledgeModel")}
    invoked = set[str]()
    for decision in below(root, "decision"):
        name = decision.get("name") or decision.get("id") or "table"
        yield from _tables(name, decision)
        for invocation in children(decision, "invocation"):
            called = _called(invocation)
            if called in functions:
                invoked.add(called)
                yield from _invoked(name, functions[called], invocation, declared)
    for name, function in functions.items():
        if name not in invoked:
            yield from _in_function(name, function)


def _invoked(
    name: str, function: ET.Element, invocation: ET.Element, declared: Declared
) -> Iterator[InvokedTable]:
    bound, left_out = dict[str, str](), list[str]()
    for binding in children(invocation, "binding"):
        parameter = next(
            (parameter.get("name") or "" for parameter in children(binding, "parameter")), ""
        )
        value = text_of(binding)
        if parameter and declared.is_path(value):
            bound[parameter] = value
        else:
            left_out.append(f"input {parameter}: is {value or 'empty'}; write its header")
    for placed in _in_function(name, function):
        yield replace(placed, bound=bound, left_out=[*left_out, *placed.left_out])


def _in_function(name: str, function: ET.Element) -> Iterator[InvokedTable]:
    for logic in children(function, "encapsulatedLogic"):
        yield from _tables(name, logic)


def _tables(name: str, owner: ET.Element) -> Iterator[InvokedTable]:
    """Yield the table that an owner is, and those that are parts of its expression."""
    direct = children(owner, "decisionTable")
    yield from (InvokedTable(name, table) for table in direct)
    placed = {id(table) for table in direct}
    for context in children(owner, "context"):
        for entry in _in_context(name, context):
            placed.add(id(entry.table))
            yield entry
    for table in below(owner, "decisionTable"):
        if id(table) not in placed:
            yield InvokedTable(name, table, left_out=[_part_of(name)])


def _in_context(name: str, context: ET.Element) -> Iterator[InvokedTable]:
    entries = {_entry_name(entry): entry for entry in children(context, "contextEntry")}
    result = text_of(entries[""]) if "" in entries else None
    for called, entry in entries.items():
        for table in children(entry, "decisionTable"):
            is_result = called in {"", result}
            own = name if is_result else f"{name} {called}"
            left_out = [] if is_result else [_part_of(name)]
            computed = [other for other in entries if other not in {"", called}]
            yield InvokedTable(own, table, left_out=[*left_out, *_reads(table, computed)])


def _reads(table: ET.Element, computed: Sequence[str]) -> Iterator[str]:
    """Name the inputs of a table that the same expression computes."""
    texts = [text_of(element) for name in ("inputExpression", "inputEntry")
             for element in below(table, name)]  # fmt: skip
    for name in computed:
        pattern = re.compile(rf"{QUOTED}|(?<![\w.])({re.escape(name)})(?!\w)")
        if any(match[1] for text in texts for match in pattern.finditer(text)):
            yield f"input {name}: is computed in the same expression; write its header"


def _part_of(name: str) -> str:
    return f"the rest of {name}: this table is a part of an expression"


def _entry_name(entry: ET.Element) -> str:
    return next((variable.get("name") or "" for variable in children(entry, "variable")), "")


def _called(invocation: ET.Element) -> str:
    written = next(iter(children(invocation, "literalExpression")), None)
    return "" if written is None else text_of(written)
