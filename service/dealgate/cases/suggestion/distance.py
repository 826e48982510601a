"""Wishes: how near facts come to letting one condition decide a rule, from 0 to 1.

They guide the search alone; what it finds is judged for what it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from dealgate.cases.chains import CONNECTIVES, is_call, links
from dealgate.engine.explain import truth_of
from dealgate.language import syntax
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.model.decision import Truth

Wish: TypeAlias = Callable[[Frame], float]
Trees: TypeAlias = Mapping[str, Tree]
Steps: TypeAlias = tuple[int, ...]

OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}
# What the other side of a connective must be for this side to decide.
NEUTRAL = {"_&&_": Truth.TRUE, "_||_": Truth.FALSE}


def want(tree: Tree, node: Node, truth: Truth, facts: Trees) -> Wish:
    """Wish that a condition come to `truth`; `facts` are the trees of named facts."""
    if syntax.kind(node) == "ident_expr" and node.ident_expr.name in facts:
        fact = facts[node.ident_expr.name]
        return want(fact, fact.root, truth, facts)
    for function in CONNECTIVES:
        if is_call(node, function):
            return _want_of_chain(tree, list(links(node, function)), function, truth, facts)
    if is_call(node, "!_"):
        return want(tree, node.call_expr.args[0], OPPOSITE[truth], facts)
    if is_call(node, "_?_:_"):
        condition, then, otherwise = node.call_expr.args
        sides = ((then, Truth.TRUE), (otherwise, Truth.FALSE))
        return any_of(
            [
                all_of([want(tree, condition, when, facts), want(tree, side, truth, facts)])
                for side, when in sides
            ]
        )
    run = compile_exact(tree.at(node))
    return lambda frame: float(truth_of(run(frame)) is truth)


def _want_of_chain(
    tree: Tree, parts: Sequence[Node], function: str, truth: Truth, facts: Trees
) -> Wish:
    neutral = NEUTRAL[function]
    if truth is neutral:
        return all_of([want(tree, part, neutral, facts) for part in parts])
    if truth is OPPOSITE[neutral]:
        return any_of([want(tree, part, truth, facts) for part in parts])
    return any_of(
        [one_decides(tree, parts, index, truth, neutral, facts) for index in range(len(parts))]
    )


def one_decides(
    tree: Tree, parts: Sequence[Node], index: int, truth: Truth, neutral: Truth, facts: Trees
) -> Wish:
    """Wish that one part come to `truth` and all others to `neutral`."""
    wanted = [truth if position == index else neutral for position in range(len(parts))]
    pairs = zip(parts, wanted, strict=True)
    return all_of([want(tree, part, pair, facts) for part, pair in pairs])


def unmasked(tree: Tree, steps: Steps, facts: Trees) -> Wish:
    """Ask that the node at `steps` decide the value of the whole expression."""
    return all_of(list(_unmasking(tree, tree.root, outside_loops(tree.root, steps), facts)))


def _unmasking(tree: Tree, node: Node, steps: Steps, facts: Trees) -> Iterator[Wish]:
    if not steps:
        return
    step, *rest = steps
    children = syntax.children(node)
    function = node.call_expr.function if syntax.kind(node) == "call_expr" else ""
    if function in CONNECTIVES:
        yield want(tree, children[1 - step], NEUTRAL[function], facts)
    elif function == "_?_:_" and step > 0:
        yield want(tree, children[0], Truth.TRUE if step == 1 else Truth.FALSE, facts)
    yield from _unmasking(tree, children[step], tuple(rest), facts)


def differing(before: Tree, after: Tree, steps: Steps, facts: Trees) -> Wish:
    """Wish that what stands at `steps` come to something else after the change."""
    steps = outside_loops(before.root, steps)
    node = node_at(before.root, steps)
    run, other = (compile_exact(tree.at(node_at(tree.root, steps))) for tree in (before, after))
    near = _near(before, node, node_at(after.root, steps), facts)

    def wish(frame: Frame) -> float:
        return 1.0 if run(frame) != other(frame) else 0.9 * near(frame)

    return wish


def _near(tree: Tree, node: Node, after: Node, facts: Trees) -> Wish:
    """Wish that one part of a chain decide it; if one was left out, that one."""
    for function in CONNECTIVES:
        if is_call(node, function):
            parts = list(links(node, function))
            kept = {text(part) for part in links(after, function)}
            left_out = [index for index, part in enumerate(parts) if text(part) not in kept]
            neutral = NEUTRAL[function]
            return any_of(
                [
                    one_decides(tree, parts, index, OPPOSITE[neutral], neutral, facts)
                    for index in left_out or range(len(parts))
                ]
            )
    return lambda _: 0.0


def steps_to(root: Node, id_: int) -> Steps | None:
    """Return the way from the root to the node of that id: which child, each time."""
    if root.id == id_:
        return ()
    for index, child in enumerate(syntax.children(root)):
        below = steps_to(child, id_)
        if below is not None:
            return (index, *below)
    return None


def outside_loops(root: Node, steps: Steps) -> Steps:
    """Return the way to the outermost macro that it leads into: an element is not judged alone."""
    for count, step in enumerate(steps):
        if syntax.kind(root) == "comprehension_expr":
            return steps[:count]
        root = syntax.children(root)[step]
    return steps


def node_at(root: Node, steps: Steps) -> Node:
    """Return the node at the end of the way, or the last one on it that there is."""
    for step in steps:
        children = syntax.children(root)
        if step >= len(children):
            return root
        root = children[step]
    return root


def all_of(wishes: Sequence[Wish]) -> Wish:
    """Wish for all of them: the mean, so that each one met is a step."""
    if not wishes:
        return lambda _: 1.0
    return lambda frame: sum(wish(frame) for wish in wishes) / len(wishes)


def any_of(wishes: Sequence[Wish]) -> Wish:
    """Wish for one of them."""
    return lambda frame: max((wish(frame) for wish in wishes), default=0.0)
