"""Decisions and results, each read in their own order, become one page of the feed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.feed import FeedDamage, FeedEvent, FeedFilter, FeedItem, FeedPage, Position
from dealgate.model.results import Result

FEED_ROWS = 256  # of decisions, and of results, that one page looks at


class FeedRow(NamedTuple):
    """A row of the feed, and how it is read: most rows are nobody's and need not be."""

    position: Position
    tenant: str | None
    kind: str
    entity: str
    outcome: str
    read: Callable[[], FeedItem]


def merged(
    position: Position, decisions: Sequence[FeedRow], results: Sequence[FeedRow], wanted: FeedFilter
) -> FeedPage:
    """Return the page after `position`, given up to FEED_ROWS of each.

    If there are more of either, the page ends with the last of them: what lies beyond may have
    others before it that were not read.
    """
    cut = [rows[-1].position for rows in (decisions, results) if len(rows) >= FEED_ROWS]
    rows = sorted((*decisions, *results), key=_position)
    through = min(cut) if cut else rows[-1].position if rows else position
    items = (row.read() for row in rows if row.position <= through and _may_be(row, wanted))
    return FeedPage([item for item in items if wanted.admits(item)], through, bool(cut))


def item(
    position: Position,
    tenant: str,
    decision_id: Callable[[], str],
    decision: Callable[[], Decision],
    result: Result | None = None,
) -> FeedItem:
    """Return the event, or the damage in its place."""
    try:
        return FeedEvent(position, decision(), result)
    except RecordDamaged:
        return FeedDamage(position, tenant, _id_or_nothing(decision_id))


def unreadable(position: Position) -> FeedRow:
    """Return what stands for a row of which nothing can be read any more."""
    return FeedRow(position, None, "", "", "", lambda: FeedDamage(position, None, ""))


def _may_be(row: FeedRow, wanted: FeedFilter) -> bool:
    if row.tenant is None:
        return True
    return wanted.may_admit(row.tenant, row.kind, row.entity, row.outcome)


def _id_or_nothing(decision_id: Callable[[], str]) -> str:
    try:
        return decision_id()
    except (ValueError, TypeError):
        return ""


def _position(row: FeedRow) -> Position:
    return row.position
