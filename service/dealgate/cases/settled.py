"""Conditions that facts settle before any rule is judged: whether a text shows something.

Facts reach rules without texts that show nothing (`model/texts.py`). So `deal.next_step == ""` is
false of every text that is there, and `deal.next_step.matches("[^ ]")` is true of it: no case can
see them otherwise, and none can notice that they are left out. Rules of before still say so.
"""

from dealgate.language import syntax
from dealgate.language.syntax import Node
from dealgate.model.texts import shows

EQUALITIES = ("_==_", "_!=_")
# How rules asked for a character that is not a space.
VISIBLE = "[^ ]"


def is_settled(node: Node) -> bool:
    """Tell whether a condition only asks if a text shows something; so does one with a `!`."""
    function, operands = node.call_expr.function, syntax.operands(node)
    if function == "!_":
        return is_settled(operands[0])
    written = [text for text in map(_literal, operands) if text is not None]
    if len(operands) - len(written) != 1:
        return False
    if function == "matches":
        return written == [VISIBLE]
    return function in EQUALITIES and not any(map(shows, written))


def _literal(node: Node) -> str | None:
    if syntax.kind(node) != "const_expr":
        return None
    value = syntax.constant(node.const_expr)
    return value if isinstance(value, str) else None
