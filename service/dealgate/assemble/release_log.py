"""Releases in the audit log, whoever wrote them: the RPC, `dealgate release`, or a Git commit.

A line of releases.yaml is noted once, when a server first has it in use. That it was is kept as a
bookmark, so that of several servers one notes it, and a line that was written while none ran is
noted at the next start. Lines from before the journal began are not.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved
from dealgate.journal.retention import OWN_BOOKMARKS
from dealgate.model.audit import Audited
from dealgate.model.editions import Edition, Reload
from dealgate.model.errors import DealgateError
from dealgate.model.feed import START, Position
from dealgate.model.rules import Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.instants import written

METHOD, OUTCOME = "releases.yaml", "in use"
BEGUN = f"{OWN_BOOKMARKS}releases"


class Journal(Protocol):
    """What keeps the audit log."""

    async def note(self, audited: Audited) -> None:
        """Return once an entry is durable."""

    async def bookmark(self, name: str) -> Position | None:
        """Return where a bookmark is; None: there is none."""

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""


class ReleaseLog:
    """Notes the lines of one server's catalogs."""

    def __init__(self, journal: Journal, now: Callable[[], int] = time.time_ns) -> None:
        """`now` gives nanoseconds since the epoch."""
        self._journal = journal
        self._now = now
        self._known: set[str] = set()

    async def tell(self, edition: Edition[Catalog], _: Reload) -> None:
        """Note what came into use with this edition."""
        await self.follow(edition.catalog)

    async def follow(self, catalog: Catalog) -> None:
        """Note the lines that nobody has noted; the journal's own trouble is told elsewhere."""
        with suppress(DealgateError):
            is_new = await self._journal.bookmark(BEGUN) is None
            lines = [line for line in _lines(catalog) if line[0] not in self._known]
            await asyncio.gather(
                *(self._line(name, kind, line, is_new=is_new) for name, kind, line in lines)
            )
            if is_new:
                await self._claimed(BEGUN)

    async def _line(self, name: str, kind: str, line: Release, *, is_new: bool) -> None:
        is_first = await self._journal.bookmark(name) is None and await self._claimed(name)
        if is_first and not is_new:
            await self._journal.note(_entry(self._now(), kind, line))
        self._known.add(name)

    async def _claimed(self, name: str) -> bool:
        """Tell whether no other server was first."""
        try:
            await self._journal.move_bookmark(BookmarkMove(name, None, START))
        except BookmarkMoved:
            return False
        return True


def _lines(catalog: Catalog) -> Iterator[tuple[str, str, Release]]:
    for kind, lines in catalog.all_releases().items():
        for line in lines:
            told = (kind, line.version, line.effective_from, line.sha256, line.by, line.because)
            digest = hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()
            yield f"{OWN_BOOKMARKS}release/{digest[:32]}", kind, line


def _entry(at: int, kind: str, line: Release) -> Audited:
    signed = f" signed by {', '.join(sorted(line.signatures))}" if line.signatures else ""
    detail = f"{kind}@{line.version} from {written(line.effective_from)}{signed}: {line.because}"
    return Audited(at, line.by, "", METHOD, OUTCOME, detail=detail)
