"""Combinations of classes that no facts have, because dimensions depend on one another.

Without them a search could only find too much, and the engine would not agree. With them fewer
points are found in vain, and more is proved: that `lower(t) in ["SAP"]` never holds, or that a
fact cannot be known while the message around it is missing.
"""

from collections.abc import Iterator

from google.protobuf.message import Message

from dealgate.language.scope import AS_OF
from dealgate.proof.dimensions import NOON, Dimension
from dealgate.proof.evaluation import Evaluation, class_of
from dealgate.proof.fact_paths import UnwritableFacts, write
from dealgate.proof.regions import Space
from dealgate.proof.rows import Row
from dealgate.proof.samples import NO_VALUE

NOTHING = 1  # the mask of the class NO_VALUE


class Links:
    """The impossible combinations of a space, each as a row."""

    def __init__(self, space: Space, evaluation: Evaluation, empty: type[Message]) -> None:
        self._space = space
        self._evaluation = evaluation
        self._empty = empty

    def rows(self) -> Iterator[Row]:
        """Yield them all."""
        for column, dimension in enumerate(self._space.dimensions):
            if dimension.is_path:
                yield from self._inside(column, dimension)
            else:
                yield from self._missing(column, dimension)
                yield from self._computed(column, dimension)

    def _inside(self, column: int, dimension: Dimension) -> Iterator[Row]:
        """A fact is known only if the messages around it are."""
        above = dimension.key
        known = self._space.full[column] & ~NOTHING
        while "." in above:
            above = above.rpartition(".")[0]
            outer = self._space.column.get(above)
            if outer is not None and known:
                yield tuple(sorted(((column, known), (outer, NOTHING))))
        for path in (part for part in _lists(dimension.key) if known):
            size = self._space.column.get(f"size({path})")
            if size is not None:
                yield tuple(sorted(((column, known), (size, self._empty_list(size)))))

    def _empty_list(self, column: int) -> int:
        classes = self._space.classes[column]
        return sum(1 << bit for bit, class_ in enumerate(classes) if class_.sample == 0)

    def _missing(self, column: int, dimension: Dimension) -> Iterator[Row]:
        """An expression has no value if a fact is missing that it cannot do without."""
        known = self._space.full[column] & ~NOTHING
        reads = [self._space.column.get(path) for path in dimension.reads]
        for read in reads:
            if dimension.strict and known and read is not None:
                yield tuple(sorted(((column, known), (read, NOTHING))))
        if _is_total(dimension) and reads and None not in reads:
            present = [(r, self._space.full[r] & ~NOTHING) for r in reads if r is not None]
            yield tuple(sorted([(column, NOTHING), *present]))

    def _computed(self, column: int, dimension: Dimension) -> Iterator[Row]:
        """An expression over one fact is known for each value of that fact."""
        if len(dimension.reads) != 1 or dimension.reads[0] not in self._space.column:
            return
        path = dimension.reads[0]
        of = self._space.column[path]
        if not self._space.dimensions[of].is_path or self._space.dimensions[of].type == "message":
            return
        for bit, class_ in enumerate(self._space.classes[of]):
            if class_.is_interval or class_.other or not self._space.full[of] >> bit & 1:
                continue
            facts = self._empty()
            try:
                if class_.sample is not NO_VALUE:
                    write(facts, path, class_.sample)
            except (UnwritableFacts, ValueError, OverflowError):
                continue
            value = self._evaluation.value(dimension, facts, NOON)
            rows = class_of(dimension, self._space.classes[column], value)
            others = self._space.full[column] & ~(0 if rows is None else 1 << rows)
            # What depends on the instant too says nothing about other instants.
            if (
                others
                and "as_of" not in dimension.key
                and not (class_.sample is NO_VALUE and "[]" in path)
            ):
                yield tuple(sorted(((of, 1 << bit), (column, others))))


def _is_total(dimension: Dimension) -> bool:
    """Tell whether an expression has a value as soon as all facts that it reads have one."""
    if dimension.size_of is not None:
        return dimension.key == f"size({dimension.reads[0]})" if dimension.reads else False
    if dimension.sides is not None:
        plain = {
            f"{read} - {other}" for read in dimension.reads for other in (*dimension.reads, AS_OF)
        }
        return dimension.type != "sign" and dimension.key in plain
    return dimension.key in {f"lower({path})" for path in dimension.reads}


def _lists(path: str) -> Iterator[str]:
    """Yield the lists that a path goes through: "activities" for "activities[].type"."""
    steps = path.split(".")
    for number, step in enumerate(steps):
        if step.endswith("[]"):
            yield ".".join(steps[: number + 1])[:-2]
