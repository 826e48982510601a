"""Events as lines of a file, or of the standard input: read once, from the beginning."""

import sys
from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import unquote

from dealgate.aside.threads import in_thread
from dealgate.inbox.places import Place
from dealgate.inbox.port import Delivery, SettledDelivery, SourceFailed


class Lines:
    """A line is an event. Reading a file again decides nothing again: keys are the events' own."""

    def __init__(self, place: Place) -> None:
        """The path is that of the URL, from the root; "-" is the standard input."""
        self._path = unquote(place.url.path)
        self._file: BinaryIO | None = None

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Return the next lines; none at the end. Raises SourceFailed."""
        return await in_thread(self._read, most)

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Nothing keeps how far it was read."""

    async def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._path != "-":
            self._file.close()

    def _read(self, most: int) -> list[Delivery]:
        if self._file is None:
            self._file = self._opened()
        lines: list[bytes] = []
        while len(lines) < most and (line := self._file.readline()):
            if line.strip():
                lines.append(line)
            if self._path == "-":
                break  # a process that writes to a pipe may wait for the answer
        return [Delivery("", {}, line) for line in lines]

    def _opened(self) -> BinaryIO:
        if self._path == "-":
            return sys.stdin.buffer
        try:
            return open(self._path, "rb")  # noqa: PTH123 - it is read over many calls
        except OSError as error:
            raise SourceFailed(f"{self._path}: {error.strerror}") from error
