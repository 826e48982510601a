"""Claims for activities in one loop, for evidence that allows a score in one pass."""

from collections.abc import Sequence

from dealgate.kinds.score.claims import Claim, claim_of, reset_at
from dealgate.kinds.score.words import activity_of
from dealgate.kinds.score.worth import Worth
from dealgate.model.instants import SECOND
from dealgate.v1.score_pb2 import ScoreFacts


def aged(
    facts: ScoreFacts, listed: Sequence[tuple[Worth, Sequence[int]]], as_of: int
) -> list[Claim] | None:
    """Return what rules that fired claim for activities, in order; None: one has no instant.

    It is what `Activities.claim` adds, written out: all of them engage, and each activity is
    mostly claimed for once.
    """
    activities, reset = facts.activities, reset_at(facts)
    claims: list[Claim] = []
    for worth, elements in listed:
        for element in elements:
            activity = activities[element]
            if not activity.HasField("at"):
                return None
            at = activity.at
            instant = at.seconds * SECOND + at.nanos
            age = as_of - instant
            points = faded = worth.points * (activity.count or 1) if worth.counts else worth.points
            if worth.ages:
                faded = worth.fade(points, age) if instant > reset else 0
            id_ = activity.id
            order = (True, age, id_, worth.rank, len(claims))
            told = activity_of(element, id_)
            claims.append(claim_of((*order, worth, element, instant, points, faded, True, told)))
    claims.sort()
    return claims
