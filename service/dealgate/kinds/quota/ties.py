"""Ties: which booking a negative credit takes back, and that the same applies to both.

A booking that pays nothing yet, or counts nowhere, is taken back for nothing: what a rule says of a
reversal by itself does not matter once its booking is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from google.type.money_pb2 import Money

from dealgate.kinds.quota.on_top import Specialists, is_on_top
from dealgate.model.days import day_number
from dealgate.model.folds import grouped
from dealgate.model.money import to_minor
from dealgate.v1 import quota_pb2 as pb

# The owner, the deal, whether it is on top, and the day: bookings that a reversal may take back are
# alike in these, and came no later.
Deal: TypeAlias = tuple[str, str, bool]
Key: TypeAlias = tuple[Deal, int, int]

BOOKED = (pb.CREDIT_TYPE_UNSPECIFIED, pb.CREDIT_TYPE_BOOKING)

# In place of an amount.
ANY = 0


@dataclass(frozen=True, slots=True)
class Tie:
    """The places of the bookings that a reversal may take back: one, none, or a choice."""

    bookings: tuple[int, ...] = ()

    @property
    def booking(self) -> int | None:
        """The place of the booking, if there is just one."""
        return self.bookings[0] if len(self.bookings) == 1 else None


def is_negative(credit: pb.QuotaCredit) -> bool:
    """Tell whether an amount is below 0."""
    amount: Money = credit.amount
    return bool(amount.units < 0 or amount.nanos < 0)


def is_reversal(credit: pb.QuotaCredit) -> bool:
    """Tell whether a credit takes another one back, rather than being a correction by itself."""
    if not is_negative(credit):
        return False
    told = credit.reverses_credit_id or credit.HasField("reversed_booking")
    return bool(told or credit.opportunity_id) or credit.type == pb.CREDIT_TYPE_CLAWBACK


@dataclass(frozen=True)
class Bookings:
    """The credits that can be taken back, and which of them each reversal does."""

    credits: Sequence[pb.QuotaCredit]
    specialists: Specialists = frozenset()

    @cached_property
    def ties(self) -> Mapping[int, Tie]:
        """The tie of each reversal by its place, in the order of the credits."""
        return {
            index: self._tie(credit)
            for index, credit in enumerate(self.credits)
            if is_reversal(credit)
        }

    def booking(self, index: int) -> int | None:
        """Return the place of the booking that a credit takes back; None: not just one."""
        return self.ties[index].booking if index in self.ties else None

    def reversals(self, booking: int) -> Sequence[int]:
        """Return the places of what takes this booking back, in their order."""
        return self._reversals.get(booking, ())

    @cached_property
    def _reversals(self) -> Mapping[int, Sequence[int]]:
        tied = [index for index, tie in self.ties.items() if tie.booking is not None]
        return {
            index: indexes
            for index, indexes in grouped(tied, lambda item: self.ties[item].booking).items()
            if index is not None
        }

    def _tie(self, credit: pb.QuotaCredit) -> Tie:
        if credit.reverses_credit_id:
            index = self._by_id.get(credit.reverses_credit_id)
            return Tie() if index is None else Tie((index,))
        if credit.HasField("reversed_booking"):
            return Tie()
        deal, day = self._deal(credit), day_number(credit.booked_on)
        exact = self._choice((deal, day, -to_minor(credit.amount)))
        return exact if exact.booking is not None else self._choice((deal, day, ANY))

    def _choice(self, key: Key) -> Tie:
        """Return the bookings of a deal that came by a day; of one amount, unless that is 0.

        The same key gives the same object: thousands of reversals may have thousands to choose.
        """
        if key not in self._choices:
            deal, day, amount = key
            came = [
                index for index in self._booked.get((deal, amount), ()) if self._days[index] <= day
            ]
            # A correction of a booking is taken back with it.
            booked = [index for index in came if self.credits[index].type in BOOKED]
            self._choices[key] = Tie(tuple(booked or came))
        return self._choices[key]

    @cached_property
    def _choices(self) -> dict[Key, Tie]:
        return {}

    @cached_property
    def _by_id(self) -> Mapping[str, int]:
        return {credit.id: index for index, credit in enumerate(self.credits)}

    @cached_property
    def _days(self) -> Sequence[int]:
        return [day_number(credit.booked_on) for credit in self.credits]

    @cached_property
    def _booked(self) -> Mapping[tuple[Deal, int], Sequence[int]]:
        """The places of positive credits by their deal and amount, and, at 0, by their deal."""
        sequences: dict[tuple[Deal, int], list[int]] = {}
        for index, credit in enumerate(self.credits):
            if max(credit.amount.units, credit.amount.nanos) > 0:
                deal = self._deal(credit)
                sequences.setdefault((deal, ANY), []).append(index)
                sequences.setdefault((deal, to_minor(credit.amount)), []).append(index)
        return sequences

    def _deal(self, credit: pb.QuotaCredit) -> Deal:
        return credit.owner_id, credit.opportunity_id, is_on_top(credit, self.specialists)
