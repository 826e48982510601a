"""Events as lines of a file, for other programs to read."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from dealgate.aside.threads import in_thread
from dealgate.model.private_files import make_private_folder, private
from dealgate.streams.addresses import Address
from dealgate.streams.port import Outgoing, SinkFailed


class JsonLines:
    """Appends to a file, durably. A line that a crash cut off is ended, and written again."""

    def __init__(self, address: Address) -> None:
        """The path is that of the URL, from the root."""
        self._path = Path(unquote(address.url.path))

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Append a line for each, and sync; raises SinkFailed."""
        await in_thread(self._append, b"".join(event.body + b"\n" for event in events))

    async def close(self) -> None:
        """Nothing stays open: the file may be rotated at any time."""

    def _append(self, lines: bytes) -> None:
        try:
            make_private_folder(self._path.parent)
            with open(self._path, "ab+", opener=private) as file:
                if file.seek(0, os.SEEK_END) and not _ends_a_line(file.fileno(), file.tell()):
                    lines = b"\n" + lines
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SinkFailed(f"{self._path}: {error.strerror}") from error


def _ends_a_line(descriptor: int, size: int) -> bool:
    return os.pread(descriptor, 1, size - 1) == b"\n"
