"""Combining: lines that are no obligation of their own, and the obligations they are part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dealgate.v1 import recognize_pb2 as pb


@dataclass(frozen=True, slots=True)
class Obligations:
    """Which lines are obligations, by index, and the lines that are part of each.

    `shared` are lines that are part of all of them.
    """

    indices: Sequence[int]
    parts: Mapping[int, Sequence[int]]
    shared: Sequence[int]


def obligations_of(facts: pb.RecognizeFacts, combined: Mapping[int, str]) -> Obligations:
    """Return the obligations when the lines in `combined` are part of others, in chains too."""
    indices = [
        index
        for index, line in enumerate(facts.lines)
        if index not in combined and not is_discount(line)
    ]
    parts: dict[int, list[int]] = {index: [] for index in indices}
    shared: list[int] = []
    by_id = {line.id: index for index, line in enumerate(facts.lines)}
    for index in sorted(combined):
        parts.get(_root(facts, combined, by_id, index), shared).append(index)
    return Obligations(indices, parts, shared)


def is_discount(line: pb.RevenueLine) -> bool:
    """Return whether the line promises nothing: a negative price for nothing that sells alone."""
    negative = min(line.price.units, line.price.nanos) < 0
    return negative and not line.HasField("standalone_price") and not line.pattern


def _root(
    facts: pb.RecognizeFacts, combined: Mapping[int, str], by_id: Mapping[str, int], index: int
) -> int:
    """Return the line at the end of the chain; -1 if there is none, or the chain is a cycle."""
    passed: set[int] = set()
    while index in combined and index not in passed:
        passed.add(index)
        index = by_id.get(facts.lines[index].part_of, -1)
    return -1 if index in passed else index
