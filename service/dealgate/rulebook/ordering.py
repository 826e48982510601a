"""Names in the order in which they need each other, and their cycles."""

from collections.abc import Container, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def in_order(mentions: Mapping[str, Container[str]]) -> tuple[Sequence[str], Sequence[list[str]]]:
    """Return each name after those it mentions, and the cycles, whose names are left out.

    Names that are not among `mentions` do not count. A cycle begins with the name that comes
    first, and goes from a name to one that it mentions. Nothing depends on the hash seed.
    """
    needs = {name: [other for other in mentions if other in mentions[name]] for name in mentions}
    cycles: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(needs).static_order()), cycles
        except CycleError as error:
            cycles.append(_from_first(error.args[1], list(mentions)))
            rest = [name for name in needs if name not in cycles[-1]]
            needs = {name: [other for other in needs[name] if other in rest] for name in rest}


def _from_first(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    # graphlib names one of them twice, and goes from a name to one that mentions it.
    cycle = list(texts[:0:-1])
    turn = cycle.index(min(cycle, key=names.index))
    return cycle[turn:] + cycle[:turn]
