"""What is recorded, in one order: decisions, and results as they are attached to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from dealgate.model.decision import Decision
from dealgate.model.results import Result


class Position(NamedTuple):
    """How far a feed was read. What the two numbers count is the journal's own affair.

    Of two positions of one journal, the smaller one has less behind it.
    """

    first: int
    second: int


START = Position(0, 0)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that was recorded; `position` is how far one has read with it.

    `result` is what was attached to `decision`; None: the decision itself is new.
    """

    position: Position
    decision: Decision
    result: Result | None = None

    @property
    def tenant(self) -> str:
        """Whose it is."""
        return self.decision.tenant


@dataclass(frozen=True, slots=True)
class FeedDamage:
    """In place of an event: a record that can no longer be read.

    `tenant` is None, and `decision_id` empty, if that is unknown, too.
    """

    position: Position
    tenant: str | None
    decision_id: str


FeedItem: TypeAlias = FeedEvent | FeedDamage


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Items in order; `position` is how far the feed was read, whatever was left out.

    `more`: there is more already.
    """

    items: Sequence[FeedItem]
    position: Position
    more: bool


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which events are wanted: of this tenant (None: any), and one of each of the others given.

    `outcomes` are words as `Decision.outcome` has them, `entities` are written "lead/00Q5e", and
    of `rules` one has to have fired. A result is wanted if its decision is.
    """

    tenant: str | None = None
    kinds: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()

    def may_admit(self, tenant: str, kind: str, entity: str, outcome: str) -> bool:
        """Tell whether a record with these columns need be read."""
        return (
            self.tenant in {None, tenant}
            and (not self.kinds or kind in self.kinds)
            and (not self.entities or entity in self.entities)
            and (not self.outcomes or outcome in self.outcomes)
        )

    def admits(self, item: FeedItem) -> bool:
        """Tell whether the item is wanted. Damage of an unknown tenant is nobody's."""
        if isinstance(item, FeedDamage):
            return self.tenant is None or self.tenant == item.tenant
        decision = item.decision
        columns = (decision.tenant, decision.kind, str(decision.entity), decision.outcome)
        return self.may_admit(*columns) and (
            not self.rules or not self.rules.isdisjoint(decision.fired)
        )


ALL = FeedFilter()


class FeedSecret(NamedTuple):
    """What seals positions for those who resume from them: all servers of a journal have it.

    Positions up to `open_until` were given away as they are, by earlier versions.
    """

    key: bytes
    open_until: Position


class Feed(Protocol):
    """Reads what is recorded, and waits for more."""

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other: positions mean nothing elsewhere."""

    async def secret(self) -> FeedSecret:
        """Return what seals positions; raises Unavailable."""

    async def end(self) -> Position:
        """Return the position after all that is recorded."""

    async def after(self, position: Position, wanted: FeedFilter) -> FeedPage:
        """Return the next items; raises Unavailable."""

    async def wait(self, position: Position) -> None:
        """Return when there may be more than what lies before `position`."""
