"""Credits: which of them count, for whom, and to the minor unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.quota.claims import Claims
from dealgate.kinds.quota.ties import Bookings
from dealgate.model import money
from dealgate.model.days import day_number
from dealgate.model.folds import grouped
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.v1 import quota_pb2 as pb

OVERLAY = pb.CREDIT_ROLE_OVERLAY
AFTER_CLOSE = "AFTER_CLOSE"


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit that counts: its place, whose it is, and how much in minor units."""

    place: int
    id: str
    owner: str
    amount: int
    overlay: bool
    deferred: bool


def outside(
    facts: pb.QuotaFacts, team: set[str], claims: Claims, bookings: Bookings
) -> dict[int, tuple[str, str]]:
    """Return the places of credits that do not count, each with its code and rule."""
    own = {place: _outside(one, facts.plan, team) for place, one in enumerate(facts.credits)}
    found: dict[int, tuple[str, str]] = {}
    for place, code in own.items():
        booking = bookings.booking(place)
        if code:
            found[place] = (code, "")
        elif booking is not None and own[booking] == AFTER_CLOSE:
            found[place] = (AFTER_CLOSE, "")
        elif place in claims.excluded:
            rule = claims.excluded[place]
            found[place] = (rule.then.code, rule.id)
    return found


def counted(
    facts: pb.QuotaFacts, dropped: Mapping[int, tuple[str, str]], claims: Claims
) -> list[Credited]:
    """Return the credits that count, in their order."""
    amounts = _amounts(facts.credits)
    return [
        Credited(
            place=place,
            id=credit.id,
            owner=credit.owner_id,
            amount=amounts[place],
            overlay=credit.role == OVERLAY,
            deferred=place in claims.deferred,
        )
        for place, credit in enumerate(facts.credits)
        if place not in dropped
    ]


def split_of(credit: pb.QuotaCredit) -> Fraction:
    """Return the seller's part of the amount."""
    return fraction(credit.split) if credit.HasField("split") else Fraction(1)


def shared_deals(credits_: Sequence[pb.QuotaCredit]) -> Iterator[list[int]]:
    """Yield the places of direct credits that share one booking of one deal."""

    def booking(place: int) -> tuple[object, ...]:
        one = credits_[place]
        return (
            one.opportunity_id,
            one.type,
            one.booked_on.SerializeToString(),
            to_minor(one.amount),
            one.product,
        )

    shared = [
        place for place, one in enumerate(credits_) if one.opportunity_id and one.role != OVERLAY
    ]
    yield from grouped(shared, booking).values()


def _amounts(credits_: Sequence[pb.QuotaCredit]) -> list[int]:
    """Return each credit's part in minor units; splits that sum to 1 sum to the whole deal."""
    found = [round(to_minor(one.amount) * split_of(one)) for one in credits_]
    for places in shared_deals(credits_):
        splits = [split_of(credits_[place]) for place in places]
        if sum(splits) == 1:
            parts = money.allocate(to_minor(credits_[places[0]].amount), splits)
            for place, part in zip(places, parts, strict=True):
                found[place] = part
    return found


def _outside(credit: pb.QuotaCredit, plan: pb.QuotaPlan, team: set[str]) -> str:
    if credit.owner_id not in team:
        return "NOT_IN_TEAM"
    if not day_number(plan.start) <= day_number(credit.booked_on) <= day_number(plan.end):
        return "OUTSIDE_PERIOD"
    came = credit.credited_on if credit.HasField("credited_on") else credit.booked_on
    late = plan.HasField("closed_on") and day_number(came) > day_number(plan.closed_on)
    return AFTER_CLOSE if late else ""
