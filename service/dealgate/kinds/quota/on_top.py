"""On top: credits of specialists, which are in no team's sum."""

from collections.abc import Set as AbstractSet

from dealgate.v1 import quota_pb2 as pb

Specialists = AbstractSet[str]


def specialists(facts: pb.QuotaFacts) -> Specialists:
    """Return the ids of those who sell on top of others, whatever a credit of theirs says."""
    return frozenset(seller.id for seller in facts.sellers if seller.is_overlay)


def is_on_top(credit: pb.QuotaCredit, specialists: Specialists) -> bool:
    """Tell whether a credit is on top of somebody's: by its own role, or by whose it is."""
    return credit.role == pb.CREDIT_ROLE_OVERLAY or credit.owner_id in specialists
