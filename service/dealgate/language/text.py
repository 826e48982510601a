"""Writes a checked expression as text again, so that a part of a condition can be shown alone."""

from dealgate.language import syntax
from dealgate.language.literals import literal
from dealgate.language.syntax import Node

# How tightly an operator binds; more is tighter.
STRENGTHS = (
    ("||",),
    ("&&",),
    ("==", "!=", "in", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)
OPERATORS = {
    "@in" if sign == "in" else f"_{sign}_": (sign, strength)
    for strength, signs in enumerate(STRENGTHS, start=1)
    for sign in signs
}
CONDITIONAL, UNARY, ATOM = 0, 6, 7


def text(node: Node) -> str:
    """Return CEL that means the same as `node`."""
    return _text(node)[0]


def _text(node: Node) -> tuple[str, int]:
    which = syntax.kind(node)
    if which == "const_expr":
        type_ = "uint" if node.const_expr.HasField("uint64_value") else ""
        return literal(syntax.constant(node.const_expr), type_), ATOM
    if which == "ident_expr":
        return node.ident_expr.name, ATOM
    if which == "select_expr":
        return _select(node), ATOM
    if which == "list_expr":
        return f"[{', '.join(map(text, node.list_expr.elements))}]", ATOM
    if which == "struct_expr":
        entries = node.struct_expr.entries
        return "{" + ", ".join(f"{text(e.map_key)}: {text(e.value)}" for e in entries) + "}", ATOM
    return _macro(node) if which == "comprehension_expr" else _call(node)


def _at_least(node: Node, strength: int) -> str:
    written, own = _text(node)
    return written if own >= strength else f"({written})"


def _select(node: Node) -> str:
    path = f"{_at_least(node.select_expr.operand, ATOM)}.{node.select_expr.field}"
    return f"has({path})" if node.select_expr.test_only else path


def _call(node: Node) -> tuple[str, int]:
    call, operands = node.call_expr, syntax.operands(node)
    if call.function in OPERATORS:
        sign, strength = OPERATORS[call.function]
        left, right = _at_least(operands[0], strength), _at_least(operands[1], strength + 1)
        return f"{left} {sign} {right}", strength
    if call.function == "_?_:_":
        condition, then, otherwise = (_at_least(operand, 1) for operand in operands)
        return f"{condition} ? {then} : {otherwise}", CONDITIONAL
    if call.function in ("!_", "-_"):
        return call.function[0] + _at_least(operands[0], UNARY), UNARY
    if call.function == "_[_]":
        return f"{_at_least(operands[0], ATOM)}[{text(operands[1])}]", ATOM
    arguments = ", ".join(map(text, call.args))
    receiver = f"{_at_least(call.target, ATOM)}." if call.HasField("target") else ""
    return f"{receiver}{call.function}({arguments})", ATOM


def _macro(node: Node) -> tuple[str, int]:
    loop = node.comprehension_expr
    step = loop.loop_step.call_expr
    if syntax.is_bind(node):
        return _bind(node), ATOM
    if loop.iter_var2:
        return _macro_of_two(node), ATOM
    if syntax.kind(loop.accu_init) == "list_expr":
        return _list_macro(node), ATOM
    if isinstance(syntax.constant(loop.accu_init.const_expr), bool):
        name, body = ("exists" if step.function == "_||_" else "all"), step.args[1]
    else:
        name, body = "exists_one", step.args[0]
    return f"{_at_least(loop.iter_range, ATOM)}.{name}({loop.iter_var}, {text(body)})", ATOM


def _list_macro(node: Node) -> str:
    loop = node.comprehension_expr
    step, arguments = loop.loop_step.call_expr, [loop.iter_var]
    filtered = step.function == "_?_:_"
    if filtered:
        arguments.append(text(step.args[0]))
        step = step.args[1].call_expr
    element = step.args[1].list_expr.elements[0]
    same = syntax.kind(element) == "ident_expr" and element.ident_expr.name == loop.iter_var
    name = "filter" if filtered and same else "map"
    if name == "map":
        arguments.append(text(element))
    return f"{_at_least(loop.iter_range, ATOM)}.{name}({', '.join(arguments)})"


def _bind(node: Node) -> str:
    loop = node.comprehension_expr
    if loop.accu_var != "@__sortBy_input__":
        return f"cel.bind({loop.accu_var}, {text(loop.accu_init)}, {text(loop.result)})"
    keys = loop.result.call_expr.args[-1].comprehension_expr
    key = text(keys.loop_step.call_expr.args[1].list_expr.elements[0])
    return f"{_at_least(loop.accu_init, ATOM)}.sortBy({keys.iter_var}, {key})"


def _macro_of_two(node: Node) -> str:
    loop = node.comprehension_expr
    step, condition = loop.loop_step.call_expr, list[Node]()
    if syntax.kind(loop.accu_init) == "const_expr":
        is_truth = isinstance(syntax.constant(loop.accu_init.const_expr), bool)
        name = ("exists" if step.function == "_||_" else "all") if is_truth else "existsOne"
        body = [step.args[1] if is_truth else step.args[0]]
    else:
        if step.function == "_?_:_":
            condition, step = [step.args[0]], step.args[1].call_expr
        name = {"_+_": "transformList"}.get(step.function, "transformMap")
        if len(step.args) == 2 and name == "transformMap":
            name = "transformMapEntry"
        is_list = name == "transformList"
        body = list(step.args[-1].list_expr.elements) if is_list else [step.args[-1]]
    arguments = [loop.iter_var, loop.iter_var2, *map(text, [*condition, *body])]
    return f"{_at_least(loop.iter_range, ATOM)}.{name}({', '.join(arguments)})"
