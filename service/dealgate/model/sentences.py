"""Parts of sentences that people read."""

from collections.abc import Sequence


def joined(words: Sequence[str], mark: str = "") -> str:
    """Return "a, b and c", each between marks."""
    marked = [f"{mark}{word}{mark}" for word in words]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} and {marked[-1]}"
