"""What a check found of a kind and its versions, by digests of all that it follows from.

A verdict is plain data, ready to be printed. It is kept under a digest of the bytes of the files
that it is about, of those that all kinds share, and of the code that checks: it is never asked
whether a file has changed, and whoever deletes the cache only waits for longer. Only folders
without a fault are remembered; faults are found anew each time.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from dealgate.desk.cache import code_version, store
from dealgate.desk.followed import OF_VERSION, digests
from dealgate.rulebook.store import Store

Document = Mapping[str, Any]
FILE = "checks"
PROOFS = "proofs"
MOST_BYTES = 16 * 1024 * 1024
ROOMS = (
    *("v1", "model", "language", "kinds", "judge.py", "engine", "rulebook", "desk", "proof"),
    *("explain", "cases", "cli/checking.py", "inbox", "signals"),
)


class Verdicts:
    """What is remembered of one rules folder, as it stood when this was made."""

    def __init__(self, folder: Path, version: str = "") -> None:
        """`version` is that of the code that checks; empty: of this one."""
        self._folder = folder
        self._version = version or code_version(*ROOMS)
        self._before: dict[tuple[str, ...], bytes] = {}
        self._files = {FILE}  # that may have to be written

    @property
    def kinds(self) -> Sequence[str] | None:
        """The kinds of the folder, if nothing lies in it that should not; None: not known."""
        return cast("Sequence[str] | None", self._get("folder"))

    def of_kind(self, kind: str) -> Document | None:
        """Return what was found of a kind as a whole; None: not known."""
        return cast("Document | None", self._get("kind", kind))

    def of_version(self, kind: str, version: int) -> Document | None:
        """Return what was proved of a version; None: not known."""
        return cast("Document | None", self._get("version", kind, str(version)))

    def unread(self, kind: str, version: int) -> Sequence[str] | None:
        """Return the facts that nothing reads while a version decides; None: not known."""
        return cast("Sequence[str] | None", self._get("unread", kind, str(version)))

    @property
    def signals(self) -> Sequence[Document] | None:
        """What was found of the folder's signals; None: not known."""
        return cast("Sequence[Document] | None", self._get("signals", "signals"))

    def begin(self, kinds: Sequence[str] | None) -> None:
        """Take the digests of all that will be read: what changes from now on is not kept."""
        homes = [path for path in self._folder.iterdir() if path.is_dir()]
        names = [home.name for home in homes] if kinds is None else [*kinds]
        within = [path for name in names for path in (self._folder / name).glob("*/")]
        names += [path.relative_to(self._folder).as_posix() for path in within]
        for kind in dict.fromkeys(names):
            self._get("kind", kind)
            for file in (self._folder / kind).glob("v*.yaml"):
                version = OF_VERSION.fullmatch(file.name)
                if version is not None:
                    self._get("version", kind, version[1])
                    self._get("unread", kind, version[1])
                    about = ("proofs", kind, version[1])
                    self._before.setdefault(about, self._key(about))

    def keep(self, value: object, *about: str) -> None:
        """Remember what was found, unless a file that it follows from has changed meanwhile."""
        kept = store(FILE, MOST_BYTES)
        if kept is not None and self._before.get(about) == self._key(about):
            kept.put(self._before[about], (json.dumps(value),))

    def proofs(self, kind: str, version: int) -> tuple[object, ...] | None:
        """Return what lasts of the proofs of a version, as it was kept; None: nothing."""
        kept, about = self._proofs_of(kind), ("proofs", kind, str(version))
        if kept is None:
            return None
        return kept.get(self._before.setdefault(about, self._key(about)))

    def keep_proofs(self, kind: str, version: int, plain: tuple[object, ...]) -> None:
        """Remember what lasts of the proofs of a version, if nothing changed that all rest on."""
        kept, about = self._proofs_of(kind), ("proofs", kind, str(version))
        if kept is not None and self._before.get(about) == self._key(about):
            kept.put(self._before[about], plain)

    def save(self) -> None:
        """Write what is new."""
        for name in self._files:
            kept = store(name, MOST_BYTES)
            if kept is not None:
                kept.save()

    def _proofs_of(self, kind: str) -> Store | None:
        """Return where proofs of a kind are kept: an edit reads and writes those of no other."""
        name = f"{PROOFS}.{kind.partition('/')[0]}"
        self._files.add(name)
        return store(name, MOST_BYTES)

    def _get(self, *about: str) -> object:
        kept = store(FILE, MOST_BYTES)
        if kept is None:
            return None
        known = kept.get(self._before.setdefault(about, self._key(about)))
        return None if known is None else json.loads(cast("str", known[0]))

    def _key(self, about: tuple[str, ...]) -> bytes:
        shown = str(self._folder) if not self._folder.is_absolute() else self._folder.name
        text = "\0".join((self._version, shown, *about, *digests(self._folder, *about)))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def deciding(kind: Document, now: int) -> int | None:
    """Return the version that decides at `now` (ns), by what was found of a kind."""
    starts = [start for _, start in kind["releases"]]
    position = bisect_right(starts, now)
    return int(kind["releases"][position - 1][0]) if position else None
