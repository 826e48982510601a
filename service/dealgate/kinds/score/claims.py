"""What each rule claims for a lead, faded with the age of the activity it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.kinds.score.worth import Worth, worth
from dealgate.model.activity_facts import times
from dealgate.model.decision import Evidence
from dealgate.model.errors import RuleSetUnusable
from dealgate.model.instants import SECOND, nanoseconds
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1.score_pb2 import ScoreFacts


class Claim(NamedTuple):
    """What one rule claims for one activity, or for the lead as a whole, in millionths.

    `faded` are its points at the instant judged at, None if the activity's age is unknown.
    `fired` is False if the rule is undecided. The fields before `worth` put claims in order, so
    that nothing depends on the order the activities were sent in: fit, then engagement, newest
    first.
    """

    engages: bool
    newest_first: int
    activity_id: str
    rank: int
    serial: int
    worth: Worth
    element: int | None
    at: int | None
    points: int
    faded: int | None
    fired: bool

    @property
    def sure(self) -> int:
        """The points that are certain."""
        return self.faded if self.fired and self.faded is not None else 0

    @property
    def possible(self) -> int:
        """The points if what is missing makes the rule fire."""
        return self.points if self.faded is None else self.faded


class Happened(NamedTuple):
    """An activity: its id, its instant if that is known, and how often it happened."""

    id: str
    at: int | None
    times: int


# A claim from all its fields, without looking at each of them by name.
_claim: Callable[[tuple[object, ...]], Claim] = partial(tuple.__new__, Claim)
_happened: Callable[[tuple[str, int | None, int]], Happened] = partial(tuple.__new__, Happened)


@dataclass(frozen=True, slots=True)
class Claims:
    """Reads the claims off evidence on one rule set."""

    ruleset: RuleSet[ScoreEffect, ScoreParameters]
    # By identity, which is quicker than a name; the rule set holds them.
    worths: Mapping[int, Worth]

    @classmethod
    def of(cls, ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> "Claims":
        """Work out what each rule is worth."""
        return cls(ruleset, {id(rule): worth(rule, ruleset) for rule in ruleset.rules})

    def claimed(
        self, facts: ScoreFacts, evidence: Evidence[ScoreEffect], as_of: int
    ) -> list[Claim]:
        """Return those of fired and undecided rules, in order; `as_of` in nanoseconds."""
        activities = Activities(facts, as_of)
        claims: list[Claim] = []
        worths, now = self.worths, -as_of
        sources = [(hit.rule, hit.elements, True) for hit in evidence.fired]
        if evidence.undecided:
            sources += [(open_.rule, open_.elements, False) for open_ in evidence.undecided]
        for rule, elements, fired in sources:
            worth = worths.get(id(rule)) or self.made(rule)
            points = worth.points
            if not elements:
                order = (worth.engages, now, "", worth.rank, len(claims))
                claims.append(_claim((*order, worth, None, None, points, points, fired)))
            elif worth.source == "activities":
                activities.claim(worth, elements, claims, fired=fired)
            else:
                self.refuse_ageless(worth)
                for element in elements:
                    order = (worth.engages, now, "", worth.rank, len(claims))
                    claims.append(_claim((*order, worth, element, None, points, points, fired)))
        claims.sort()
        return claims

    def made(self, rule: Rule[ScoreEffect]) -> Worth:
        """Return the worth of a rule that a table made of its rows."""
        return worth(rule, self.ruleset)

    def refuse_ageless(self, worth: Worth) -> None:
        """Raise RuleSetUnusable if points that fade are claimed for what has no age."""
        if not worth.engages:
            return
        cure = "judge it over `activities`, and choose among them in its `when`"
        rule, source = worth.rule_id, worth.source
        fault = f"rule {rule} is judged over `{source}`, whose elements have no age; {cure}"
        raise RuleSetUnusable(self.ruleset.name, fault)


class Activities:
    """What rules claim for activities; each activity is read once."""

    def __init__(self, facts: ScoreFacts, as_of: int) -> None:
        self._activities = facts.activities
        self._as_of = as_of
        self._reset = _reset_at(facts)
        self._happened: dict[int, Happened] = {}

    def claim(
        self, worth: Worth, elements: Sequence[int], claims: list[Claim], *, fired: bool
    ) -> None:
        """Add what a rule claims for each of the elements."""
        for element in elements:
            id_, at, count = self._happened.get(element) or self._read(element)
            points = worth.points * count if worth.counts else worth.points
            faded = self._left(worth, points, at) if worth.ages else points
            newest_first = -self._as_of if at is None else -at
            order = (worth.engages, newest_first, id_, worth.rank, len(claims))
            claims.append(_claim((*order, worth, element, at, points, faded, fired)))

    def certain(self, worth: Worth, element: int) -> tuple[int, int | None]:
        """Return the points that a rule is sure of for an element, and the element's instant."""
        _, at, count = self._happened.get(element) or self._read(element)
        points = worth.points * count if worth.counts else worth.points
        return (self._left(worth, points, at) or 0) if worth.ages else points, at

    def _left(self, worth: Worth, points: int, at: int | None) -> int | None:
        """Return what age leaves of points; None: that depends on an age that is not known."""
        if at is None:
            return None if worth.category or worth.cap is not None else points
        return 0 if at <= self._reset else worth.fade(points, self._as_of - at)

    def _read(self, element: int) -> Happened:
        activity = self._activities[element]
        at = activity.at if activity.HasField("at") else None
        instant = None if at is None else at.seconds * SECOND + at.nanos
        happened = _happened((activity.id, instant, times(activity)))
        self._happened[element] = happened
        return happened


def _reset_at(facts: ScoreFacts) -> int:
    """Return the instant up to which engagement was forgotten; before all time: never."""
    history = facts.history
    if history.HasField("engagement_reset_at"):
        return nanoseconds(history.engagement_reset_at)
    return -(2**80)
