"""Commits a batch together, or by halves: what cannot be recorded fails alone."""

from collections.abc import Callable, Sequence

from dealgate.journal.draft import CommitVerdict, Entry


def by_halves(
    entries: Sequence[Entry],
    write: Callable[[Sequence[Entry]], Sequence[CommitVerdict]],
    is_everybodys: Callable[[Exception], bool],
) -> Sequence[CommitVerdict]:
    """Return what `write` returns for all; what it raises for one that is alone is its verdict.

    Raises what `is_everybodys`: a disk that is full is full for all.
    """
    try:
        return write(entries)
    except Exception as error:
        if is_everybodys(error):
            raise
        if len(entries) == 1:
            return [error]
    half = len(entries) // 2
    parts = (entries[:half], entries[half:])
    return [verdict for part in parts for verdict in by_halves(part, write, is_everybodys)]
