"""What can be wrong with reversals: what they take back, and how much of it."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.kinds.quota.credits import split_of
from dealgate.kinds.quota.ties import is_negative
from dealgate.model.checks import non_negative_money, required
from dealgate.model.errors import Violation
from dealgate.model.money import to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb

AMOUNTS = ("credited", "commission", "reversed_before")


def reversed_amounts(facts: pb.QuotaFacts) -> list[tuple[str, Money]]:
    """Return the amounts of reversed bookings, with their paths."""
    return [
        (f"credits[{index}].reversed_booking.{name}", getattr(credit.reversed_booking, name))
        for index, credit in enumerate(facts.credits)
        if credit.HasField("reversed_booking")
        for name in AMOUNTS
    ]


def reversal_violations(facts: pb.QuotaFacts) -> Iterator[Violation]:
    """Yield what is wrong with what is taken back; nothing in the facts is malformed."""
    known = {credit.id: index for index, credit in enumerate(facts.credits)}
    for index, credit in enumerate(facts.credits):
        path = f"credits[{index}]"
        for name in ("reverses_credit_id", "reversed_booking"):
            if credit.HasField(name) and not is_negative(credit):
                yield Violation(f"{path}.{name}", "belongs to a negative amount")
        if credit.HasField("reverses_credit_id"):
            yield from _named(f"{path}.reverses_credit_id", credit, known, facts)
        if credit.HasField("reversed_booking"):
            yield from _told(f"{path}.reversed_booking", credit, known)
    if all(credit.HasField("amount") for credit in facts.credits):
        yield from _more_than_booked(facts, known)
        yield from _earlier(facts)


def _named(
    path: str, credit: pb.QuotaCredit, known: Mapping[str, int], facts: pb.QuotaFacts
) -> Iterator[Violation]:
    index = known.get(credit.reverses_credit_id)
    if index is None:
        if not credit.HasField("reversed_booking"):
            yield Violation(path, "is not the id of a credit; describe it in reversed_booking")
        return
    booking = facts.credits[index]
    if is_negative(booking) or booking.amount == Money():
        yield Violation(path, "is the id of a credit that has nothing to take back")
    elif booking.owner_id != credit.owner_id:
        yield Violation(path, "is the id of another owner's credit")


def _told(path: str, credit: pb.QuotaCredit, known: Mapping[str, int]) -> Iterator[Violation]:
    told = credit.reversed_booking
    if credit.reverses_credit_id in known:
        yield Violation(path, "is for a booking that is not in credits")
    for name in ("credited", "commission"):
        yield from required(f"{path}.{name}", told.HasField(name))
    for name in AMOUNTS:
        yield from non_negative_money(f"{path}.{name}", getattr(told, name))
    if not (told.HasField("credited") and credit.HasField("amount")):
        return
    if not to_minor(told.credited):
        yield Violation(f"{path}.credited", "must be more than 0")
    before = to_minor(told.reversed_before) if told.HasField("reversed_before") else 0
    if before - round(to_minor(credit.amount) * split_of(credit)) > to_minor(told.credited):
        yield Violation(f"{path}.credited", "is less than what is reversed of it")


def _more_than_booked(facts: pb.QuotaFacts, known: Mapping[str, int]) -> Iterator[Violation]:
    left: dict[int, Fraction] = {}
    for index, credit in enumerate(facts.credits):
        if not credit.reverses_credit_id or credit.reverses_credit_id not in known:
            continue
        booking = known[credit.reverses_credit_id]
        before = left.get(booking, _part(facts.credits[booking]))
        left[booking] = before + min(_part(credit), Ratio(0))
        if left[booking] < 0 <= before:
            yield Violation(f"credits[{index}].amount", "takes back more than was booked")


def _earlier(facts: pb.QuotaFacts) -> Iterator[Violation]:
    """Of an earlier booking one thing is told, and no more goes back than was credited for it."""
    told: dict[str, tuple[pb.ReversedBooking, Fraction]] = {}
    for index, credit in enumerate(facts.credits):
        booking, name = credit.reversed_booking, credit.reverses_credit_id
        if not name or not booking.HasField("credited") or not is_negative(credit):
            continue
        path = f"credits[{index}].reversed_booking"
        first, gone = told.setdefault(name, (booking, _before(booking)))
        if (booking.credited, booking.commission) != (first.credited, first.commission):
            yield Violation(path, "says something else of this booking than a credit before it")
            continue
        gone -= _part(credit)
        if gone > to_minor(first.credited) >= gone + _part(credit) and first is not booking:
            yield Violation(f"credits[{index}].amount", "takes back more than is left of it")
        told[name] = (first, gone)


def _before(booking: pb.ReversedBooking) -> Fraction:
    told = booking.HasField("reversed_before")
    return Ratio(to_minor(booking.reversed_before) if told else 0)


def _part(credit: pb.QuotaCredit) -> Fraction:
    return to_minor(credit.amount) * split_of(credit)
