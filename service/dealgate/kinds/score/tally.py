"""The fold of score: claims become points within their caps, and points become scores.

Everything is a whole number of millionths, so sums are exact in any order.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dealgate.kinds.score.claims import Claim
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.kinds.score.words import dimensions
from dealgate.model.decision import Evidence
from dealgate.model.points import granted, in_millionths, period
from dealgate.model.rules import HitPolicy, RuleSet, Table

UNIT = 1_000_000
FULL = 100 * UNIT
ADDING = {HitPolicy.SUM, HitPolicy.COUNT}
Rules = RuleSet[ScoreEffect, ScoreParameters]


class Tally(NamedTuple):
    """What each claim got in the end, and the scores that follow (0 to 100)."""

    counted: Sequence[int]
    fit_points: int
    engagement_points: int
    fit: int
    engagement: int


@dataclass(frozen=True, slots=True)
class Caps:
    """What limits the points of one score: those of a best lead, and each category's."""

    whole: int
    categories: Mapping[str, int]

    @classmethod
    def of(cls, rules: Rules) -> "Caps":
        """Read them off the rules that count for a score."""
        caps = {name: in_millionths(category.cap) for name, category in rules.parameters.categories}
        return cls(_attainable(rules), caps)

    def tallied(self, claims: Sequence[Claim], amounts: Sequence[int]) -> Tally:
        """Count `amounts`: best of each dimension, caps of periods, of categories, penalties.

        Penalties are points of the finished scale of 0 to 100, so -30 takes 30 off whatever the
        rule set's other points add up to.
        """
        counted, points = count(claims, amounts, dict(self.categories.items()))
        return Tally(counted, *self.finished(*points))

    def finished(
        self, fit: int, engagement: int, off_fit: int, off_engagement: int
    ) -> tuple[int, int, int, int]:
        """Return points for fit and engagement, and the scores that they are, penalties off."""
        whole = self.whole or FULL
        fit_score = _score(fit * FULL + off_fit * whole, whole)
        return fit, engagement, fit_score, _score(engagement + off_engagement, 1)


def count(
    claims: Sequence[Claim], amounts: Sequence[int], left: dict[Hashable, int]
) -> tuple[list[int], tuple[int, int, int, int]]:
    """Return what each claim counts, and points: fit, engagement, and penalties of each.

    `left` is what is left of caps, by their keys; what claims count is taken from it.
    """
    best: dict[str, int] = {}
    counted = [0] * len(amounts)  # what is 0 takes nothing of any cap
    fit = engagement = off_fit = off_engagement = 0
    for index, amount in enumerate(amounts):
        worth = claims[index].worth
        if worth.dimension is not None:
            if amount > amounts[best.setdefault(worth.dimension, index)]:
                best[worth.dimension] = index
        elif amount and worth.engages and not worth.is_penalty:
            counted[index] = grant(left, claims[index], amount)
            engagement += counted[index]
        elif amount:
            counted[index] = amount
            if worth.engages:
                off_engagement += amount
            else:
                off_fit += amount
    for index in best.values():
        counted[index] = amounts[index]
        fit += amounts[index]
    return counted, (fit, engagement, off_fit, off_engagement)


def _score(points: int, of: int) -> int:
    """Return millionths `of` which make a whole point as a score: 0 to 100, half up."""
    if points <= 0:
        return 0
    return min((2 * points + of * UNIT) // (2 * of * UNIT), 100)


def _attainable(ruleset: Rules) -> int:
    """Return the points of a lead that is best in every dimension of fit.

    Of a table that adds up its rows, all might hold at once.
    """
    best: dict[str, int] = {}
    claims = [(rule.then.dimension, in_millionths(rule.then.points)) for rule in ruleset.rules]
    claims += [_whole(table) for table in ruleset.tables if table.hit in ADDING]
    for dimension, points in claims:
        if dimension is not None:
            best[dimension] = max(points, best.get(dimension, 0))
    return sum(best.values())


def _whole(table: Table[ScoreEffect]) -> tuple[str | None, int]:
    gains = [in_millionths(row.then.points) for row in table.rows if not row.then.is_penalty]
    return table.rows[0].then.dimension, sum(gains)


class Dimensions:
    """The dimensions of fit that one score has."""

    def __init__(self, rules: Rules) -> None:
        """A rule judged once per element says nothing by not firing: nobody may have looked."""
        self._telling = {rule.then.dimension for rule in rules.rules if rule.each is None}
        self._every = {rule.then.dimension for rule in rules.rules} - {None}
        # How an outcome says that so many of them are known.
        self.written = [dimensions(known, len(self)) for known in range(len(self) + 1)]

    def known(self, evidence: Evidence[ScoreEffect]) -> int:
        """Return how many are known: a rule of it fired, or all its rules could be judged."""
        fired = {hit.rule.then.dimension for hit in evidence.fired}
        open_ = {open_.rule.then.dimension for open_ in evidence.undecided}
        return len(self._every & (fired | (self._telling - open_)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._every)


def grant(left: dict[Hashable, int], claim: Claim, amount: int) -> int:
    """Return what a claim gets of its period's cap and of its category's."""
    worth = claim.worth
    if worth.cap is not None:
        amount = granted(left, _period(claim), worth.cap, amount)
    category = worth.category
    if category is None:
        return amount
    rest = left[category]
    counted = amount if amount < rest else rest  # noqa: FURB136  # half of min's time
    left[category] = rest - counted
    return counted


def _period(claim: Claim) -> Hashable:
    """Name the period whose cap a claim falls under; one without an instant has its own."""
    worth = claim.worth
    if claim.at is None:
        return worth.rule_id, "of its own", claim.element
    return worth.rule_id, period(claim.at, worth.days)
