"""Where decision tables of a DMN file are: in decisions, and in functions that decisions invoke.

A table in a function (a business knowledge model) reads the function's parameters. As a table of
ours it is that of the decision that invokes it, and reads what the parameters are bound to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

# What a parameter may be bound to and a column be headed by: the path of a fact.
PATH = re.compile(r"[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*")


class Placed(NamedTuple):
    """A decision table, whose it is, what its parameters are bound to, and what is lost."""

    name: str
    table: ET.Element
    bound: Mapping[str, str] = {}
    left_out: Sequence[str] = ()


def dmn_tables(root: ET.Element) -> Iterator[Placed]:
    """Yield the decision tables below the root of a file, in its order."""
    functions = {each.get("name") or "": each for each in _below(root, "businessKnowledgeModel")}
    invoked = set[str]()
    for decision in _below(root, "decision"):
        name = _name(decision)
        yield from (Placed(name, table) for table in _below(decision, "decisionTable"))
        for invocation in _children(decision, "invocation"):
            called = _called(invocation)
            if called in functions:
                invoked.add(called)
                yield from _invoked(name, functions[called], invocation)
    for name, function in functions.items():
        if name not in invoked:
            yield from (Placed(name, table) for table in _tables(function))


def _invoked(name: str, function: ET.Element, invocation: ET.Element) -> Iterator[Placed]:
    bound, left_out = dict[str, str](), list[str]()
    for binding in _children(invocation, "binding"):
        parameter = next((each.get("name") or "" for each in _children(binding, "parameter")), "")
        value = _text(binding)
        if PATH.fullmatch(value):
            bound[parameter] = value
        else:
            left_out.append(f"input {parameter}: is {value}; write its header")
    yield from (Placed(name, table, bound, left_out) for table in _tables(function))


def _tables(function: ET.Element) -> Iterator[ET.Element]:
    """Yield the table that is what a function comes to; one within an expression is lost."""
    for logic in _children(function, "encapsulatedLogic"):
        yield from _children(logic, "decisionTable")


def _called(invocation: ET.Element) -> str:
    written = next(iter(_children(invocation, "literalExpression")), None)
    return "" if written is None else _text(written)


def _name(element: ET.Element) -> str:
    return element.get("name") or element.get("id") or "table"


def _below(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)


def _children(element: ET.Element, name: str) -> list[ET.Element]:
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def _text(element: ET.Element) -> str:
    return next(((each.text or "").strip() for each in _below(element, "text")), "")
