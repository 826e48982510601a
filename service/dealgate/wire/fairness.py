"""Who is next: tenants in turns by what they have cost, and within a tenant its connections."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(slots=True)
class _Share(Generic[Item]):
    """What somebody has cost so far, and what waits for them."""

    spent: float = 0.0
    items: deque[tuple[Item, float]] = field(default_factory=deque)


class FairLine(Generic[Item]):
    """A queue in which a thousand items of one tenant do not delay one of another.

    The cost of each is charged to its tenant and its connection; next is the one that has spent
    least. Tenants without calls save nothing up: they begin where the others are.
    """

    def __init__(self) -> None:
        self._tenants: dict[str, dict[str, _Share[Item]]] = {}
        self._spent: dict[str, float] = {}
        self._waiting: dict[str, int] = {}
        self._length = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._length

    def waiting_of(self, tenant: str) -> int:
        """How many of this tenant wait."""
        return self._waiting.get(tenant, 0)

    def waiting_by(self, tenant: str, connection: str) -> int:
        """How many of this tenant wait that came by this connection."""
        share = self._tenants.get(tenant, {}).get(connection)
        return len(share.items) if share else 0

    def connections_of(self, tenant: str) -> int:
        """How many connections have something of this tenant waiting."""
        return len(self._tenants.get(tenant, {}))

    @property
    def tenants(self) -> int:
        """How many tenants have something waiting."""
        return len(self._tenants)

    def push(self, tenant: str, connection: str, item: Item, cost: float = 1.0) -> None:
        """Queue; the cost is charged when it is served."""
        if tenant not in self._tenants:
            self._spent[tenant] = min(self._spent.values(), default=0.0)
            self._tenants[tenant] = {}
            self._waiting[tenant] = 0
        shares = self._tenants[tenant]
        if connection not in shares:
            level = min((share.spent for share in shares.values()), default=0.0)
            shares[connection] = _Share(level)
        shares[connection].items.append((item, cost))
        self._waiting[tenant] += 1
        self._length += 1

    def pop(self) -> Item:
        """Return who is next, and charge them; raises ValueError if nobody waits."""
        tenant = min(self._tenants, key=self._spent.__getitem__)
        shares = self._tenants[tenant]
        connection = min(shares, key=lambda name: shares[name].spent)
        share = shares[connection]
        item, cost = share.items.popleft()
        share.spent += cost
        self._spent[tenant] += cost
        self._forget_if_empty(tenant, connection)
        return item

    def remove(self, tenant: str, connection: str, item: Item) -> None:
        """Let somebody leave the line; nothing happens if they are not in it."""
        share = self._tenants.get(tenant, {}).get(connection)
        standing = [entry for entry in share.items if entry[0] is item] if share else []
        if share is not None and standing:
            share.items.remove(standing[0])
            self._forget_if_empty(tenant, connection)

    def drop_newest_of_longest(self) -> tuple[str, Item]:
        """Take out the newest of the tenant that has most waiting, and return it."""
        tenant = max(self._tenants, key=self.waiting_of)
        shares = self._tenants[tenant]
        connection = max(shares, key=lambda name: len(shares[name].items))
        item, _ = shares[connection].items.pop()
        self._forget_if_empty(tenant, connection)
        return tenant, item

    def _forget_if_empty(self, tenant: str, connection: str) -> None:
        self._length -= 1
        self._waiting[tenant] -= 1
        shares = self._tenants[tenant]
        if not shares[connection].items:
            del shares[connection]
        if not shares:
            del self._tenants[tenant]
            del self._spent[tenant]
            del self._waiting[tenant]
