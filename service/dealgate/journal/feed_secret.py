"""What seals the positions of a journal's feed: a random key that is kept with the journal.

A position counts what all tenants recorded. So those who are given one must not be able to read it.
The key is two numbers of a bookmark, which all servers of a journal share, and a copy of it has.
"""

import os
import struct
from contextlib import suppress
from typing import Protocol

from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved
from dealgate.journal.retention import OWN_BOOKMARKS
from dealgate.model.feed import FeedSecret, Position

KEY, OPEN_UNTIL = f"{OWN_BOOKMARKS}tokens/key", f"{OWN_BOOKMARKS}tokens/open"
PARTS = struct.Struct(">qq")


class Journal(Protocol):
    """What keeps the key."""

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded."""

    async def bookmark(self, name: str) -> Position | None:
        """Return where a bookmark is; None: there is none."""

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""


async def feed_secret(journal: Journal) -> FeedSecret:
    """Return the journal's key, which the first caller makes; raises Unavailable."""
    until = await _kept(journal, OPEN_UNTIL, await journal.feed_end())
    key = await _kept(journal, KEY, Position(*PARTS.unpack(os.urandom(PARTS.size))))
    return FeedSecret(PARTS.pack(*key), until)


async def _kept(journal: Journal, name: str, first: Position) -> Position:
    """Return what is kept under a name: `first`, unless another server was earlier."""
    known = await journal.bookmark(name)
    if known is not None:
        return known
    with suppress(BookmarkMoved):
        return (await journal.move_bookmark(BookmarkMove(name, None, first))).to
    return await _kept(journal, name, first)
