"""Whether a file is still the one that was read."""

from pathlib import Path


def stamp_of(file: Path) -> object:
    """Return what differs once a file was written, replaced, or can no longer be looked at."""
    try:
        state = file.stat()
    except OSError as error:
        return error.errno
    return state.st_ino, state.st_mtime_ns, state.st_size
