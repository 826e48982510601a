"""What each rule claims for a lead, faded with the age of the activity it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.kinds.score.words import activity_of
from dealgate.kinds.score.worth import Worth, worth
from dealgate.model.decision import Evidence, Fired, Undecided
from dealgate.model.errors import RuleSetUnusable
from dealgate.model.instants import SECOND, nanoseconds
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1.score_pb2 import ScoreFacts

# Where a rule's claim for the lead stands beside claims of tables with the same rank.
FIRED_FIRST, OPEN_LAST = -1, 2**30
NEVER = -(2**80)  # before every instant


class Claim(NamedTuple):
    """What one rule claims for one activity, or for the lead as a whole, in millionths.

    `faded` are its points at the instant judged at, None if the activity's age is unknown.
    `fired` is False if the rule is undecided. The fields before `worth` put claims in order, so
    that nothing depends on the order the activities were sent in: fit, then engagement, newest
    first. `activity` is how the answer names the activity.
    """

    engages: bool
    age: int
    activity_id: str
    rank: int
    serial: int
    worth: Worth
    element: int | None
    at: int | None
    points: int
    faded: int | None
    fired: bool
    activity: bytes

    @property
    def possible(self) -> int:
        """The points if what is missing makes the rule fire."""
        return self.points if self.faded is None else self.faded


class Happened(NamedTuple):
    """An activity: its id, its instant and age if known, how often it happened, how it is named."""

    id: str
    at: int | None
    age: int
    times: int
    written: bytes


# A claim from all its fields, without looking at each of them by name.
claim_of: Callable[[tuple[object, ...]], Claim] = partial(tuple.__new__, Claim)
_happened: Callable[[tuple[object, ...]], Happened] = partial(tuple.__new__, Happened)


@dataclass(frozen=True, slots=True)
class Claims:
    """Reads the claims off evidence on one rule set.

    What a rule claims for the lead as a whole is the same each time: `fired` and `open` are those
    claims, of rules that fired and of undecided ones.
    """

    ruleset: RuleSet[ScoreEffect, ScoreParameters]
    # By identity, which is quicker than a name; the rule set holds them.
    worths: Mapping[int, Worth]
    fired: Mapping[int, Claim]
    open: Mapping[int, Claim]

    @classmethod
    def of(cls, ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> "Claims":
        """Work out what each rule is worth."""
        worths = {id(rule): worth(rule, ruleset) for rule in ruleset.rules}
        return cls(
            ruleset,
            worths,
            {key: _for_lead(one, FIRED_FIRST, fired=True) for key, one in worths.items()},
            {key: _for_lead(one, OPEN_LAST, fired=False) for key, one in worths.items()},
        )

    def claimed(
        self, facts: ScoreFacts, evidence: Evidence[ScoreEffect], as_of: int
    ) -> list[Claim]:
        """Return those of fired and undecided rules, in order; `as_of` in nanoseconds."""
        claims: list[Claim] = []
        activities = Activities(facts, as_of)
        for hit in evidence.fired:
            if hit.elements:
                self._listed(activities, hit.rule, hit.elements, claims, fired=True)
            else:
                claims.append(self._fired(hit.rule, len(claims)))
        for open_ in evidence.undecided:
            if open_.elements:
                self._listed(activities, open_.rule, open_.elements, claims, fired=False)
            else:
                claims.append(self._open(open_.rule))
        claims.sort()
        return claims

    def _listed(
        self,
        activities: "Activities",
        rule: Rule[ScoreEffect],
        elements: Sequence[int],
        claims: list[Claim],
        *,
        fired: bool,
    ) -> None:
        """Add what a rule claims for elements of a list."""
        worth = self.worth_of(rule)
        if worth.source == "activities":
            activities.claim(worth, elements, claims, fired=fired)
        else:
            self._ageless(worth, elements, claims, fired=fired)

    def for_lead(
        self, hits: Sequence[Fired[ScoreEffect]], undecided: Sequence[Undecided[ScoreEffect]]
    ) -> list[Claim]:
        """Return what is claimed for anything but activities, in order; no elements are open."""
        claims: list[Claim] = []
        for hit in hits:
            if hit.elements:
                self._ageless(self.worth_of(hit.rule), hit.elements, claims, fired=True)
            else:
                claims.append(self._fired(hit.rule, len(claims)))
        claims += [self._open(open_.rule) for open_ in undecided]
        claims.sort()
        return claims

    def _fired(self, rule: Rule[ScoreEffect], serial: int) -> Claim:
        known = self.fired.get(id(rule))
        return known or _for_lead(self.made(rule), serial, fired=True)

    def _open(self, rule: Rule[ScoreEffect]) -> Claim:
        return self.open.get(id(rule)) or _for_lead(self.made(rule), OPEN_LAST, fired=False)

    def _ageless(
        self, worth: Worth, elements: Sequence[int], claims: list[Claim], *, fired: bool
    ) -> None:
        """Add what a rule claims for elements that have no instant."""
        self.refuse_ageless(worth)
        claims += [
            _for_lead(worth, len(claims) + serial, element, fired=fired)
            for serial, element in enumerate(elements)
        ]

    def worth_of(self, rule: Rule[ScoreEffect]) -> Worth:
        """Return what a rule is worth."""
        return self.worths.get(id(rule)) or self.made(rule)

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


def _for_lead(worth: Worth, serial: int, element: int | None = None, *, fired: bool) -> Claim:
    """Return the claim for the lead as a whole, or for something that has no instant."""
    order = (worth.engages, 0, "", worth.rank, serial)
    activity = b"" if element is None else activity_of(element, "")
    points = worth.points
    return claim_of((*order, worth, element, None, points, points, fired, activity))


class Activities:
    """What rules claim for activities; each activity is read once."""

    def __init__(self, facts: ScoreFacts, as_of: int) -> None:
        self._activities = facts.activities
        self._as_of = as_of
        self._reset = reset_at(facts)
        self._happened: dict[int, Happened] = {}

    def claim(
        self, worth: Worth, elements: Sequence[int], claims: list[Claim], *, fired: bool
    ) -> None:
        """Add what a rule claims for each of the elements."""
        engages, rank, ages, fade = worth.engages, worth.rank, worth.ages, worth.fade
        for element in elements:
            id_, at, age, count, written = self._happened.get(element) or self._read(element)
            faded: int | None
            points = faded = worth.points * count if worth.counts else worth.points
            if not ages:
                pass
            elif at is None:
                faded = self._left(worth, points, at)
            elif at > self._reset:
                faded = fade(points, age)
            else:
                faded = 0
            fields = (
                engages,
                age,
                id_,
                rank,
                len(claims),
                worth,
                element,
                at,
                points,
                faded,
                fired,
                written,
            )
            claims.append(claim_of(fields))

    def certain(self, worth: Worth, element: int) -> tuple[int, int | None]:
        """Return the points that a rule is sure of for an element, and the element's instant."""
        _, at, _, count, _ = self._happened.get(element) or self._read(element)
        points = worth.points * count if worth.counts else worth.points
        return (self._left(worth, points, at) or 0) if worth.ages else points, at

    def _left(self, worth: Worth, points: int, at: int | None) -> int | None:
        """Return what age leaves of points; None: that depends on an age that is not known."""
        if at is None:
            return None if worth.category or worth.cap is not None else points
        return 0 if at <= self._reset else worth.fade(points, self._as_of - at)

    def _read(self, element: int) -> Happened:
        activity = self._activities[element]
        instant, age = None, 0
        if activity.HasField("at"):
            at = activity.at
            instant = at.seconds * SECOND + at.nanos
            age = self._as_of - instant
        id_ = activity.id
        times = activity.count  # of one that is not counted 0
        written = activity_of(element, id_)
        happened = _happened((id_, instant, age, max(1, times), written))
        self._happened[element] = happened
        return happened


def reset_at(facts: ScoreFacts) -> int:
    """Return the instant up to which engagement was forgotten; before all time: never."""
    if not facts.HasField("history"):
        return NEVER
    history = facts.history
    if history.HasField("engagement_reset_at"):
        return nanoseconds(history.engagement_reset_at)
    return NEVER
