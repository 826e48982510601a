"""The fold of score: claims become points within their caps, and points become scores."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealgate.kinds.score.claims import ZERO, Claim
from dealgate.kinds.score.terms import Categories, ScoreEffect, ScoreParameters
from dealgate.model.decision import Evidence
from dealgate.model.folds import clamp
from dealgate.model.instants import nanoseconds
from dealgate.model.points import filled, half_up, period
from dealgate.model.rules import HitPolicy, RuleSet, Table

FULL = Decimal(100)
ADDING = {HitPolicy.SUM, HitPolicy.COUNT}


@dataclass(frozen=True, slots=True)
class Tally:
    """What each claim got in the end, and the scores that follow (0 to 100)."""

    counted: Sequence[Decimal]
    fit_points: Decimal
    engagement_points: Decimal
    fit: int
    engagement: int


def tallied(
    claims: Sequence[Claim], amounts: Sequence[Decimal], whole: Decimal, caps: Categories
) -> Tally:
    """Count `amounts`: best of each dimension, caps of periods, of categories, penalties, clamp.

    `whole` is what `attainable` says.

    Penalties are points of the finished scale of 0 to 100, so -30 takes 30 off whatever the
    rule set's other points add up to.
    """
    counted = _counted(claims, amounts, caps)
    sums = {(axis, lost): ZERO for axis in ("fit", "engagement") for lost in (False, True)}
    for claim, amount in zip(claims, counted, strict=True):
        sums[claim.rule.then.axis, claim.rule.then.is_penalty] += amount
    fit_points, engagement_points = sums["fit", False], sums["engagement", False]
    normal = fit_points * FULL / (whole or FULL)
    return Tally(
        counted,
        fit_points,
        engagement_points,
        fit=half_up(clamp(normal + sums["fit", True], ZERO, FULL)),
        engagement=half_up(clamp(engagement_points + sums["engagement", True], ZERO, FULL)),
    )


def attainable(ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> Decimal:
    """Return the points of a lead that is best in every dimension of fit.

    Of a table that adds up its rows, all might hold at once.
    """
    best: dict[str, Decimal] = {}
    claims = [(rule.then.dimension, rule.then.points) for rule in ruleset.rules]
    claims += [_whole(table) for table in ruleset.tables if table.hit in ADDING]
    for dimension, points in claims:
        if dimension is not None:
            best[dimension] = max(points, best.get(dimension, ZERO))
    return sum(best.values(), start=ZERO)


def _whole(table: Table[ScoreEffect]) -> tuple[str | None, Decimal]:
    gains = [row.then.points for row in table.rows if not row.then.is_penalty]
    return table.rows[0].then.dimension, sum(gains, start=ZERO)


def dimensions(
    ruleset: RuleSet[ScoreEffect, ScoreParameters], evidence: Evidence[ScoreEffect]
) -> tuple[int, int]:
    """Return how many dimensions of fit are known, of how many.

    One is known if a rule of it fired, or if all its rules could be judged. A rule judged once
    per element says nothing by not firing: an empty list may mean that nobody looked.
    """
    fired = {hit.rule.then.dimension for hit in evidence.fired}
    undecided = {hit.rule.then.dimension for hit in evidence.undecided}
    telling = {rule.then.dimension for rule in ruleset.rules if rule.each is None}
    every = {rule.then.dimension for rule in ruleset.rules} - {None}
    return len(every & (fired | (telling - undecided))), len(every)


def _counted(
    claims: Sequence[Claim], amounts: Sequence[Decimal], caps: Categories
) -> list[Decimal]:
    periods: dict[Hashable, Decimal] = {
        _period(claim): claim.rule.then.cap.points for claim in claims if claim.rule.then.cap
    }
    categories: Mapping[Hashable, Decimal] = {name: category.cap for name, category in caps}
    best = _best(claims, amounts)
    within = filled(list(zip(map(_period, claims), best, strict=True)), periods)
    names = [claim.rule.then.category for claim in claims]
    return filled(list(zip(names, within, strict=True)), categories)


def _best(claims: Sequence[Claim], amounts: Sequence[Decimal]) -> list[Decimal]:
    """Zero all but the best claim of each dimension; among equals the first keeps its points."""
    best: dict[str, int] = {}
    for index, claim in enumerate(claims):
        dimension = claim.rule.then.dimension
        if dimension is not None and amounts[index] > amounts[best.setdefault(dimension, index)]:
            best[dimension] = index
    kept = [
        claim.rule.then.dimension is None or best[claim.rule.then.dimension] == index
        for index, claim in enumerate(claims)
    ]
    return [amount if keep else ZERO for amount, keep in zip(amounts, kept, strict=True)]


def _period(claim: Claim) -> Hashable:
    """Name the period whose cap a claim falls under; one without an instant has its own."""
    cap, activity = claim.rule.then.cap, claim.activity
    if cap is None:
        return None
    if activity is None or not activity.HasField("at"):
        return claim.rule.id, "of its own", claim.element
    return claim.rule.id, period(nanoseconds(activity.at), cap.days)
