"""How far readers of the feed have come, kept with what they read."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.model.audit import Audited
from dealgate.model.errors import Defect
from dealgate.model.feed import START, Position


@dataclass(frozen=True, slots=True)
class BookmarkMove:
    """The reader called `name` has come from `before` (None: it begins) to `to`."""

    name: str
    before: Position | None
    to: Position


@dataclass(frozen=True, slots=True)
class Claim:
    """The first process to claim these names also records the entry of the audit log.

    Both are one commit: of several processes one does both, and one that ends in between has done
    neither.
    """

    names: Sequence[str]
    audited: Audited | None = None

    @property
    def moves(self) -> Sequence[BookmarkMove]:
        """The bookmarks that stand for it, none of which may be there."""
        return [BookmarkMove(name, None, START) for name in self.names]


class BookmarkMoved(Defect):
    """Somebody else moves the bookmark, too: the reader that gets this error yields."""

    reason = "BOOKMARK_MOVED"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        """Name the bookmark."""
        return f"the bookmark {self.name} was moved by another process"


def refuse_second_mover(move: BookmarkMove, current: Position | None) -> None:
    """Raise BookmarkMoved unless the bookmark is where the move begins."""
    if current != move.before:
        raise BookmarkMoved(move.name)
