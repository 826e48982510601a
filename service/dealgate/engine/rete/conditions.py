"""What durable_rules takes as a condition, measured against its limits."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

# A rule's condition as durable_rules takes it: {"$and": […]}, {"$gt": {"f0": 5}}, {"f1": "DE"}.
Condition: TypeAlias = dict[str, Any]

# The subset. Integers stay clear of where the library compares through doubles, strings clear of
# where it cuts their length to 16 bits.
CONNECTIVES = {"_&&_": "$and", "_||_": "$or"}
EQUALITIES = {"_==_": "", "_!=_": "$neq"}
COMPARISONS = EQUALITIES | {"_<_": "$lt", "_<=_": "$lte", "_>_": "$gt", "_>=_": "$gte"}
ORDERINGS = {"$lt": "$gt", "$lte": "$gte", "$gt": "$lt", "$gte": "$lte"}  # each with its mirror
SCALARS = ("int", "uint", "string", "bool")
LARGEST_INT = 2**53
LONGEST_STRING = 1000
LONGEST_LIST = 16
# Its matcher keeps 64 conditions waiting at most, one of which is the sentinel's. Fewer than that
# in one network stays below its other limits too: 127 uses of a condition, 252 fields, 511
# conditions to a node, 255 rules to a path.
MOST_CONDITIONS = 59
MOST_GROUPS = 15


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison: `sign` is empty for equality."""

    sign: str
    field: str
    literal: Any


def parts(condition: Condition) -> Sequence[Condition]:
    """Return the members of a group; none for a leaf."""
    return condition.get("$and") or condition.get("$or") or ()


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield every comparison."""
    for part in parts(condition):
        yield from leaves(part)
    if not parts(condition):
        ((name, value),) = condition.items()
        if isinstance(value, dict):
            ((operand, literal),) = value.items()
            yield Leaf(name, operand, literal)
        else:
            yield Leaf("", name, value)


def groups(condition: Condition) -> int:
    """Count the groups."""
    return bool(parts(condition)) + sum(map(groups, parts(condition)))


def matches(condition: Condition) -> int:
    """Return how often the library may fire a rule at once: for each way in which it holds."""
    ways = [matches(part) for part in parts(condition)]
    if "$or" in condition and not is_membership(condition):
        return sum(ways)
    return math.prod(ways) if "$and" in condition else 1


def is_membership(condition: Condition) -> bool:
    """Tell whether all alternatives ask one field for different values: only one can hold."""
    tests = list(leaves(condition))
    plain = groups(condition) == 1 and not any(leaf.sign for leaf in tests)
    return plain and len(set(tests)) == len(tests) and len({leaf.field for leaf in tests}) == 1


def size(condition: Condition) -> int:
    """Return how much of a network's room a condition takes."""
    return max(sum(1 for _ in leaves(condition)), matches(condition))


def fnv(name: str) -> int:
    """Return the hash by which the library finds a field: FNV-1a, 32 bits."""
    value = 2_166_136_261
    for byte in name.encode():
        value = (value ^ byte) * 16_777_619 % 2**32
    return value
