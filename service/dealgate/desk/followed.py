"""The files that what is known of a version or a kind follows from, as digests of their bytes."""

import re
from collections.abc import Iterator
from pathlib import Path

from dealgate.desk.cache import digest_of

OF_VERSION = re.compile(r"v([1-9]\d{0,5})\..+")
# No part of what a version means.
BESIDE = {"releases.yaml", "README.md", "cases.schema.json"}


def digests(folder: Path, about: str, kind: str = "", version: str = "") -> Iterator[str]:
    """Yield digests of what a verdict about the folder, a kind or a version follows from.

    What lasts of a version's "proofs" is kept by what each rule says, whatever file says it.
    """
    top = sorted(folder.iterdir()) if folder.is_dir() else []
    yield digest_of(folder, filter(Path.is_file, top))
    if about == "folder":
        yield from (entry.name for entry in top)
    elif (home := folder / kind.partition("/")[0]).is_dir():
        entries = sorted(home.rglob("*"))
        of = "" if about == "proofs" else version
        # A scope follows from what it narrows, too.
        if about == "proofs" or (version and "/" not in kind):
            entries = [entry for entry in entries if _belongs(entry.relative_to(home), of)]
        yield digest_of(folder, filter(Path.is_file, entries))
        yield from (entry.name for entry in entries)


def _belongs(entry: Path, version: str) -> bool:
    """Tell whether a version may follow from a file: from all but those of other versions."""
    match = OF_VERSION.fullmatch(entry.name)
    return match[1] == version if match else entry.name not in BESIDE
