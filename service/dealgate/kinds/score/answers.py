"""The outcome of a score, written field by field as bytes: most of it is the same every time."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dealgate.kinds.score.claims import Claim
from dealgate.kinds.score.scores import Score, Scorer
from dealgate.kinds.score.words import CONTRIBUTIONS, COUNTED, DECAYED, POINTS
from dealgate.model.encoding import (
    decimal_key,
    integer_field,
    message_field,
    sized_decimal,
    text_field,
)
from dealgate.model.points import ROUNDING
from dealgate.v1 import score_pb2 as pb


def _scores(name: str, after: bytes = b"") -> Sequence[bytes]:
    write = integer_field(pb.ScoreOutcome, name)
    return [write(score) + after for score in range(101)]


_fit_is_known = integer_field(pb.ScoreOutcome, "fit_is_known")
_capped = integer_field(pb.Contribution, "capped")(1)
_age_is_unknown = integer_field(pb.Contribution, "age_is_unknown")(1)

# Scores are from 0 to 100, so what says one is looked up.
FIT = _scores("fit", _fit_is_known(1))
FIT_AT_LEAST, FIT_AT_MOST = _scores("fit_at_least"), _scores("fit_at_most")
ENGAGEMENT = _scores("engagement")
ENGAGEMENT_AT_LEAST = _scores("engagement_at_least")
ENGAGEMENT_AT_MOST = _scores("engagement_at_most")
_fit_points = decimal_key(pb.ScoreOutcome, "fit_points")
_fit_attainable = decimal_key(pb.ScoreOutcome, "fit_attainable")
_engagement_points = decimal_key(pb.ScoreOutcome, "engagement_points")
_missing_facts = text_field(pb.ScoreOutcome, "missing_facts")
_rounding = text_field(pb.ScoreOutcome, "rounding")(ROUNDING)

_named_name = text_field(pb.NamedScore, "name")
_named_fit = integer_field(pb.NamedScore, "fit")
_named_fit_at_least = integer_field(pb.NamedScore, "fit_at_least")
_named_fit_at_most = integer_field(pb.NamedScore, "fit_at_most")
_named_engagement = integer_field(pb.NamedScore, "engagement")
_named_composite = integer_field(pb.NamedScore, "composite")
_named_reaches = integer_field(pb.NamedScore, "reaches_threshold")
_named_grade = text_field(pb.NamedScore, "grade")
_named_priority = integer_field(pb.NamedScore, "priority")
_named_contributions = message_field(pb.NamedScore, "contributions")


def written(
    scorer: Scorer, score: Score, contributions: Sequence[bytes], missing: Sequence[str]
) -> bytes:
    """Write the fields of ScoreOutcome up to `rounding`; contributions are written already."""
    sure, worst, best = score.sure, score.worst, score.best
    return b"".join(
        (
            b"" if score.fit is None else FIT[sure.fit],
            scorer.dimensions.written[score.known],
            _fit_points + sized_decimal(sure.fit_points),
            _fit_attainable + sized_decimal(scorer.caps.whole),
            FIT_AT_LEAST[worst.fit],
            FIT_AT_MOST[best.fit],
            ENGAGEMENT[sure.engagement],
            _engagement_points + sized_decimal(sure.engagement_points),
            ENGAGEMENT_AT_LEAST[worst.engagement],
            ENGAGEMENT_AT_MOST[best.engagement],
            score.grade.written,
            *contributions,
            _lacking(tuple(missing)) if missing else b"",
            _rounding,
        )
    )


@lru_cache(maxsize=1024)
def _lacking(missing: tuple[str, ...]) -> bytes:
    """Write the missing facts: the same ones are missing again and again."""
    return b"".join(map(_missing_facts, missing))


def named(scorer: Scorer, score: Score) -> bytes:
    """Write a NamedScore."""
    sure, grade = score.sure, score.grade
    parts = [_named_name(scorer.name or "")]
    if score.fit is not None:
        parts.append(_named_fit(score.fit))
    parts += (
        _named_fit_at_least(score.worst.fit),
        _named_fit_at_most(score.best.fit),
        _named_engagement(sure.engagement),
    )
    if grade.composite is not None:
        parts += (_named_composite(grade.composite), _named_reaches(grade.reaches))
    parts += (_named_grade(grade.text), _named_priority(grade.priority))
    parts += _named(score)
    return b"".join(parts)


def contributions(
    claims: Sequence[Claim], counted: Sequence[int], certain: Sequence[int]
) -> list[bytes]:
    """Write each claim of a rule that fired as a field of ScoreOutcome."""
    return [
        claim.worth.plain
        if claim.element is None and count == claim.faded == claim.worth.points
        else CONTRIBUTIONS(contribution(claim, count, sure))
        for claim, count, sure in zip(claims, counted, certain, strict=True)
        if claim.fired
    ]


def contribution(claim: Claim, counted: int, certain: int) -> bytes:
    """Write a Contribution: `counted` is what is left of what is `certain`."""
    worth, faded, points = claim.worth, claim.faded, claim.points
    said = worth.said if points == worth.points else POINTS + sized_decimal(points)
    start = worth.head + claim.activity + said
    if faded is None:
        return start + COUNTED + sized_decimal(counted) + _age_is_unknown
    decayed = sized_decimal(faded)
    if counted == certain == faded:
        return start + DECAYED + decayed + COUNTED + decayed
    capped = _capped if counted != certain else b""
    return start + DECAYED + decayed + COUNTED + sized_decimal(counted) + capped


def _named(score: Score) -> Iterator[bytes]:
    counts = zip(score.claims, score.sure.counted, score.certain, strict=True)
    for claim, counted, certain in counts:
        if claim.fired:
            yield _named_contributions(contribution(claim, counted, certain))
