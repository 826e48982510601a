"""Credits: which of them count, and for whom, to the minor unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dealgate.kinds.quota.claims import Claims
from dealgate.kinds.quota.on_top import Specialists, is_on_top, specialists
from dealgate.kinds.quota.ties import Bookings
from dealgate.model import money
from dealgate.model.days import day_number
from dealgate.model.folds import grouped
from dealgate.model.money import to_minor
from dealgate.model.parts import fraction
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

AFTER_CLOSE = "AFTER_CLOSE"


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit that counts: its place, whose it is, and how much in minor units."""

    index: int
    id: str
    owner: str
    amount: int
    overlay: bool
    deferred: bool


def outside(
    facts: pb.QuotaFacts, team: set[str], claims: Claims, bookings: Bookings
) -> dict[int, tuple[str, str]]:
    """Return the places of credits that do not count, each with its code and rule."""
    own = {index: _outside(credit, facts.plan, team) for index, credit in enumerate(facts.credits)}
    found: dict[int, tuple[str, str]] = {}
    for index, code in own.items():
        booking = bookings.booking(index)
        if code:
            found[index] = (code, "")
        elif booking is not None and own[booking] == AFTER_CLOSE:
            found[index] = (AFTER_CLOSE, "")
        elif index in claims.excluded:
            rule = claims.excluded[index]
            found[index] = (rule.then.code, rule.id)
    return found


def counted(
    facts: pb.QuotaFacts, dropped: Mapping[int, tuple[str, str]], claims: Claims
) -> list[Credited]:
    """Return the credits that count, in their order."""
    extra = specialists(facts)
    amounts = _amounts(facts.credits, extra)
    return [
        Credited(
            index=index,
            id=credit.id,
            owner=credit.owner_id,
            amount=amounts[index],
            overlay=is_on_top(credit, extra),
            deferred=index in claims.deferred,
        )
        for index, credit in enumerate(facts.credits)
        if index not in dropped
    ]


def split_of(credit: pb.QuotaCredit) -> Fraction:
    """Return the seller's part of the amount."""
    return fraction(credit.split) if credit.HasField("split") else Ratio(1)


def shared_deals(credits_: Sequence[pb.QuotaCredit], extra: Specialists) -> Iterator[list[int]]:
    """Yield the places of direct credits that share one booking of one deal."""

    def booking(index: int) -> tuple[object, ...]:
        one = credits_[index]
        # A credit of which nobody says what it is for counts as a booking.
        return (
            one.opportunity_id,
            one.type or pb.CREDIT_TYPE_BOOKING,
            one.booked_on.SerializeToString(),
            to_minor(one.amount),
            one.product,
        )

    shared = [
        index
        for index, credit in enumerate(credits_)
        if credit.opportunity_id and not is_on_top(credit, extra)
    ]
    yield from grouped(shared, booking).values()


def _amounts(credits_: Sequence[pb.QuotaCredit], extra: Specialists) -> list[int]:
    """Return each credit's part in minor units; splits that sum to 1 sum to the whole deal."""
    rounds = [round(to_minor(credit.amount) * split_of(credit)) for credit in credits_]
    for indexes in shared_deals(credits_, extra):
        splits = [split_of(credits_[index]) for index in indexes]
        if sum(splits) == 1:
            parts = money.allocate(to_minor(credits_[indexes[0]].amount), splits)
            for index, part in zip(indexes, parts, strict=True):
                rounds[index] = part
    return rounds


def _outside(credit: pb.QuotaCredit, plan: pb.QuotaPlan, team: set[str]) -> str:
    if credit.owner_id not in team:
        return "NOT_IN_TEAM"
    if not day_number(plan.start) <= day_number(credit.booked_on) <= day_number(plan.end):
        return "OUTSIDE_PERIOD"
    came = credit.credited_on if credit.HasField("credited_on") else credit.booked_on
    late = plan.HasField("closed_on") and day_number(came) > day_number(plan.closed_on)
    return AFTER_CLOSE if late else ""
