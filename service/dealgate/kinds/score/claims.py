"""What each rule claims for a lead, faded with the age of the activity it is about."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dealgate.kinds.score.terms import Category, ScoreEffect, ScoreParameters
from dealgate.model.activity_facts import times
from dealgate.model.decision import Evidence
from dealgate.model.errors import RuleSetUnusable
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.points import millionths
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.score_pb2 import ScoreFacts

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one rule claims for one activity, or for the lead as a whole.

    `faded` are its points at the instant judged at, None if the activity's age is unknown.
    `fired` is False if the rule is undecided.
    """

    rule: Rule[ScoreEffect]
    element: int | None
    activity: Activity | None
    points: Decimal
    faded: Decimal | None
    fired: bool

    @property
    def sure(self) -> Decimal:
        """The points that are certain."""
        return self.faded if self.fired and self.faded is not None else ZERO

    @property
    def at_best(self) -> Decimal:
        """The points if every missing fact speaks for the lead."""
        return self.sure if self.rule.then.is_penalty else self._possible

    @property
    def at_worst(self) -> Decimal:
        """The points if every missing fact speaks against the lead."""
        return self._possible if self.rule.then.is_penalty else self.sure

    @property
    def _possible(self) -> Decimal:
        return self.points if self.faded is None else self.faded


@dataclass(frozen=True, slots=True)
class Claims:
    """Reads the claims off the evidence; `as_of` in nanoseconds since the epoch."""

    facts: ScoreFacts
    ruleset: RuleSet[ScoreEffect, ScoreParameters]
    as_of: int

    def claimed(self, evidence: Evidence[ScoreEffect]) -> list[Claim]:
        """Return those of fired and undecided rules: fit, then engagement, newest first."""
        sources = ((evidence.fired, True), (evidence.undecided, False))
        claims = [
            self._claim(hit.rule, element, fired=fired)
            for hits, fired in sources
            for hit in hits
            for element in hit.elements or (None,)
        ]
        indexes = self.ruleset.order
        return sorted(claims, key=lambda claim: (*self._order(claim), indexes[claim.rule.id]))

    def _claim(self, rule: Rule[ScoreEffect], element: int | None, *, fired: bool) -> Claim:
        activity = None if element is None else self._activity(rule, element)
        points = rule.then.points
        each = self.ruleset.parameters.joined == "each"
        if activity is not None and (each or rule.then.per_occurrence):
            points *= times(activity)
        faded = self._faded(rule.then, activity, points)
        return Claim(rule, element, activity, points, faded, fired)

    def _activity(self, rule: Rule[ScoreEffect], element: int) -> Activity | None:
        source = rule.each.items.source if rule.each is not None else ""
        if source == "activities":
            return self.facts.activities[element]
        if rule.then.axis == "engagement":
            cure = "judge it over `activities`, and choose among them in its `when`"
            fault = f"rule {rule.id} is judged over `{source}`, whose elements have no age; {cure}"
            raise RuleSetUnusable(self.ruleset.name, fault)
        return None

    def _faded(
        self, effect: ScoreEffect, activity: Activity | None, points: Decimal
    ) -> Decimal | None:
        if activity is None or effect.axis == "fit" or effect.is_penalty:
            return points
        if not activity.HasField("at"):
            return None if effect.category or effect.cap else points
        at = nanoseconds(activity.at)
        if self._was_reset_after(at):
            return ZERO
        return self._aged(effect, points, self.as_of - at)

    def _was_reset_after(self, at: int) -> bool:
        history = self.facts.history
        reset = nanoseconds(history.engagement_reset_at)
        return history.HasField("engagement_reset_at") and at <= reset

    def _aged(self, effect: ScoreEffect, points: Decimal, age: int) -> Decimal:
        if effect.category is None:
            return points
        category: Category = getattr(self.ruleset.parameters.categories, effect.category)
        kept = points * (effect.floor or ZERO)
        holds = age <= self.ruleset.parameters.floor_days * DAY
        return max(category.faded(points, age), millionths(kept) if holds else ZERO)

    def _order(self, claim: Claim) -> tuple[Any, ...]:
        """Order claims so that nothing depends on the order the activities were sent in."""
        activity = claim.activity or Activity()
        newest_first = -nanoseconds(activity.at) if activity.HasField("at") else -self.as_of
        return claim.rule.then.axis == "engagement", newest_first, activity.id
