"""The score kind: how well a lead fits, how engaged it is, and whom to call first.

Claims of rules (`claims`) are folded into points and scores (`tally`); what rules and
parameters may say is in `terms`. Source of the default arithmetic: rules/score/README.md.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.score.claims import Claim, Claims
from dealgate.kinds.score.odds import calibrated
from dealgate.kinds.score.tally import Tally, attainable, dimensions, tallied
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model import leads, words
from dealgate.model.activity_facts import measured_violations, read_activities
from dealgate.model.bounds import out_of_bounds
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.errors import Violation
from dealgate.model.exchange import convert, exchange_violations
from dealgate.model.folds import DIGITS
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.malformed import malformed
from dealgate.model.points import ROUNDING, half_up, plain
from dealgate.model.refusal import refuse_failed
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


def check(facts: pb.ScoreFacts, _: ScoreParameters, as_of: int) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *leads.lead_violations(facts.lead, as_of),
        *leads.activity_violations(facts.activities, as_of),
        *leads.history_violations(facts.history, as_of),
        *measured_violations(facts.activities),
        *exchange_violations(facts, as_of),
    ]


def derive(facts: pb.ScoreFacts, parameters: ScoreParameters, as_of: int) -> pb.ScoreFacts:
    """Return the facts as rules read them: amounts in one currency, joined activities measured."""
    del as_of
    known = pb.ScoreFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    read_activities(known.activities)
    convert(known, parameters.currency)
    return known


def conclude(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Conclusion:
    """Fold the claims into a ScoreOutcome; its word is the grade.

    Raises RulesFailed if a rule went wrong: a score with a rule left out is another score.
    """
    refuse_failed(ruleset, evidence)
    with localcontext(DIGITS):
        claims = Claims(facts, ruleset, as_of).found(evidence)
        outcome = _points(claims, ruleset)
        known, all_ = dimensions(ruleset, evidence)
        outcome.fit_dimensions_known, outcome.fit_dimensions = known, all_
        outcome.missing_facts.extend(_missing(claims, evidence))
        if known:
            _add_composite(outcome, ruleset.parameters)
        else:
            outcome.ClearField("fit")
        _add_grade(outcome, ruleset.parameters)
    if ruleset.parameters.calibration is not None:
        outcome.calibrated.CopyFrom(calibrated(ruleset.parameters.calibration, evidence))
    outcome.conversions.extend(facts.conversions)
    return Conclusion(outcome, outcome.grade)


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


def _missing(claims: Sequence[Claim], evidence: Evidence[ScoreEffect]) -> list[str]:
    ageless = {f"activities[{claim.element}].at" for claim in claims if claim.faded is None}
    return sorted(ageless.union(*(undecided.missing for undecided in evidence.undecided)))


def _add_composite(outcome: pb.ScoreOutcome, parameters: ScoreParameters) -> None:
    """Weigh the rounded scores, so that a reader can do the sum again."""
    weights = parameters.weights
    weighed = weights.fit * outcome.fit + weights.engagement * outcome.engagement
    outcome.fit_is_known = True
    outcome.composite = half_up(DIGITS.divide(weighed, 100))
    outcome.reaches_threshold = outcome.composite >= parameters.threshold


def _add_grade(outcome: pb.ScoreOutcome, parameters: ScoreParameters) -> None:
    number = 1 + sum(outcome.engagement < least for least in parameters.engagement_numbers)
    outcome.engagement_number = number
    outcome.grade = f"?{number}"
    if outcome.fit_is_known:
        letter = LETTERS[sum(outcome.fit < least for least in parameters.fit_letters)]
        outcome.fit_letter = words.number_of(pb.FitLetter, letter)
        outcome.grade = f"{letter}{number}"
        outcome.priority = _priority(outcome.grade, parameters)


def _priority(grade: str, parameters: ScoreParameters) -> pb.Priority.ValueType:
    tiers = parameters.priorities
    for priority, grades in (("P1", tiers.p1), ("P2", tiers.p2), ("P3", tiers.p3)):
        if grade in grades:
            return words.number_of(pb.Priority, priority)
    return pb.PRIORITY_P4


SCORE = Kind(
    name="score",
    request=pb.ScoreLeadRequest,
    response=pb.ScoreLeadResponse,
    facts=pb.ScoreFacts,
    effect=ScoreEffect,
    parameters=ScoreParameters,
    entity="lead/lead.id",
    check=check,
    conclude=conclude,
    derive=derive,
)
