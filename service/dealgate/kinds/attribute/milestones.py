"""Where a journey turned: at first touch, lead creation, opportunity creation and closed won."""

from collections.abc import Mapping, Sequence

from google.protobuf.message import Message

from dealgate.kinds.attribute.models import Milestone
from dealgate.model.instants import nanoseconds
from dealgate.v1 import attribute_pb2 as pb

# Each milestone, and the field in which a caller names its touch.
NAMED_BY: Mapping[Milestone, str] = {
    "first_touch": "first_touch_id",
    "lead_creation": "lead_creation_touch_id",
    "opportunity_creation": "opportunity_creation_touch_id",
    "closed_won": "closed_won_touch_id",
}


def turns(
    facts: pb.AttributeFacts, counted: Sequence[int], claimed: Mapping[Milestone, Sequence[int]]
) -> dict[Milestone, int]:
    """Return the position of each milestone among the `counted` touches (indexes, in order).

    The caller's word goes before a rule's claim (`claimed`, indexes), and that before the
    instant. What points at a touch that does not count is as if it had not been said, and a
    milestone before any touch that counts has none.
    """
    touches = [facts.touches[index] for index in counted]
    found = {
        name: _said(facts, name, touches)
        or _claimed(name, counted, claimed.get(name, ()))
        or _by_instant(facts, name, touches)
        for name in NAMED_BY
    }
    return {name: indexes[0] for name, indexes in found.items() if indexes}


def named(facts: pb.AttributeFacts, touches: Sequence[pb.Touch]) -> frozenset[Milestone]:
    """Return the milestones whose touch the caller names, if it is among those that count."""
    return frozenset(name for name in NAMED_BY if _said(facts, name, touches))


def _said(facts: pb.AttributeFacts, name: Milestone, touches: Sequence[pb.Touch]) -> list[int]:
    said = getattr(facts.milestones, NAMED_BY[name])
    return [index for index, touch in enumerate(touches) if touch.id == said]


def _claimed(name: Milestone, counted: Sequence[int], claimed: Sequence[int]) -> list[int]:
    among = frozenset(claimed)
    ranks = [rank for rank, index in enumerate(counted) if index in among]
    return ranks if name == "first_touch" else ranks[::-1]


def _by_instant(
    facts: pb.AttributeFacts, name: Milestone, touches: Sequence[pb.Touch]
) -> list[int]:
    if name == "first_touch":
        return [0] if touches else []
    holder, field = _instant(facts, name)
    if not holder.HasField(field):
        return []
    end = nanoseconds(getattr(holder, field))
    return [index for index, touch in enumerate(touches) if nanoseconds(touch.at) <= end][-1:]


def _instant(facts: pb.AttributeFacts, name: Milestone) -> tuple[Message, str]:
    if name == "lead_creation":
        return facts.milestones, "lead_created_at"
    return facts.opportunity, "created_at" if name == "opportunity_creation" else "closed_at"
