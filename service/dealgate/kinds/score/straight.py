"""A score in one pass, as most questions allow: no rule waits for facts, and all ages are known.

What rules claim for the lead as a whole follows from evidence alone, so that it is counted and
written once for evidence that recurs. What they claim for activities stands after it in order, and
is counted and written in one pass: there is one tally instead of three, and no list of amounts.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from dealgate.kinds.score.answers import contribution, contributions, written
from dealgate.kinds.score.claims import Activities, Claim, Claims
from dealgate.kinds.score.scores import FADED, Score, scorers_of
from dealgate.kinds.score.tally import Rules, Tally, count, grant
from dealgate.kinds.score.terms import ScoreEffect
from dealgate.kinds.score.words import CONTRIBUTIONS
from dealgate.kinds.score.worth import Worth
from dealgate.model.decision import Conclusion, Evidence, Written
from dealgate.v1 import score_pb2 as pb


class LeadPart(NamedTuple):
    """What rules claim for the lead as a whole: points, what is left of caps, contributions.

    `points` are those for fit and engagement, and the penalties of each. `listed` is what claims
    for activities which; None: this evidence is not for one pass.
    """

    listed: Sequence[tuple[Worth, Sequence[int]]] | None
    points: tuple[int, int, int, int] = (0, 0, 0, 0)
    left: Mapping[Hashable, int] = {}
    written: bytes = b""
    known: int = 0


NOT_STRAIGHT = LeadPart(None)


class Straight:
    """Concludes by one rule set, where that can be done in one pass."""

    def __init__(self, ruleset: Rules) -> None:
        """A rule set that says more than one score has nothing of its own here."""
        parameters = ruleset.parameters
        self._applies = not (parameters.scores or parameters.calibration or parameters.account)
        self._claims = ruleset.once(Claims.of)
        self._scorer = ruleset.once(scorers_of)[0]

    def conclusion(
        self, facts: pb.ScoreFacts, evidence: Evidence[ScoreEffect], as_of: int
    ) -> Conclusion | None:
        """Return the conclusion; None: this takes more than one pass."""
        lead = evidence.once(self._lead) if self._applies else NOT_STRAIGHT
        if lead.listed is None or facts.conversions:
            return None
        claims: list[Claim] = []
        if lead.listed:
            activities = Activities(facts, as_of)
            for worth, elements in lead.listed:
                activities.claim(worth, elements, claims, fired=True)
            claims.sort()
            first = claims[0]
            # One that has neither age nor id might stand before claims for the lead.
            if None in map(FADED, claims) or not (first.age or first.activity_id):
                return None
        return self._counted(lead, claims)

    def _counted(self, lead: LeadPart, claims: Sequence[Claim]) -> Conclusion:
        """Count and write claims for activities after those for the lead."""
        fit, engagement, off_fit, off_engagement = lead.points
        left, parts = dict(lead.left), [lead.written]
        for claim in claims:
            counted = faded = claim.faded or 0
            if claim.worth.is_penalty:
                off_engagement += faded
            elif faded:
                counted = grant(left, claim, faded)
                engagement += counted
            parts.append(CONTRIBUTIONS(contribution(claim, counted, faded)))
        scorer, known = self._scorer, lead.known
        tally = Tally((), *scorer.caps.finished(fit, engagement, off_fit, off_engagement))
        grade = scorer.grades.grade(tally.fit if known else None, tally.engagement)
        score = Score((), tally, (), tally, tally, known, grade)
        data = written(scorer, score, parts, ())
        return Conclusion(Written(pb.ScoreOutcome, data), grade.text)

    def _lead(self, evidence: Evidence[ScoreEffect]) -> LeadPart:
        """Count and write what rules claim for the lead as a whole."""
        listed, hits = [], []
        for hit in evidence.fired:
            worth = self._claims.worth_of(hit.rule)
            if not hit.elements or worth.source != "activities":
                hits.append(hit)
            elif worth.engages:
                listed.append((worth, hit.elements))
            else:
                return NOT_STRAIGHT
        if evidence.undecided:
            return NOT_STRAIGHT
        claims = self._claims.for_lead(hits)
        amounts = [claim.points for claim in claims]
        left: dict[Hashable, int] = dict(self._scorer.caps.categories.items())
        counted, points = count(claims, amounts, left)
        told = b"".join(contributions(claims, counted, amounts))
        return LeadPart(listed, points, left, told, self._scorer.dimensions.known(evidence))
