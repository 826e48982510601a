"""Bounds that an impact may be held to: a share of decisions, or an amount of money."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dealgate.foresight.impact import Impact
from dealgate.model.money import exponent, minor_per_unit

SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
AMOUNT = re.compile(r"([A-Z]{3}) ?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Bound:
    """At most this share of decisions may flip, or decisions about at most so many minor units."""

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
        elif abs_money(impact, self.currency) > self.minor:
            yield f"decisions that flip are about more than {self.text}"


def bound_of(text: str) -> Bound | None:
    """Read `2%` or `EUR 50000`; None: it is neither."""
    share, amount = SHARE.fullmatch(text), AMOUNT.fullmatch(text)
    if share is not None:
        return Bound(text, share=Decimal(share[1]))
    if amount is None or exponent(amount[1]) is None:
        return None
    minor = Decimal(amount[2]) * minor_per_unit(amount[1])
    return Bound(text, currency=amount[1], minor=int(minor))


def abs_money(impact: Impact, currency: str) -> int:
    """Return how much the flips are about in a currency, refunds counted like sales."""
    flips = (weight for transition, weight in impact.matrix.items() if transition.is_flip)
    return sum(abs(weight.money[currency]) for weight in flips)
