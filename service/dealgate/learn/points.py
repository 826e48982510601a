"""Points for the odds: logistic regression on which rules fired, rounded to whole points.

scikit-learn is imported here alone, when something is learnt: an extra that no server needs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dealgate.learn.firing import FiredSample

# What nobody saw often enough is not to be learnt from.
RULE_MIN = 20
REGULARIZATION = 1.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """Points by rule id, those everybody has, and how many double the odds.

    `skipped` are the rules that fired for too few samples, or for all of them.
    """

    points: Mapping[str, int]
    base_points: int
    double_odds: int
    skipped: Sequence[str]

    def total(self, fired: frozenset[str]) -> int:
        """Return the points of one lead."""
        return self.base_points + sum(self.points.get(rule, 0) for rule in fired)

    def probability(self, fired: frozenset[str]) -> float:
        """Return its probability to convert."""
        return 1 / (1 + 2 ** (-self.total(fired) / self.double_odds))


def learn(rules: Sequence[str], samples: Sequence[FiredSample], double_odds: int) -> Learnt:
    """Learn points for `rules`; some samples must have converted, and some not.

    Raises ModuleNotFoundError without the extra, ValueError if there is nothing to learn.
    """
    if len({sample.converted for sample in samples}) < 2:
        raise ValueError("all samples have the same result: there is nothing to learn from")
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # an extra

    counts = {rule: sum(rule in sample.fired for sample in samples) for rule in rules}
    used = [rule for rule in rules if RULE_MIN <= counts[rule] <= len(samples) - RULE_MIN]
    if not used:
        raise ValueError(f"no rule fired for {RULE_MIN} samples and was quiet for {RULE_MIN}")
    model = LogisticRegression(C=REGULARIZATION, max_iter=10_000)
    model.fit(
        [[float(rule in sample.fired) for rule in used] for sample in samples],
        [sample.converted for sample in samples],
    )
    scale = double_odds / math.log(2)
    points = {
        rule: round(float(weight) * scale)
        for rule, weight in zip(used, model.coef_[0], strict=True)
    }
    return Learnt(
        points=points,
        base_points=round(float(model.intercept_[0]) * scale),
        double_odds=double_odds,
        skipped=[rule for rule in rules if rule not in used],
    )
