"""The part of CEL that rules may use, and what is wrong with an expression beyond its types.

cel-cpp accepts what a rule author can only have meant otherwise: an impossible timestamp, a
comparison of an enum with another enum's constant, a message compared with null. All that can be
known at load is said at load.
"""

import re
from collections.abc import Iterator, Mapping
from math import isinf

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from dealgate.language import syntax
from dealgate.language.choices import SPECIAL, PartChoices
from dealgate.language.failing import call_faults
from dealgate.language.foreign import REFUSED
from dealgate.language.operations import OPERATIONS
from dealgate.language.scope import enum_constants
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.language.values import Value
from dealgate.language.wording import DECLARE, undeclared
from dealgate.model.money import exponent
from dealgate.model.rules import ExpressionFault
from dealgate.model.vocabulary import PACKAGE, SENT, entity_of

DYNAMIC = ("dyn", "any", "type", "abstract_type", "error", "function", "type_param", "null")
NO_CONSTANTS: Mapping[str, Value] = {}
COMPARABLE_MESSAGES = ("google.type.Money", "google.type.Date")
EQUALITY = ("_==_", "_!=_")
# Functions that compare what is in lists.
COMPARING = ("@in", "distinct", "sets.contains", "sets.equivalent", "sets.intersects")
MESSAGE_TYPE = re.compile(r"[\w.]+\.[A-Z]\w*")
GROUPED = re.compile(r"-?([1-9]\d{0,2})(?:\.000)+(?!\d)", re.ASCII)
# Of an amount with cents: who means them writes no third digit that is zero.
GROUPED_TEXT = re.compile(r"[1-9]\d{0,2}\.\d\d0", re.ASCII)
CENTS = 2
REFUSES = "rules do not use"
UNUSED = "compare values that are alike"
ORDERINGS = ("_<_", "_<=_", "_>_", "_>=_")


def faults(tree: Tree, facts: Descriptor | None) -> list[ExpressionFault]:
    """Return everything in an expression that a rule must not say."""
    expression_faults: dict[int, ExpressionFault] = {}
    written = PartChoices(tree, NO_CONSTANTS)
    for node in syntax.walk(tree.root):
        for fault in _faults_at(tree, node, facts, written):
            expression_faults.setdefault(fault.offset, fault)
    told = sorted(expression_faults.values(), key=lambda fault: fault.offset)
    refused = [fault for fault in told if fault.message.startswith(REFUSES)]
    return refused or told  # what has no type because of a function is not reported as well


def number_faults(tree: Tree, source: str) -> list[ExpressionFault]:
    """Return the numbers that are one thing here and another to half of Europe: 1.000."""
    doubles = [
        _ambiguous(tree.offset(node), match[0], f"{match[1]}.0")
        for node in syntax.walk(tree.root)
        if syntax.kind(node) == "const_expr" and tree.type(node) == "double"
        if (match := GROUPED.match(source, tree.offset(node)))
    ]
    amounts = [
        _ambiguous(tree.offset(node), text, f'"{text.removesuffix("0")}"')
        for call in syntax.walk(tree.root)
        if syntax.kind(call) == "call_expr" and call.call_expr.function == "money"
        for node, text in _grouped_amounts(call)
    ]
    return [*doubles, *amounts]


def _ambiguous(offset: int, written: str, meant: str) -> ExpressionFault:
    digits = written.replace(".", "")
    quoted = f'"{digits}"' if meant.startswith('"') else digits
    message = f"{written} may be {meant.strip(chr(34)).removesuffix('.0')}, or {digits}"
    return ExpressionFault(offset, message, f"write {meant} or {quoted}")


def _grouped_amounts(call: Node) -> Iterator[tuple[Node, str]]:
    """Yield an amount with three digits behind its point, where the currency has fewer."""
    parts = [node for node in call.call_expr.args if syntax.kind(node) == "const_expr"]
    if len(parts) == len(call.call_expr.args) == 2:
        code, text = (node.const_expr.string_value for node in parts)
        digits = exponent(code)
        if digits is not None and digits <= CENTS and GROUPED_TEXT.fullmatch(text):
            yield parts[1], text


def infinite_faults(tree: Tree) -> list[ExpressionFault]:
    """Return the numbers that no double can hold: they would be infinite."""
    hint = 'write it as decimal("…"), or a smaller number'
    return [
        ExpressionFault(tree.offset(node), "this number is too large for a double", hint)
        for node in syntax.walk(tree.root)
        if syntax.kind(node) == "const_expr" and isinf(node.const_expr.double_value)
    ]


def constant_faults(tree: Tree, constants: Mapping[str, Value]) -> list[ExpressionFault]:
    """Return what can only fail because of the values of named constants."""
    written = PartChoices(tree, constants)
    return [
        fault
        for node in syntax.walk(tree.root)
        if syntax.kind(node) == "call_expr" and node.call_expr.function not in SPECIAL
        for fault in call_faults(tree, node, written)
    ]


def _faults_at(
    tree: Tree, node: Node, facts: Descriptor | None, written: PartChoices
) -> Iterator[ExpressionFault]:
    which = syntax.kind(node)
    at = tree.offset(node)
    if which == "const_expr" and tree.type(node) == "null":
        yield ExpressionFault(at, "rules do not use null", "ask has(…) whether a fact is known")
    elif which == "call_expr" and node.call_expr.function in REFUSED:
        name = node.call_expr.function
        yield ExpressionFault(at, f"{REFUSES} {name}(…)", REFUSED[name])
    elif any(_is_refused(part) for part in syntax.children(node)):
        return  # reported at the operand
    elif (entity := _untyped(tree, node)) is not None:
        yield ExpressionFault(at, undeclared(entity, SENT), DECLARE)
    elif _is_dynamic(tree.type(node)):
        if any(_untyped(tree, part) is not None for part in syntax.walk(node)):
            return  # reported where the properties are read
        yield ExpressionFault(at, "this has no definite type", "give both sides one type")
    elif which == "struct_expr" and node.struct_expr.message_name:
        yield ExpressionFault(
            at, "rules do not build messages", "use money(…), date(…) or decimal(…)"
        )
    elif which == "struct_expr":
        yield from _key_faults(tree, node, written)
    elif which == "call_expr":
        yield from _call_faults(tree, node, facts, written)


def constants_of(tree: Tree, node: Node, facts: Descriptor | None) -> tuple[str, ...]:
    """Return the constants that a node's value is one of; none if it is not an enum's."""
    enum = _enum_of(tree, node, facts) if tree.type(node) == "int" else None
    return tuple(value.name for value in enum.values if value.number) if enum else ()


def _is_refused(node: Node) -> bool:
    return syntax.kind(node) == "call_expr" and node.call_expr.function in REFUSED


def _untyped(tree: Tree, node: Node) -> str | None:
    """Return whose properties a node reads as they are sent, without types; None: nobody's."""
    if syntax.kind(node) != "select_expr" or node.select_expr.field != SENT:
        return None
    holder = tree.type(node.select_expr.operand)
    return None if holder.startswith(PACKAGE) else entity_of(holder, SENT) or None


def _is_dynamic(type_: str) -> bool:
    return bool({*DYNAMIC, "wrapper"} & {*re.split(r"[(), ]+", type_)})


def _key_faults(tree: Tree, node: Node, written: PartChoices) -> Iterator[ExpressionFault]:
    """Yield the keys that a map has twice: it can only fail."""
    seen = set()
    for entry in node.struct_expr.entries:
        choices = written.choices(entry.map_key)
        key = (choices.values[0].value,) if choices.is_known else text(entry.map_key)
        if key in seen:
            at = tree.offset(entry.map_key)
            yield ExpressionFault(at, "this map has the key twice", "delete one of them")
        seen.add(key)


def _call_faults(
    tree: Tree, node: Node, facts: Descriptor | None, written: PartChoices
) -> Iterator[ExpressionFault]:
    function, at = node.call_expr.function, tree.offset(node)
    overloads = tree.overloads(node)
    if any(_is_dynamic(tree.type(operand)) for operand in syntax.operands(node)):
        return  # said at the operand
    special = function in SPECIAL
    if not special and (len(overloads) != 1 or overloads[0] not in OPERATIONS):
        name = function.strip("_@")
        yield ExpressionFault(at, f"{REFUSES} {name}(…)", REFUSED.get(name, UNUSED))
        return
    if function in (*EQUALITY, *COMPARING):
        yield from _equality_faults(tree, node)
    if function in (*EQUALITY, *ORDERINGS, "@in"):
        yield from _enum_faults(tree, node, facts)
    if not special and not any(_is_refused(part) for part in syntax.walk(node)):
        yield from call_faults(tree, node, written)


def _equality_faults(tree: Tree, node: Node) -> Iterator[ExpressionFault]:
    written = tree.type(syntax.operands(node)[0])
    message = MESSAGE_TYPE.search(written)
    type_ = message[0] if message else written
    if written == "google.type.Decimal" and node.call_expr.function in EQUALITY:
        text = "== would compare how decimals are spelt, 0.2 and 0.20"
        yield ExpressionFault(tree.offset(node), text, "compare with >= and <=")
    elif message and type_ not in (*COMPARABLE_MESSAGES, "google.type.Decimal"):
        text = f"{type_.rsplit('.', 1)[-1]} cannot be compared as a whole"
        yield ExpressionFault(tree.offset(node), text, "compare its fields, or ask has(…)")


def _enum_faults(tree: Tree, node: Node, facts: Descriptor | None) -> Iterator[ExpressionFault]:
    sides = syntax.operands(node)
    enums = [_enum_of(tree, side, facts) for side in sides]
    enum = enums[0] or enums[1]
    if enum is None:
        return
    for side, own in zip(sides, enums, strict=True):
        for part in side.list_expr.elements if syntax.kind(side) == "list_expr" else [side]:
            other = _enum_of(tree, part, facts) if part is not side else own
            if other is not enum:
                yield _not_of(tree, part, enum)
    if node.call_expr.function in ORDERINGS:
        text = f"{enum.name} has no order"
        yield ExpressionFault(tree.offset(node), text, "list the constants with `in [...]`")


def _not_of(tree: Tree, node: Node, enum: EnumDescriptor) -> ExpressionFault:
    known = [value.name for value in enum.values if value.number]
    hint = f"write one of {', '.join(known[:8])}{', …' if len(known) > 8 else ''}"
    return ExpressionFault(tree.offset(node), f"this is not a constant of {enum.name}", hint)


def _enum_of(tree: Tree, node: Node, facts: Descriptor | None) -> EnumDescriptor | None:
    which = syntax.kind(node)
    if which == "ident_expr" and facts is not None:
        name = node.ident_expr.name
        if name in facts.fields_by_name:
            return facts.fields_by_name[name].enum_type
        constant = enum_constants(facts).get(name)
        return constant[0] if constant else None
    if which == "select_expr" and not node.select_expr.test_only:
        if tree.constant(node) is not None:
            return None
        field = tree.field(node)
        return field.enum_type if field is not None else None
    if which == "list_expr" and node.list_expr.elements:
        enum_descriptor = [_enum_of(tree, element, facts) for element in node.list_expr.elements]
        return next((enum for enum in enum_descriptor if enum is not None), None)
    return None
