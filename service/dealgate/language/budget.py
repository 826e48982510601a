"""What one evaluation may cost: steps, counted where loops begin and texts and lists are read.

Rules are written by authors and lists are as long as callers make them, so the two together could
compute for hours. A step is about what one operator costs in generated code, 50 ns, and six times
that in the exact evaluator. Steps are counted, never timed: the same facts and rules come to the
same answer on every machine. Rules without loops, and without texts to read through, count nothing.

A budget that is used up fails every further loop like any CEL error: the rule is listed as failed,
and what does not depend on the loop is decided as ever.
"""

from collections.abc import Collection, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language import syntax
from dealgate.language.membership import Index, index_of
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import CelError, MissingFact, Scalar

# What a decision may take at most: 0.2 s of generated code, half a second of the exact one.
STEPS = 4_000_000
# What it may take where others wait for it; what takes more is judged aside, from its beginning.
HURRIED_STEPS = 30_000
EXACT = 4  # times as much of the budget a node takes in the exact evaluator
CHARACTERS = 32  # of a text that are read through in one step
TOO_MUCH = "takes more steps than a decision may"
# Operations that look at an end of a text or list, or at its length, however long it is.
LIGHT = frozenset({"size", "_[_]", "startsWith", "endsWith", "string", "bytes"})
COMPARISONS = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})

Items = TypeVar("Items", bound=Collection[Any])

_most: ContextVar[int] = ContextVar("steps", default=STEPS)


class Exhausted(CelError):
    """There are no steps left."""


class JudgedAside(Exception):
    """This takes too long for where others wait; no CelError, so that no rule absorbs it."""


class Hurried:
    """Within the block, what takes more than a few milliseconds raises JudgedAside."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _most.set(HURRIED_STEPS)

    def __exit__(self, *_: object) -> None:
        _most.reset(self._token)


class Budget:
    """The steps that one decision, or one explanation, has left."""

    __slots__ = ("_indexes", "_is_hurried", "_left")

    def __init__(self) -> None:
        """Begin with all that the context allows."""
        self._left = _most.get()
        self._is_hurried = self._left < STEPS
        self._indexes: dict[object, Index] = {}

    def loop(self, items: Items, weight: int) -> Items:
        """Return `items`, paid for: each of them takes `weight` steps."""
        self._left -= len(items) * weight
        if self._left < 0:
            self._end()
        return items

    def read(self, value: Items) -> Items:
        """Return a text or list, paid for: it is read from end to end."""
        length = len(value)
        self._spend(length // CHARACTERS if isinstance(value, str | bytes) else length)
        return value

    def index(
        self,
        key: object,
        items: Sequence[Message],
        field: FieldDescriptor,
        alike: object = None,
    ) -> Index:
        """Return the index of a list that is the same whenever it is asked for under `key`.

        Each key pays for it once; it is made once for all keys that name what they have `alike`.
        """
        index = self._indexes.get(key)
        if index is None:
            paid = self.loop(items, 1)
            index = self._indexes.get(alike) if alike else None
            if index is None:
                index = index_of(paid, field)
            self._indexes[key] = index
            if alike:
                self._indexes[alike] = index
        return index

    def holds(
        self,
        key: object,
        items: Sequence[Message],
        field: FieldDescriptor,
        value: Scalar,
        alike: object = None,
    ) -> bool:
        """Tell whether an element has this value; MissingFact if one that lacks it might."""
        index = self.index(key, items, field, alike)
        if value in index.values:
            return True
        if index.lacks:
            raise MissingFact
        return False

    def among(self, items: Sequence[Message], numbers: Collection[int], number: int) -> bool:
        """As `holds`, of an enum of which the `numbers` in a list are known already; 0 is none."""
        self._left -= len(items)
        if self._left < 0:
            self._end()
        if number in numbers:
            return True
        if 0 in numbers:
            raise MissingFact
        return False

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            self._end()

    def _end(self) -> NoReturn:
        raise JudgedAside if self._is_hurried else Exhausted(TOO_MUCH)


def weight_of(node: Node) -> int:
    """Return how many steps one round of a loop takes; loops within it pay for themselves."""
    loop = node.comprehension_expr
    return sum(1 for part in (loop.loop_condition, loop.loop_step) for _ in syntax.walk(part))


def read_through(tree: Tree, node: Node) -> tuple[int, ...]:
    """Return which operands of a call are read from end to end, by their positions.

    Two texts are compared as fast as memory is read, and up to the first difference.
    """
    function = node.call_expr.function
    if function in LIGHT:
        return ()
    sized = ("list(", "map(") if function in COMPARISONS else ("list(", "map(", "string", "bytes")
    return tuple(
        position
        for position, operand in enumerate(syntax.operands(node))
        if syntax.kind(operand) != "const_expr" and tree.type(operand).startswith(sized)
    )
