"""Scores: points that were tallied, weighed into a composite and written as a grade."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.score.claims import Claim
from dealgate.kinds.score.tally import Tally, attainable, dimensions, tallied
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model import words
from dealgate.model.decision import Evidence
from dealgate.model.errors import RuleSetUnusable
from dealgate.model.folds import DIGITS
from dealgate.model.points import ROUNDING, half_up, plain
from dealgate.model.rules import RuleSet
from dealgate.v1 import score_pb2 as pb

LETTERS = "ABCD"
AXES = {"fit": pb.SCORE_AXIS_FIT, "engagement": pb.SCORE_AXIS_ENGAGEMENT}
CATEGORIES = {
    None: pb.ACTIVITY_CATEGORY_UNSPECIFIED,
    "high_intent": pb.ACTIVITY_CATEGORY_HIGH_INTENT,
    "medium": pb.ACTIVITY_CATEGORY_MEDIUM,
    "low": pb.ACTIVITY_CATEGORY_LOW,
    "product_usage": pb.ACTIVITY_CATEGORY_PRODUCT_USAGE,
}
Scored: TypeAlias = pb.ScoreOutcome | pb.NamedScore | pb.AccountScore
Rules: TypeAlias = RuleSet[ScoreEffect, ScoreParameters]


def scope(ruleset: Rules, name: str | None) -> Rules:
    """Return the rules that count for a score: those of all scores, and its own."""
    known = ruleset.parameters.scores
    strange = sorted({rule.then.score for rule in ruleset.rules if rule.then.score} - set(known))
    if strange:
        raise RuleSetUnusable(ruleset.name, f"there is no score {strange[0]} in parameters.scores")
    if not known:
        return ruleset
    rules = [rule for rule in ruleset.rules if rule.then.score in {None, name}]
    tables = [table for table in ruleset.tables if table.rows[0].then.score in {None, name}]
    return replace(ruleset, rules=rules, tables=tables)


def scored(
    name: str | None,
    claims: Sequence[Claim],
    evidence: Evidence[ScoreEffect],
    ruleset: Rules,
    parameters: ScoreParameters,
) -> pb.ScoreOutcome:
    """Return the score of that name, None: the main one, that the claims come to."""
    rules = scope(ruleset, name)
    outcome = _points([claim for claim in claims if claim.rule.then.score in {None, name}], rules)
    known, all_ = dimensions(rules, evidence)
    outcome.fit_dimensions_known, outcome.fit_dimensions = known, all_
    outcome.fit_is_known = known > 0
    if known:
        add_composite(outcome, parameters)
    else:
        outcome.ClearField("fit")
    add_grade(outcome, parameters)
    outcome.engagement_number = int(outcome.grade[1])
    if known:
        outcome.fit_letter = words.number_of(pb.FitLetter, outcome.grade[0])
    return outcome


def named_scores(
    claims: Sequence[Claim], evidence: Evidence[ScoreEffect], ruleset: Rules
) -> Iterator[pb.NamedScore]:
    """Yield the scores that the rule set names, each by its own weights and threshold."""
    for name, terms in sorted(ruleset.parameters.scores.items()):
        own = {"weights": terms.weights, "threshold": terms.threshold}
        changed = {key: value for key, value in own.items() if value is not None}
        parameters = ruleset.parameters.model_copy(update=changed)
        one = scored(name, claims, evidence, ruleset, parameters)
        yield pb.NamedScore(
            name=name,
            fit=one.fit if one.HasField("fit") else None,
            fit_at_least=one.fit_at_least,
            fit_at_most=one.fit_at_most,
            engagement=one.engagement,
            composite=one.composite if one.HasField("composite") else None,
            reaches_threshold=one.reaches_threshold if one.HasField("composite") else None,
            grade=one.grade,
            priority=one.priority,
            contributions=one.contributions,
        )


def _points(
    claims: Sequence[Claim], ruleset: RuleSet[ScoreEffect, ScoreParameters]
) -> pb.ScoreOutcome:
    whole, caps = attainable(ruleset), ruleset.parameters.categories
    certain = [claim.sure for claim in claims]
    sure = tallied(claims, certain, whole, caps)

    def bound(amounts: Sequence[Decimal]) -> Tally:
        return sure if amounts == certain else tallied(claims, amounts, whole, caps)

    best = bound([claim.at_best for claim in claims])
    worst = bound([claim.at_worst for claim in claims])
    return pb.ScoreOutcome(
        fit=sure.fit,
        fit_points=DecimalMessage(value=plain(sure.fit_points)),
        fit_attainable=DecimalMessage(value=plain(whole)),
        fit_at_least=worst.fit,
        fit_at_most=best.fit,
        engagement=sure.engagement,
        engagement_points=DecimalMessage(value=plain(sure.engagement_points)),
        engagement_at_least=worst.engagement,
        engagement_at_most=best.engagement,
        contributions=_contributions(claims, sure),
        rounding=ROUNDING,
    )


def _contributions(claims: Sequence[Claim], tally: Tally) -> list[pb.Contribution]:
    pairs = zip(claims, tally.counted, strict=True)
    return [
        pb.Contribution(
            rule_id=claim.rule.id,
            axis=AXES[claim.rule.then.axis],
            dimension=claim.rule.then.dimension or "",
            category=CATEGORIES[claim.rule.then.category],
            element=claim.element,
            activity_id=claim.activity.id if claim.activity else "",
            points=DecimalMessage(value=plain(claim.points)),
            decayed=None if claim.faded is None else DecimalMessage(value=plain(claim.faded)),
            counted=DecimalMessage(value=plain(counted)),
            capped=counted != claim.sure,
            age_is_unknown=claim.faded is None,
        )
        for claim, counted in pairs
        if claim.fired
    ]


def add_composite(outcome: Scored, parameters: ScoreParameters) -> None:
    """Weigh the rounded scores, so that a reader can do the sum again."""
    weights = parameters.weights
    weighed = weights.fit * outcome.fit + weights.engagement * outcome.engagement
    outcome.composite = half_up(DIGITS.divide(weighed, 100))
    outcome.reaches_threshold = outcome.composite >= parameters.threshold


def add_grade(outcome: Scored, parameters: ScoreParameters) -> None:
    """Write the letter of fit and the number of engagement, and whom to call first."""
    number = 1 + sum(outcome.engagement < least for least in parameters.engagement_numbers)
    outcome.grade = f"?{number}"
    if outcome.HasField("fit"):
        letter = LETTERS[sum(outcome.fit < least for least in parameters.fit_letters)]
        outcome.grade = f"{letter}{number}"
        outcome.priority = _priority(outcome.grade, parameters)


def _priority(grade: str, parameters: ScoreParameters) -> pb.Priority.ValueType:
    tiers = parameters.priorities
    for priority, grades in (("P1", tiers.p1), ("P2", tiers.p2), ("P3", tiers.p3)):
        if grade in grades:
            return words.number_of(pb.Priority, priority)
    return pb.PRIORITY_P4
