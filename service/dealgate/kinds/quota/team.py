"""The team: everybody below an owner once, with their progress and their spread."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from google.type.money_pb2 import Money

from dealgate.kinds.quota.commission import Paid
from dealgate.kinds.quota.credits import Credited
from dealgate.kinds.quota.period import Period, Stretch, expected_share, held_share, stretches
from dealgate.kinds.quota.progress import RATIO_DECIMALS, Progress, progress, shown
from dealgate.kinds.quota.spread import gini, quantile
from dealgate.kinds.quota.terms import QuotaParameters
from dealgate.kinds.quota.tiers import tiers_of
from dealgate.kinds.quota.ties import Bookings
from dealgate.model.folds import summed
from dealgate.model.money import from_minor, put_minor, to_minor
from dealgate.model.parts import decimal_message, rounded
from dealgate.model.ratio import Ratio
from dealgate.v1 import quota_pb2 as pb


def team_of(facts: pb.QuotaFacts) -> set[str]:
    """Return the ids of the owner and everybody below, however deep."""
    return _all_below(facts.owner_id, _directly_below(facts))


def _directly_below(facts: pb.QuotaFacts) -> dict[str, list[str]]:
    """Return whom each manager manages."""
    below: dict[str, list[str]] = {}
    for seller in facts.sellers:
        below.setdefault(seller.manager_id, []).append(seller.id)
    return below


def _all_below(seller_id: str, below: Mapping[str, Sequence[str]]) -> set[str]:
    found, open_ = {seller_id}, [seller_id]
    while open_:
        new = [one for one in below.get(open_.pop(), ()) if one not in found]
        found.update(new)
        open_ += new
    return found


@dataclass(frozen=True)
class Book:
    """All credits that count, beside the sellers whose they are."""

    facts: pb.QuotaFacts
    parameters: QuotaParameters
    period: Period
    credits: list[Credited]
    # By seller: what is worked out once.
    _shares: dict[str, Fraction] = field(default_factory=dict)
    _present: dict[str, list[Stretch]] = field(default_factory=dict)
    _progressed: dict[str, Progress] = field(default_factory=dict)

    def owner(self) -> pb.Seller:
        """Return whom it is about."""
        return next(seller for seller in self.facts.sellers if seller.id == self.facts.owner_id)

    def seller(self, seller: pb.Seller) -> pb.SellerProgress:
        """Return how far a seller is; one whose quota covers a team, with all of the team's."""
        progress = self._progress(seller)
        share = self._held(seller)
        answer = pb.SellerProgress(
            seller_id=seller.id,
            quota_share=decimal_message(share, RATIO_DECIMALS),
            overlay=self._money(self._sum({seller.id}, overlay=True)),
        )
        if seller.HasField("quota"):
            answer.quota.CopyFrom(seller.quota)
        self._measure(answer, progress)
        if progress.quota is not None:
            self._put(answer.effective_quota, progress.quota)
        gap = progress.gap
        if gap is not None:
            self._put(answer.gap, gap)
            if self._days_left:
                self._put(answer.required_per_day, gap / self._days_left)
        return answer

    def team(self, owner: pb.Seller) -> pb.TeamProgress:
        """Return how far the owner and everybody below are together, but for its members."""
        own = self._summed
        quotas = [self._progress(one) for one in own]
        expected = [one.expected for one in quotas if one.expected is not None]
        quota = summed(one.quota for one in quotas if one.quota is not None)
        credited = self._sum(self._team, overlay=False)
        share = summed(expected) / quota if quota else None
        answer = pb.TeamProgress(
            sellers=len(own),
            quota=self._money(quota),
            overlay=self._money(self._sum(self._team, overlay=True)),
        )
        self._measure(answer, progress(quota, credited, share))
        target = self._progress(owner).quota if self._covers(owner) else None
        if target:
            answer.over_assignment.value = rounded(quota / target, RATIO_DECIMALS)
        self._spread(answer, quotas)
        return answer

    def members(self) -> Iterator[pb.SellerProgress]:
        """Yield how far each is whose quota is part of the team's, by id."""
        return (self.seller(one) for one in sorted(self._summed, key=lambda item: item.id))

    @cached_property
    def _summed(self) -> list[pb.Seller]:
        return [one for one in self.facts.sellers if one.id in self._team and self._is_summed(one)]

    def paid(self, owner: pb.Seller, bookings: Bookings) -> Paid:
        """Return what the owner is paid on."""
        mine = self._whose(owner)
        credits_ = [credit for credit in self.credits if credit.owner in mine]
        if self._covers(owner) and not owner.is_overlay:
            credits_ = [
                credit for credit in credits_ if not credit.overlay or credit.owner == owner.id
            ]
        quota = self._progress(owner).quota
        return Paid(self.facts.plan, quota, credits_, bookings, self._currency)

    def _measure(self, answer: pb.SellerProgress | pb.TeamProgress, progress: Progress) -> None:
        self._put(answer.credited, progress.credited)
        for name, marks in (("attainment", self._tier_starts), ("pace", self._bands)):
            ratio = getattr(progress, name)
            if ratio is not None:
                getattr(answer, name).CopyFrom(shown(ratio, marks))
        for name in ("expected", "projected"):
            amount = getattr(progress, name)
            if amount is not None:
                self._put(getattr(answer, name), amount)
        answer.status = progress.status(self.parameters)

    def _spread(self, answer: pb.TeamProgress, quotas: list[Progress]) -> None:
        ratios = [quota.attainment for quota in quotas if quota.attainment is not None]
        if len(ratios) < self.parameters.min_sellers:
            return
        spread = pb.AttainmentDistribution(sellers=len(ratios))
        numbers = {
            "lower_quartile": quantile(ratios, Ratio(1, 4)),
            "median": quantile(ratios, Ratio(1, 2)),
            "upper_quartile": quantile(ratios, Ratio(3, 4)),
            "share_at_quota": Ratio(sum(ratio >= 1 for ratio in ratios), len(ratios)),
            "gini": gini(ratios),
            "top_share": _top_share([quota.credited for quota in quotas]),
        }
        for name, number in numbers.items():
            if number is not None:
                getattr(spread, name).value = rounded(number, RATIO_DECIMALS)
        answer.distribution.CopyFrom(spread)

    def _progress(self, seller: pb.Seller) -> Progress:
        if seller.id not in self._progressed:
            self._progressed[seller.id] = self._computed(seller)
        return self._progressed[seller.id]

    def _computed(self, seller: pb.Seller) -> Progress:
        parts = self._stretches(seller)
        quota = None
        if seller.HasField("quota"):
            quota = Ratio(round(to_minor(seller.quota) * self._held(seller)))
        credited = self._sum(self._whose(seller), overlay=False)
        if seller.is_overlay or not self._covers(seller):
            credited += self._sum(self._whose(seller), overlay=True)
        return progress(quota, credited, expected_share(parts, self.period))

    def _stretches(self, seller: pb.Seller) -> list[Stretch]:
        if seller.id not in self._present:
            self._present[seller.id] = stretches(seller, self.period, self.parameters.ramp)
        return self._present[seller.id]

    def _held(self, seller: pb.Seller) -> Fraction:
        if seller.id not in self._shares:
            self._shares[seller.id] = held_share(self._stretches(seller), self.period)
        return self._shares[seller.id]

    def _whose(self, seller: pb.Seller) -> set[str]:
        return self._below(seller.id) if self._covers(seller) else {seller.id}

    def _covers(self, seller: pb.Seller) -> bool:
        """Return whether the quota is for all below; a manager's is, unless stated otherwise."""
        told = seller.HasField("quota_covers_team")
        return seller.quota_covers_team if told else seller.id in self._managers

    def _is_summed(self, seller: pb.Seller) -> bool:
        """Return whether the quota is one of those that a team's is the sum of."""
        return seller.HasField("quota") and not (self._covers(seller) or seller.is_overlay)

    def _below(self, seller_id: str) -> set[str]:
        return _all_below(seller_id, self._managed)

    @cached_property
    def _managed(self) -> dict[str, list[str]]:
        return _directly_below(self.facts)

    def _sum(self, owners: set[str], *, overlay: bool) -> int:
        return sum(self._sums.get((owner, overlay), 0) for owner in owners)

    @cached_property
    def _sums(self) -> dict[tuple[str, bool], int]:
        found: dict[tuple[str, bool], int] = {}
        for credit in self.credits:
            key = (credit.owner, credit.overlay)
            found[key] = found.get(key, 0) + credit.amount
        return found

    @cached_property
    def _tier_starts(self) -> set[Fraction]:
        tiers = tiers_of(self.facts.plan, self.parameters)
        return {Ratio(1), *(tier.start for tier in tiers)}

    @cached_property
    def _bands(self) -> set[Fraction]:
        own = self.parameters
        return {Ratio(one) for one in (1, own.ahead_from, own.on_track_from, own.at_risk_from)}

    @cached_property
    def _managers(self) -> set[str]:
        return {seller.manager_id for seller in self.facts.sellers}

    @cached_property
    def _team(self) -> set[str]:
        return self._below(self.facts.owner_id)

    @cached_property
    def _days_left(self) -> int:
        return self.period.business_days - self.period.elapsed

    @cached_property
    def _currency(self) -> str:
        return currency_of(self.facts)

    def _put(self, money: Money, amount: Fraction | int) -> None:
        put_minor(money, round(amount), self._currency)

    def _money(self, amount: Fraction | int) -> Money:
        return from_minor(round(amount), self._currency)


def currency_of(facts: pb.QuotaFacts) -> str:
    """Return the currency of the first amount; the check saw to it that there is one."""
    return next(_currencies(facts))


def _currencies(facts: pb.QuotaFacts) -> Iterator[str]:
    plan = (facts.plan.draw, facts.plan.brought_forward)
    quotas, credited = (
        (seller.quota for seller in facts.sellers),
        (credit.amount for credit in facts.credits),
    )
    for amount in (*quotas, *credited, *plan):
        if amount.currency_code:
            yield amount.currency_code


def _top_share(credited: list[int]) -> Fraction | None:
    whole = sum(credited)
    return Ratio(max(credited), whole) if whole > 0 else None
