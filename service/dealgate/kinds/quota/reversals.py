"""Reversals: what becomes of the commission when a booking is taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dealgate.kinds.quota.credits import Credited
from dealgate.kinds.quota.ties import Bookings
from dealgate.model.money import from_minor, to_minor
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb


@dataclass(frozen=True, slots=True)
class Reversals:
    """What each reversal among somebody's credits does."""

    bookings: Bookings
    credits: Sequence[Credited]
    currency: str

    def at_rate_paid(self, credit: Credited) -> bool:
        """Tell whether what was paid is known, so that it is taken back beside the tiers."""
        return self.bookings.credits[credit.index].HasField("reversed_booking")

    def all(self) -> Iterator[pb.CommissionReversal]:
        """Yield what each does, in their order."""
        before: dict[str, int] = {}
        for credit in self.credits:
            if credit.index not in self.bookings.ties:
                continue
            told = self.bookings.credits[credit.index]
            answer = pb.CommissionReversal(
                credit_id=credit.id,
                reverses_credit_id=self._booking_id(credit),
                code=self._code(credit),
            )
            if self.at_rate_paid(credit):
                name = told.reverses_credit_id or told.id
                start = before.setdefault(name, _minor(told.reversed_booking, "reversed_before"))
                before[name] = start - credit.amount
                amount = _taken(told.reversed_booking, start, before[name])
                answer.amount.CopyFrom(from_minor(-amount, self.currency))
            yield answer

    def _booking_id(self, credit: Credited) -> str:
        booking = self.bookings.booking(credit.index)
        if booking is not None:
            return self.bookings.credits[booking].id
        return self.bookings.credits[credit.index].reverses_credit_id

    def _code(self, credit: Credited) -> str:
        if self.at_rate_paid(credit):
            return "AT_RATE_PAID"
        if credit.deferred:
            return "NOT_PAID"
        return "UNTIED" if self.bookings.booking(credit.index) is None else "IN_TIERS"


def _taken(booking: pb.ReversedBooking, start: int, end: int) -> int:
    """Return what was paid for this stretch of a booking: the running total is what is rounded."""
    rate = Ratio(to_minor(booking.commission), to_minor(booking.credited))
    return round(rate * end) - round(rate * start)


def _minor(booking: pb.ReversedBooking, name: str) -> int:
    return to_minor(getattr(booking, name)) if booking.HasField(name) else 0  # type: ignore[arg-type]
