"""Claims: what rules say about credits, and of reversals what they say of their bookings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dealgate.kinds.quota.terms import LISTS, QuotaEffect, QuotaParameters
from dealgate.kinds.quota.ties import Bookings
from dealgate.model.decision import Evidence
from dealgate.model.refusal import refuse_failed, refuse_wrong_list
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import quota_pb2 as pb


@dataclass(slots=True)
class Claims:
    """What rules say about credits, by their place."""

    excluded: dict[int, Rule[QuotaEffect]] = field(default_factory=dict)
    deferred: set[int] = field(default_factory=set)
    bonuses: list[tuple[int, Rule[QuotaEffect]]] = field(default_factory=list)
    provisional: bool = False


def claimed(
    ruleset: RuleSet[QuotaEffect, QuotaParameters],
    evidence: Evidence[QuotaEffect],
    bookings: Bookings,
) -> Claims:
    """Return what the rules say; a credit counts until a rule that excludes it can be judged.

    Raises RulesFailed if a rule went wrong or claims about a list that it is not judged over.
    """
    refuse_failed(ruleset, evidence)
    refuse_wrong_list(ruleset, evidence, LISTS)
    claims = Claims(provisional=_is_open(evidence, bookings))
    for one in evidence.fired:
        effect: QuotaEffect = one.rule.then
        for index in one.elements:
            if effect.exclude:
                claims.excluded.setdefault(index, one.rule)
            elif effect.defer:
                claims.deferred.add(index)
            elif effect.bonus and _has_own(index, bookings):
                claims.bonuses.append((index, one.rule))
    _follow(claims, bookings)
    return claims


def _is_open(evidence: Evidence[QuotaEffect], bookings: Bookings) -> bool:
    """Tell whether a rule that cannot be judged may change what counts."""
    return any(
        one.rule.then.about_credit
        and (not one.elements or any(_has_own(index, bookings) for index in one.elements))
        for one in evidence.undecided
    )


def _has_own(index: int, bookings: Bookings) -> bool:
    """Tell whether it matters what rules say of a credit by itself: of a reversal it does not."""
    told = bookings.credits[index].HasField("reversed_booking")
    return not told and (index not in bookings.ties or bookings.ties[index].booking is None)


def _follow(claims: Claims, bookings: Bookings) -> None:
    """Give each reversal the fate of its booking, and say so if it may be of several.

    A clawback without one keeps what rules say of it, but for whether the customer paid: that they
    did not is why it is taken back.
    """
    said = _Said(dict(claims.excluded), frozenset(claims.deferred), bookings)
    for index in bookings.ties:
        claims.excluded.pop(index, None)
        claims.deferred.discard(index)
        fates = said.fates(index)
        claims.provisional |= len(fates) > 1
        rule, deferred = fates[0] if len(fates) == 1 else (None, False)
        if rule is not None:
            claims.excluded[index] = rule
        if deferred:
            claims.deferred.add(index)


@dataclass(slots=True)
class _Said:
    """What rules say of each credit by itself: which excludes it, and whether it pays later."""

    excluded: dict[int, Rule[QuotaEffect]]
    deferred: frozenset[int]
    bookings: Bookings
    _known: dict[int, list[tuple[Rule[QuotaEffect] | None, bool]]] = field(default_factory=dict)

    def fates(self, index: int) -> list[tuple[Rule[QuotaEffect] | None, bool]]:
        """Return the different fates that a reversal may have."""
        tie = self.bookings.ties[index]
        if not tie.bookings:
            return [self._own(index)]
        # Reversals with the same choice have one tie between them, and it may be long.
        if id(tie) not in self._known:
            fates = [self._fate(booking) for booking in tie.bookings]
            self._known[id(tie)] = list(_unlike(fates))
        return self._known[id(tie)]

    def _fate(self, index: int) -> tuple[Rule[QuotaEffect] | None, bool]:
        return self.excluded.get(index), index in self.deferred

    def _own(self, index: int) -> tuple[Rule[QuotaEffect] | None, bool]:
        credit = self.bookings.credits[index]
        if credit.HasField("reversed_booking"):
            return None, False
        rule, deferred = self._fate(index)
        return rule, deferred and credit.type != pb.CREDIT_TYPE_CLAWBACK


def _unlike(
    fates: list[tuple[Rule[QuotaEffect] | None, bool]],
) -> Iterator[tuple[Rule[QuotaEffect] | None, bool]]:
    """Yield the fates that differ in what becomes of the credit."""
    seen: set[tuple[str, bool]] = set()
    for rule, deferred in fates:
        key = (rule.id if rule else "", deferred)
        if key not in seen:
            seen.add(key)
            yield rule, deferred
