"""A score without its message: for those who decide many questions and keep no answers.

What an answer shows of each claim (its order, what was left of a cap for it, what missing facts
might add) is not worked out here: a cap grants the lesser of itself and of all that is claimed
under it, so points are sums.
"""

from collections.abc import Sequence

from dealgate.kinds.score.claims import Activities, Claims
from dealgate.kinds.score.scores import Scorer
from dealgate.kinds.score.tally import UNIT, Caps
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.kinds.score.worth import Worth
from dealgate.model.brief import Brief
from dealgate.model.decision import Evidence
from dealgate.model.points import period
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import score_pb2 as pb


def brief(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Brief | None:
    """Return grade and scores as `conclude` does; None if there is an account or calibration.

    Scores that the rule set names stand in a list, whose numbers nobody compares.
    """
    parameters = ruleset.parameters
    if parameters.calibration or (parameters.account and facts.account_leads):
        return None
    refuse_failed(ruleset, evidence)
    scorer = ruleset.once(_main_scorer)
    sums = _Sums(ruleset.once(Claims.of), Activities(facts, as_of))
    for hit in evidence.fired:
        sums.add_hit(hit.rule, hit.elements)
    fit_points, engagement_points, fit, engagement = sums.finished(scorer.caps)
    known = scorer.dimensions.known(evidence)
    grade = scorer.grades.grade(fit if known else None, engagement)
    numbers = {
        "engagement": float(engagement),
        "fit_points": fit_points / UNIT,
        "engagement_points": engagement_points / UNIT,
    }
    if grade.composite is not None:
        numbers |= {"fit": float(fit), "composite": float(grade.composite)}
    return Brief(grade.text, numbers)


def _main_scorer(ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> Scorer:
    return Scorer.of(None, ruleset)


class _Sums:
    """Points that are certain: by dimension the most, by category and period of a cap all."""

    def __init__(self, claims: Claims, activities: Activities) -> None:
        self._claims = claims
        self._activities = activities
        self._dimensions: dict[str, int] = {}
        self._categories: dict[str | None, int] = {}
        self._periods: dict[tuple[int, int | None], tuple[Worth, int]] = {}
        self._off_fit = self._off_engagement = 0

    def add_hit(self, rule: Rule[ScoreEffect], elements: Sequence[int]) -> None:
        """Count what a rule claims for the lead as a whole, or for elements."""
        worth = self._claims.worths.get(id(rule)) or self._claims.made(rule)
        if elements and worth.source != "activities":
            self._claims.refuse_ageless(worth)
        if worth.score is not None:
            return
        if not elements:
            self._add(worth, worth.points, None)
        for element in elements:
            if worth.source == "activities":
                self._add(worth, *self._activities.certain(worth, element))
            else:
                self._add(worth, worth.points, None)

    def _add(self, worth: Worth, amount: int, at: int | None) -> None:
        """Count points for the lead, or for what happened at an instant (ns)."""
        if worth.dimension is not None:
            held = self._dimensions
            held[worth.dimension] = max(amount, held.get(worth.dimension, 0))
        elif worth.cap is not None:
            key = worth.rank, None if at is None else period(at, worth.days)
            before = self._periods.get(key)
            self._periods[key] = worth, amount if before is None else before[1] + amount
        elif not worth.is_penalty:
            self._categories[worth.category] = self._categories.get(worth.category, 0) + amount
        elif worth.engages:
            self._off_engagement += amount
        else:
            self._off_fit += amount

    def finished(self, caps: Caps) -> tuple[int, int, int, int]:
        """Return what `Caps.finished` makes of it."""
        categories = self._categories
        for worth, amount in self._periods.values():
            granted = min(amount, worth.cap or 0)
            categories[worth.category] = categories.get(worth.category, 0) + granted
        engagement = sum(
            amount if name is None else min(amount, caps.categories[name])
            for name, amount in categories.items()
        )
        fit = sum(self._dimensions.values())
        return caps.finished(fit, engagement, self._off_fit, self._off_engagement)
