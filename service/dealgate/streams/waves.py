"""Events about one subject stay in order, while those about different ones go out together.

Each part is sent at once and finished before the next. Two ways to make them: one keeps the order
of the whole, for who must know how far everything has gone; the other makes the fewest parts.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def consecutive(
    items: Iterable[Item],
    subject: Callable[[Item], Hashable],
    most: int,
    *,
    size: Callable[[Item], int] = lambda _: 0,
    most_size: int = 0,
) -> Iterator[list[Item]]:
    """Yield runs of the items, in order, none with a subject twice.

    A run has at most `most` items, and sizes that come to at most `most_size`; an item that is
    larger has a run of its own.
    """
    run: list[Item] = []
    subjects: set[Hashable] = set()
    total = 0
    for item in items:
        its_subject, its_size = subject(item), size(item)
        is_full = len(run) == most or total + its_size > most_size
        if run and (is_full or its_subject in subjects):
            yield run
            run, subjects, total = [], set(), 0
        run.append(item)
        subjects.add(its_subject)
        total += its_size
    if run:
        yield run


def fewest(items: Iterable[Item], subject: Callable[[Item], Hashable]) -> Sequence[Sequence[Item]]:
    """Return as few parts as subjects allow; the items of each subject keep their order."""
    parts: list[list[Item]] = []
    latest: dict[Hashable, int] = {}
    for item in items:
        its_subject = subject(item)
        index = latest.get(its_subject, -1) + 1
        latest[its_subject] = index
        if index == len(parts):
            parts.append([])
        parts[index].append(item)
    return parts
