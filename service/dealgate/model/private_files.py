"""Files and folders that hold personal data: only their owner may read them, whatever the umask.

What is there already keeps the rights that somebody gave it.
"""

import os
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless they are there; raises OSError.

    `Path.mkdir(parents=True)` gives its mode to the last one alone.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_private_folder(folder.parent)
    folder.mkdir(mode=FOLDER, exist_ok=True)


def private(path: str | Path, flags: int) -> int:
    """Open a file as `open(opener=private)` has it; return its descriptor."""
    return os.open(path, flags, FILE)


def make_private_file(path: Path) -> None:
    """Make an empty file, unless it is there; raises OSError."""
    if not path.exists():
        os.close(private(path, os.O_RDWR | os.O_CREAT))


def keep_rights(made: Path, place: Path) -> None:
    """Give a new file the rights of the one whose place it takes, or those of a private one."""
    made.chmod(place.stat().st_mode & 0o777 if place.exists() else FILE)
