"""Bounds that an impact may be held to: a share of decisions, or an amount of money."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealgate.foresight.impact import Impact
from dealgate.foresight.reporting import amount
from dealgate.model.money import exponent, minor_per_unit

SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
AMOUNT = re.compile(r"([A-Z]{3}) ?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Bound:
    """At most this share of decisions may flip, or decisions about this many minor units."""

    text: str
    share: Decimal | None = None
    currency: str = ""
    minor: int = 0

    def exceeded(self, impact: Impact) -> Iterator[str]:
        """Yield how an impact is over this bound, if it is."""
        if self.share is not None:
            flips = impact.flips.decisions
            if flips > self.share * impact.decisions / 100:
                yield f"{flips:,} of {impact.decisions:,} decisions flip: more than {self.text}"
        elif impact.flips.gross[self.currency] > self.minor:
            yield f"decisions that flip are about more than {self.text}"


def bound_of(text: str) -> Bound | None:
    """Read `2%` or `EUR 50000`; None: it is neither."""
    share, money = SHARE.fullmatch(text), AMOUNT.fullmatch(text)
    if share is not None:
        return Bound(text, share=Decimal(share[1]))
    if money is None or exponent(money[1]) is None:
        return None
    minor = Decimal(money[2]) * minor_per_unit(money[1])
    return Bound(text, currency=money[1], minor=int(minor))


def exceeded(bounds: Sequence[Bound], impact: Impact) -> Iterator[str]:
    """Yield how an impact is over any of the bounds, or about money that none of them is for.

    An amount in one currency says nothing of another: what nobody bounded must not pass for small.
    """
    for bound in bounds:
        yield from bound.exceeded(impact)
    bounded = {bound.currency for bound in bounds if bound.share is None}
    for currency, minor in sorted(impact.flips.gross.items()):
        if bounded and minor and currency not in bounded:
            about = f"{currency} {amount(minor, currency)}"
            yield f"decisions that flip are about {about}, too: add a bound in {currency}"
