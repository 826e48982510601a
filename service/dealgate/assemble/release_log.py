"""Releases in the audit log, whoever wrote them: the RPC, `dealgate release`, or a Git commit.

A line of releases.yaml is noted once, when a server first has it in use. That it was is kept as a
bookmark, with the entry: so of several servers one notes it, one that is killed has noted it or
leaves it to the next, and a line that was written while none ran is noted at the next start. Lines
from before the journal began are not.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from dealgate.journal.bookmarks import BookmarkMoved, Claim
from dealgate.journal.retention import OWN_BOOKMARKS
from dealgate.model.audit import Audited
from dealgate.model.editions import Edition, Reload
from dealgate.model.errors import DealgateError
from dealgate.model.feed import Position
from dealgate.model.rules import Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.instants import written

METHOD, OUTCOME = "releases.yaml", "in use"
BEGUN = f"{OWN_BOOKMARKS}releases"


class Journal(Protocol):
    """What keeps the audit log."""

    async def bookmark(self, name: str) -> Position | None:
        """Return where a bookmark is; None: there is none."""

    async def claim(self, claim: Claim) -> Claim:
        """Return `claim` once it is durable; raise BookmarkMoved if another has a name of it."""


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
        """Note the lines that nobody has noted; the journal reports its own failures."""
        with suppress(DealgateError):
            lines = [line for line in _lines(catalog) if line[0] not in self._known]
            names = [name for name, _, _ in lines]
            if await self._journal.bookmark(BEGUN) is None and await self._begun(names):
                self._known.update(names)
                return
            await asyncio.gather(*(self._line(name, kind, line) for name, kind, line in lines))

    async def _begun(self, names: Sequence[str]) -> bool:
        """Claim all lines from before the journal began; False: another server has begun it."""
        free = [name for name in names if await self._journal.bookmark(name) is None]
        return await self._claimed(Claim([BEGUN, *free]))

    async def _line(self, name: str, kind: str, line: Release) -> None:
        if await self._journal.bookmark(name) is None:
            await self._claimed(Claim([name], _entry(self._now(), kind, line)))
        self._known.add(name)

    async def _claimed(self, claim: Claim) -> bool:
        """Tell whether no other server was first."""
        try:
            await self._journal.claim(claim)
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
