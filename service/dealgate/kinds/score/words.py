"""The constants of a score's contract, and what of a contribution is the same in every answer."""

from dealgate.kinds.score.terms import ScoreEffect
from dealgate.model.encoding import (
    decimal_key,
    integer_field,
    message_field,
    sized_decimal,
    text_field,
)
from dealgate.model.rules import Rule
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

_rule_id = text_field(pb.Contribution, "rule_id")
_axis = integer_field(pb.Contribution, "axis")
_dimension = text_field(pb.Contribution, "dimension")
_category = integer_field(pb.Contribution, "category")
_element = integer_field(pb.Contribution, "element")
_activity_id = text_field(pb.Contribution, "activity_id")
SHORT, FEW = 128, 256
# What names an activity is the same but for its id: so many elements, and ids of so many letters.
NAMED = [_activity_id("x" * size)[: -size or None] for size in range(SHORT)]
ELEMENTS = [_element(index) for index in range(FEW)]
POINTS = decimal_key(pb.Contribution, "points")
DECAYED = decimal_key(pb.Contribution, "decayed")
COUNTED = decimal_key(pb.Contribution, "counted")
_fit_dimensions_known = integer_field(pb.ScoreOutcome, "fit_dimensions_known")
_fit_dimensions = integer_field(pb.ScoreOutcome, "fit_dimensions")
_composite = integer_field(pb.ScoreOutcome, "composite")
_reaches_threshold = integer_field(pb.ScoreOutcome, "reaches_threshold")
_fit_letter = integer_field(pb.ScoreOutcome, "fit_letter")
_engagement_number = integer_field(pb.ScoreOutcome, "engagement_number")
_grade = text_field(pb.ScoreOutcome, "grade")
_priority = integer_field(pb.ScoreOutcome, "priority")
CONTRIBUTIONS = message_field(pb.ScoreOutcome, "contributions")


def head_of(rule: Rule[ScoreEffect]) -> bytes:
    """Return what every contribution of a rule begins with."""
    effect = rule.then
    return b"".join(
        (
            _rule_id(rule.id),
            _axis(AXES[effect.axis]),
            _dimension(effect.dimension or ""),
            _category(CATEGORIES[effect.category]),
        )
    )


def dimensions(known: int, of: int) -> bytes:
    """Return how an outcome says how many dimensions of fit are known."""
    return _fit_dimensions_known(known) + _fit_dimensions(of)


def weighed(composite: int, *, reaches: bool) -> bytes:
    """Return how an outcome says fit and engagement together."""
    return _composite(composite) + _reaches_threshold(reaches)


def graded(letter: int, number: int, text: str, priority: int) -> bytes:
    """Return how an outcome says the grade."""
    return _fit_letter(letter) + _engagement_number(number) + _grade(text) + _priority(priority)


def activity_of(element: int, activity_id: str) -> bytes:
    """Return how a contribution names the activity, or another element, that it is about."""
    data = activity_id.encode()
    size = len(data)
    if 0 < size < SHORT and element < FEW:
        return ELEMENTS[element] + NAMED[size] + data
    return _element(element) + _activity_id(activity_id)


def plain_of(head: bytes, points: int) -> bytes:
    """Write the field of a contribution about the lead that counts in full, in millionths."""
    written = sized_decimal(points)
    whole = b"".join((head, POINTS, written, DECAYED, written, COUNTED, written))
    return CONTRIBUTIONS(whole)
