"""Scores: points that were tallied, weighed into a composite and written as a grade."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from dealgate.kinds.score.claims import Claim
from dealgate.kinds.score.tally import Caps, Dimensions, Rules, Tally
from dealgate.kinds.score.terms import ScoreParameters
from dealgate.kinds.score.words import LETTERS, graded, weighed
from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import RuleSetUnusable
from dealgate.v1 import score_pb2 as pb

# Of a claim; None if the activity's age is unknown.
FADED = attrgetter("faded")


class Grade(NamedTuple):
    """What fit and engagement come to together; without fit no composite and no priority.

    `written` is how an outcome says it.
    """

    text: str
    number: int
    letter: int = 0
    composite: int | None = None
    reaches: bool = False
    priority: pb.Priority.ValueType = pb.PRIORITY_UNSPECIFIED
    written: bytes = b""


class Score(NamedTuple):
    """One score: its claims, what is certain, and the bounds that missing facts leave."""

    claims: Sequence[Claim]
    sure: Tally
    certain: Sequence[int]
    worst: Tally
    best: Tally
    known: int
    grade: Grade

    @property
    def fit(self) -> int | None:
        """How well the lead fits; None: of no dimension anything is known."""
        return self.sure.fit if self.known else None


class Grades:
    """Writes grades by the parameters of one score."""

    def __init__(self, parameters: ScoreParameters) -> None:
        """`parameters` are the rule set's, with what the score has of its own."""
        self._made: dict[tuple[int | None, int], Grade] = {}
        tiers = parameters.priorities
        self._priorities = {
            grade: priority
            for priority, grades in (
                (pb.PRIORITY_P1, tiers.p1),
                (pb.PRIORITY_P2, tiers.p2),
                (pb.PRIORITY_P3, tiers.p3),
            )
            for grade in grades
        }
        self._weights = parameters.weights.fit, parameters.weights.engagement
        self._threshold = parameters.threshold
        self._letters, self._numbers = parameters.fit_letters, parameters.engagement_numbers

    def grade(self, fit: int | None, engagement: int) -> Grade:
        """Weigh the rounded scores, so that a reader can do the sum again; half up.

        Both are from 0 to 100, so there are few grades, and each is made once.
        """
        grade = self._made.get((fit, engagement))
        if grade is None:
            grade = self._made[fit, engagement] = self._grade(fit, engagement)
        return grade

    def _grade(self, fit: int | None, engagement: int) -> Grade:
        number = 1 + sum([engagement < least for least in self._numbers])
        if fit is None:
            text = f"?{number}"
            return Grade(text, number, written=graded(0, number, text, pb.PRIORITY_UNSPECIFIED))
        letter = sum([fit < least for least in self._letters])
        weights = self._weights
        composite = (2 * (weights[0] * fit + weights[1] * engagement) + 100) // 200
        text = f"{LETTERS[letter]}{number}"
        priority = self._priorities.get(text, pb.PRIORITY_P4)
        reaches = composite >= self._threshold
        said = weighed(composite, reaches=reaches) + graded(letter + 1, number, text, priority)
        return Grade(text, number, letter + 1, composite, reaches, priority, said)


@dataclass(frozen=True, slots=True)
class Scorer:
    """Computes the score of one name, None: the main one."""

    name: str | None
    caps: Caps
    dimensions: Dimensions
    grades: Grades
    counts_all: bool

    @classmethod
    def of(cls, name: str | None, ruleset: Rules) -> "Scorer":
        """Work out what does not depend on facts."""
        rules, parameters = scope(ruleset, name), ruleset.parameters
        if name is not None:
            terms = parameters.scores[name]
            own = {"weights": terms.weights, "threshold": terms.threshold}
            changed = {key: value for key, value in own.items() if value is not None}
            parameters = parameters.model_copy(update=changed)
        return cls(
            name, Caps.of(rules), Dimensions(rules), Grades(parameters), not parameters.scores
        )

    def scored(self, claims: Sequence[Claim], evidence: AnyEvidence) -> Score:
        """Return what the claims that count for this score come to."""
        own = claims
        if not self.counts_all:
            own = [claim for claim in claims if claim.worth.score in {None, self.name}]
        certain = [*map(FADED, own)]
        is_sure = not evidence.undecided and None not in certain
        if not is_sure:
            certain = [claim.faded or 0 if claim.fired else 0 for claim in own]
        sure = worst = best = self.caps.tallied(own, certain)
        at_worst, at_best = (None, None) if is_sure else extremes(own, certain)
        if at_worst is not None:
            worst = self.caps.tallied(own, at_worst)
        if at_best is not None:
            best = self.caps.tallied(own, at_best)
        known = evidence.once(self.dimensions.known)
        grade = self.grades.grade(sure.fit if known else None, sure.engagement)
        return Score(own, sure, certain, worst, best, known, grade)


def extremes(
    claims: Sequence[Claim], certain: list[int]
) -> tuple[list[int] | None, list[int] | None]:
    """Return what claims come to if every missing fact speaks against the lead, and if for it.

    None: what is certain.
    """
    worst, best = None, None
    for index, claim in enumerate(claims):
        if claim.fired and claim.faded is not None:
            continue
        possible = claim.possible
        if possible == certain[index]:
            continue
        if claim.worth.is_penalty:
            worst = worst or [*certain]
            worst[index] = possible
        else:
            best = best or [*certain]
            best[index] = possible
    return worst, best


def scorers_of(ruleset: Rules) -> list[Scorer]:
    """Return the main score's, then those of the scores that the rule set names, by name."""
    return [Scorer.of(name, ruleset) for name in (None, *sorted(ruleset.parameters.scores))]


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
