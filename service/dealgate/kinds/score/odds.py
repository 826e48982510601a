"""A calibrated score: what the rules that fired say together about the odds of conversion.

Each rule may have points that were learnt from outcomes. They add up on the scale that credit
scorecards use: a fixed number of points doubles the odds. Hand-written points and grades remain
unchanged next to it.
"""

from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.score.terms import Calibration, ScoreEffect
from dealgate.model.decision import Evidence
from dealgate.model.folds import DIGITS, GUARDED, LN_2
from dealgate.model.points import plain
from dealgate.model.rules import Rule
from dealgate.v1 import score_pb2 as pb

SHOWN = Decimal("0.000001")
# Odds of 2 to this power, or its inverse, are certainty in all six digits that are shown.
MOST_DOUBLINGS = 64


def calibrated(calibration: Calibration, evidence: Evidence[ScoreEffect]) -> pb.CalibratedScore:
    """Return points and probability; rules that wait for facts bound it from both sides."""
    sure = calibration.base_points + sum(_odds_points(hit.rule) for hit in evidence.fired)
    open_ = [_odds_points(hit.rule) for hit in evidence.undecided]
    return pb.CalibratedScore(
        calibration_id=calibration.id,
        points=sure,
        probability=_shown(sure, calibration),
        at_least=_shown(sure + sum(min(points, 0) for points in open_), calibration),
        at_most=_shown(sure + sum(max(points, 0) for points in open_), calibration),
    )


def probability(points: int, double_odds: int) -> Decimal:
    """Return 2^(points / double_odds) as a probability, to 28 digits."""
    doublings = GUARDED.divide(Decimal(points), Decimal(double_odds))
    doublings = max(min(doublings, Decimal(MOST_DOUBLINGS)), Decimal(-MOST_DOUBLINGS))
    odds = GUARDED.exp(GUARDED.multiply(doublings, LN_2))
    return DIGITS.divide(odds, GUARDED.add(odds, Decimal(1)))


def _odds_points(rule: Rule[ScoreEffect]) -> int:
    return rule.then.odds_points or 0


def _shown(points: int, calibration: Calibration) -> DecimalMessage:
    number = DIGITS.quantize(probability(points, calibration.double_odds), SHOWN)
    return DecimalMessage(value=plain(number))
