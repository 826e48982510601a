"""What an edit does to a node: sets a literal, a constant or a text, or swaps branches."""

from dealgate.cases.mutation import edits
from dealgate.language import syntax
from dealgate.language.syntax import Node


def const_setter(field: str, value: object) -> edits.Change:
    """Return what gives a constant another value; `field` is that of its type."""
    return lambda node, _: setattr(node.const_expr, field, value)


def enum_setter(name: str, number: int) -> edits.Change:
    """Return what names another constant of an enum."""

    def change(node: Node, checked: edits.Checked) -> None:
        node.ident_expr.name = name
        checked.reference_map[node.id].name = name
        checked.reference_map[node.id].value.int64_value = number

    return change


def texts_setter(texts: tuple[str, ...]) -> edits.Change:
    """Return what gives the operands of a call other texts."""

    def change(node: Node, _: edits.Checked) -> None:
        for operand, value in zip(syntax.operands(node), texts, strict=True):
            operand.const_expr.string_value = value

    return change


def swapped_branches(node: Node, _: edits.Checked) -> None:
    """Swap the results of `c ? a : b`."""
    _, then, otherwise = node.call_expr.args
    swapped = [type(node).FromString(branch.SerializeToString()) for branch in (otherwise, then)]
    del node.call_expr.args[1:]
    node.call_expr.args.extend(swapped)


def other_quantifier(node: Node, _: edits.Checked) -> None:
    """Turn exists into all, and all into exists."""
    loop = node.comprehension_expr
    exists = loop.loop_step.call_expr.function == "_||_"
    loop.loop_step.call_expr.function = "_&&_" if exists else "_||_"
    loop.accu_init.const_expr.bool_value = exists
    # `all` goes on while it holds so far, `exists` while it does not.
    loop.loop_condition.Clear()
    loop.loop_condition.const_expr.bool_value = True
