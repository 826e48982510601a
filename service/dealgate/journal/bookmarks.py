"""How far readers of the feed have come, kept with what they read."""

from dataclasses import dataclass

from dealgate.model.errors import Defect
from dealgate.model.feed import Position


@dataclass(frozen=True, slots=True)
class BookmarkMove:
    """The reader called `name` has come from `before` (None: it begins) to `to`."""

    name: str
    before: Position | None
    to: Position


class BookmarkMoved(Defect):
    """Somebody else moves the bookmark, too: who hears this stands back."""

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
