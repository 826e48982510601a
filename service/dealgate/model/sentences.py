"""Parts of sentences that people read."""

from collections.abc import Sequence


def joined(words: Sequence[str], mark: str = "", last: str = "and") -> str:
    """Return "a, b and c", each between marks; `last` is the word before the last of them."""
    marked = [f"{mark}{word}{mark}" for word in words]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} {last} {marked[-1]}"
