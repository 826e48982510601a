"""What a rule of a score says, worked out once a rule set: whole millionths, and its own bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import localcontext
from functools import lru_cache

from dealgate.kinds.score.terms import Category, ScoreEffect, ScoreParameters
from dealgate.kinds.score.words import POINTS, head_of, plain_of
from dealgate.model.encoding import sized_decimal
from dealgate.model.folds import DIGITS
from dealgate.model.instants import DAY
from dealgate.model.points import halving, in_millionths, millionths, stepped
from dealgate.model.rules import Rule, RuleSet

Fade = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Worth:
    """One rule. Points are millionths; `cap` is what it counts in a period of so many `days`.

    `fade` says what is left of points at an age, if they depend on it (`ages`); `source` is the
    list that the rule is judged over, "" if there is none. `head` is what its contributions begin
    with, `said` how they say these points, and `plain` one about the lead that counts in full.
    """

    rule_id: str
    rank: int
    engages: bool
    is_penalty: bool
    dimension: str | None
    category: str | None
    score: str | None
    points: int
    counts: bool
    cap: int | None
    days: int
    source: str
    ages: bool
    fade: Fade
    head: bytes
    said: bytes
    plain: bytes


def worth(rule: Rule[ScoreEffect], ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> Worth:
    """Return what a rule of the set is worth, or one that a collecting table made."""
    effect, cap = rule.then, rule.then.cap
    points, head = in_millionths(effect.points), head_of(rule)
    return Worth(
        rule_id=rule.id,
        rank=ruleset.order[rule.id],
        engages=effect.axis == "engagement",
        is_penalty=effect.is_penalty,
        dimension=effect.dimension,
        category=effect.category,
        score=effect.score,
        points=points,
        counts=ruleset.parameters.joined == "each" or effect.per_occurrence,
        cap=None if cap is None else in_millionths(cap.points),
        days=0 if cap is None else cap.days,
        source=rule.each.items.source if rule.each is not None else "",
        ages=effect.axis == "engagement" and not effect.is_penalty,
        fade=_fade(effect, ruleset.parameters),
        head=head,
        said=POINTS + sized_decimal(points),
        plain=plain_of(head, points),
    )


def _fade(effect: ScoreEffect, parameters: ScoreParameters) -> Fade:
    if effect.category is None:
        return _unfaded
    left = _left(getattr(parameters.categories, effect.category))
    if effect.floor is None:
        return left
    holds, floor = parameters.floor_days * DAY, effect.floor

    @lru_cache(maxsize=256)  # what rules claim is mostly the same
    def kept(points: int) -> int:
        exact = DIGITS.multiply(DIGITS.scaleb(DIGITS.create_decimal(points), -6), floor)
        return in_millionths(millionths(exact))

    return lambda points, age: max(left(points, age), kept(points) if age <= holds else 0)


def _left(category: Category) -> Fade:
    if category.half_life_days is not None:
        with localcontext(DIGITS):
            half_life = int(category.half_life_days * DAY)
        return halving(half_life)
    if category.loses is not None:
        loss, every = in_millionths(category.loses.points), category.loses.days * DAY
        return lambda points, age: stepped(points, age, loss, every)
    return _unfaded


def _unfaded(points: int, age: int) -> int:
    del age
    return points
