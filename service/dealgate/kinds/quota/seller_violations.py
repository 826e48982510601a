"""What can be wrong with sellers: who they report to, and when they are there."""

from collections.abc import Iterator, Sequence

from dealgate.model.checks import (
    at_most,
    non_negative_money,
    optional_id,
    required,
    required_id,
    unique_ids,
)
from dealgate.model.days import precedes
from dealgate.model.errors import Violation
from dealgate.v1 import quota_pb2 as pb

LEAVES_MAX = 100
YEAR_MAX = 9000


def seller_violations(facts: pb.QuotaFacts) -> Iterator[Violation]:
    """Yield what is wrong with the owner and the sellers; nothing in the facts is malformed."""
    ids = [seller.id for seller in facts.sellers]
    yield from required_id("owner_id", facts.owner_id)
    yield from required("sellers", facts.sellers)
    if facts.owner_id and ids and facts.owner_id not in ids:
        yield Violation("owner_id", "is not the id of a seller")
    for index, seller in enumerate(facts.sellers):
        path = f"sellers[{index}]"
        yield from required_id(f"{path}.id", seller.id)
        yield from optional_id(f"{path}.manager_id", seller.manager_id)
        yield from non_negative_money(f"{path}.quota", seller.quota)
        if precedes(seller, "active_until", seller, "active_from"):
            yield Violation(f"{path}.active_until", "is before active_from")
        if precedes(seller, "active_until", seller, "hired_on"):
            yield Violation(f"{path}.active_until", "is before hired_on")
        if seller.hired_on.year > YEAR_MAX:
            yield Violation(f"{path}.hired_on", f"is after the year {YEAR_MAX}")
        yield from _leaves(path, seller.leaves)
    yield from unique_ids("sellers", ids)
    yield from _circles(facts.sellers)


def _leaves(path: str, leaves: Sequence[pb.Leave]) -> Iterator[Violation]:
    yield from at_most(f"{path}.leaves", leaves, LEAVES_MAX)
    for index, leave in enumerate(leaves):
        here = f"{path}.leaves[{index}]"
        yield from required(f"{here}.first", leave.HasField("first"))
        yield from required(f"{here}.last", leave.HasField("last"))
        if precedes(leave, "last", leave, "first"):
            yield Violation(f"{here}.last", "is before first")


def _circles(sellers: Sequence[pb.Seller]) -> Iterator[Violation]:
    """Nobody reports to themselves, over however many others."""
    above = {seller.id: seller.manager_id for seller in sellers if seller.id}
    safe: set[str] = set()
    for index, seller in enumerate(sellers):
        seen: set[str] = set()
        one = seller.id
        while one in above and one not in safe and one not in seen:
            seen.add(one)
            one = above[one]
        if one in seen and one == seller.id:
            yield Violation(f"sellers[{index}].manager_id", "makes them report to themselves")
        elif one not in seen:
            safe |= seen
