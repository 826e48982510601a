"""Ids of traces and spans, made many at once."""

import os
import random
from collections import deque

MANY = 256
# Ids have to differ, not to be secret; the system's own source costs ten times as much.
_RANDOM = random.Random()  # noqa: S311


class Ids:
    """Random ids of so many bytes; none is zero."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._made: deque[bytes] = deque()

    def take(self) -> bytes:
        """Return one. From any thread."""
        try:
            return self._made.pop()
        except IndexError:
            drawn = [(_RANDOM.getrandbits(self._size * 8) or 1) for _ in range(MANY)]
            self._made.extend(number.to_bytes(self._size) for number in drawn[1:])
            return drawn[0].to_bytes(self._size)

    def forget(self) -> None:
        """Begin anew: what is made was made by the process that this one was forked from."""
        self._made.clear()


TRACE_IDS, SPAN_IDS = Ids(16), Ids(8)


def _forked() -> None:
    _RANDOM.seed()
    for ids in (TRACE_IDS, SPAN_IDS):
        ids.forget()


os.register_at_fork(after_in_child=_forked)
