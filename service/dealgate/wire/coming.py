"""Calls to come: those in the queue, and those accepted lately that are not in it yet."""

from collections import Counter
from collections.abc import Mapping
from typing import Generic, TypeVar

from dealgate.wire.fairness import FairLine

Item = TypeVar("Item")

# An accepted call is in the queue within this many seconds, unless its message is slow to arrive.
ENTERING_SECONDS = 0.02


class Coming(Generic[Item]):
    """Counts calls to come by tenant and connection, and tells whose share is used up."""

    def __init__(self, line: FairLine[Item]) -> None:
        """Count the calls of this queue, and none accepted yet."""
        self._line = line
        self._entering: dict[str, Counter[str]] = {}
        self._total = 0
        self._since = 0.0

    def __len__(self) -> int:
        """How many calls are in the queue or on their way to it."""
        return len(self._line) + self._total

    def forget_slow(self, now: float) -> None:
        """Stop counting calls accepted a while ago; `now` is in seconds of any one clock."""
        if now - self._since > ENTERING_SECONDS:
            self._entering.clear()
            self._total = 0
            self._since = now

    def taken_up(self, tenant: str, connection: str) -> None:
        """Count an accepted call as on its way to the queue."""
        entering = self._entering.get(tenant)
        if entering is None:
            entering = self._entering[tenant] = Counter()
        entering[connection] += 1
        self._total += 1

    def stands(self, tenant: str, connection: str) -> None:
        """Stop counting a call: it is in the queue, or does not have to wait."""
        entering = self._entering.get(tenant)
        if not entering or not entering[connection]:
            return
        self._total -= 1
        entering[connection] -= 1
        if not entering[connection]:
            del entering[connection]
        if not entering:
            del self._entering[tenant]

    def has_claim(self, tenant: str, coming: int) -> bool:
        """Tell whether the tenant has less than its share of the calls to come."""
        return self._of(tenant) < coming // max(self._tenants, 1)

    def is_behind(self, tenant: str, connection: str) -> bool:
        """Tell whether a connection has no call to come, where others of its tenant have many.

        A connection that opens as many calls as it may, and then stays silent or cancels them,
        keeps out no other.
        """
        entering: Mapping[str, int] = self._entering.get(tenant, {})
        if connection in entering or self._line.waiting_by(tenant, connection):
            return False
        others = len(entering) + self._line.connections_of(tenant)
        return self._of(tenant) > others > 0

    def has_used_share(self, tenant: str, connection: str, room: int) -> bool:
        """Tell whether a connection already uses an equal share of this room."""
        entering: Mapping[str, int] = self._entering.get(tenant, {})
        own = entering.get(connection, 0) + self._line.waiting_by(tenant, connection)
        connections = max(len(entering), self._line.connections_of(tenant))
        return own > 0 and own * connections * self._tenants >= room

    @property
    def _tenants(self) -> int:
        newcomers = sum(not self._line.waiting_of(name) for name in self._entering)
        return self._line.tenants + newcomers

    def _of(self, tenant: str) -> int:
        entering = self._entering.get(tenant)
        return self._line.waiting_of(tenant) + (entering.total() if entering else 0)
