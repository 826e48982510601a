"""What was learnt goes into the text of a rule file; everything else in it stays as it is."""

from dealgate.learn.points import Learnt
from dealgate.rulebook.document import Fields, Items, Node, Scalar

Change = tuple[int, int, str]


def with_points(document: Fields, learnt: Learnt, name: str) -> str:
    """Return the text with `odds_points` in the rules, and the calibration called `name`."""
    text = document.source.text
    changes = [_calibration(document, learnt, name)]
    rules = document.get("rules")
    for rule in rules.items if isinstance(rules, Items) else ():
        then = rule.get("then") if isinstance(rule, Fields) else None
        id_ = rule.get("id") if isinstance(rule, Fields) else None
        if isinstance(then, Fields) and isinstance(id_, Scalar) and id_.value in learnt.points:
            changes.append(_set(then, "odds_points", str(learnt.points[id_.value])))
    for start, end, put in sorted(changes, reverse=True):
        text = text[:start] + put + text[end:]
    return text


def _calibration(document: Fields, learnt: Learnt, name: str) -> Change:
    parameters = document.get("parameters")
    if not isinstance(parameters, Fields):
        raise TypeError("a rule file that was read has parameters")
    value = f"{{id: {name}, base_points: {learnt.base_points}, double_odds: {learnt.double_odds}}}"
    return _set(parameters, "calibration", value)


def _set(fields: Fields, key: str, value: str) -> Change:
    """Replace the value of `key`, or write both before the first key, in braces or in a block."""
    old = fields.get(key)
    if old is not None:
        return _start(old), _end(old), value
    first = fields.fields[0][0]
    text, start = fields.source.text, first.start
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start]
    between = f"\n{indent}" if not indent.strip() else ", "
    return start, start, f"{key}: {value}{between}"


def _start(node: Node) -> int:
    return node.start


def _end(node: Node) -> int:
    """Return where a value ends; one in braces ends behind its last one's brace."""
    if isinstance(node, Scalar):
        return node.end
    last = node.items[-1] if isinstance(node, Items) else node.fields[-1][1]
    return node.source.text.index("}" if isinstance(node, Fields) else "]", _end(last)) + 1
