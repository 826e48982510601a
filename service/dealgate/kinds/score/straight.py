"""A score in one pass, as most questions allow: activities have instants, and rules judge them.

What rules claim for the lead as a whole, and might claim if they knew more, follows from evidence
alone, so that it is counted and written once for evidence that recurs. What they claim for
activities stands after it in order, and is counted and written in one pass, whatever is missing.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from dealgate.kinds.score.aged import aged
from dealgate.kinds.score.answers import contribution, contributions, written
from dealgate.kinds.score.claims import Claim, Claims
from dealgate.kinds.score.scores import Score, extremes, scorers_of
from dealgate.kinds.score.tally import Rules, Tally, count, grant
from dealgate.kinds.score.terms import ScoreEffect
from dealgate.kinds.score.words import CONTRIBUTIONS
from dealgate.kinds.score.worth import Worth
from dealgate.model.decision import Conclusion, Evidence, Undecided, Written
from dealgate.v1 import score_pb2 as pb

Points = tuple[int, int, int, int]


class LeadPart(NamedTuple):
    """What rules claim for the lead as a whole: points, what is left of caps, contributions.

    `points` are those for fit and engagement, and the penalties of each; `worst` and `best` are
    what they may come to. `listed` is what claims for activities which; None: this evidence is not
    for one pass.
    """

    listed: Sequence[tuple[Worth, Sequence[int]]] | None
    points: Points = (0, 0, 0, 0)
    worst: Points = (0, 0, 0, 0)
    best: Points = (0, 0, 0, 0)
    left: Mapping[Hashable, int] = {}
    written: bytes = b""
    known: int = 0
    missing: Sequence[str] = ()


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
        claims = aged(facts, lead.listed, as_of) if lead.listed else []
        # One that has neither age nor id might stand before claims for the lead.
        if claims is None or (claims and not (claims[0].age or claims[0].activity_id)):
            return None
        return self._counted(lead, claims)

    def _counted(self, lead: LeadPart, claims: Sequence[Claim]) -> Conclusion:
        """Count and write claims for activities after those for the lead."""
        gained = lost = 0
        left, parts = dict(lead.left), [lead.written]
        for claim in claims:
            counted = faded = claim.faded or 0
            if claim.worth.is_penalty:
                lost += faded
            elif faded:
                counted = grant(left, claim, faded)
                gained += counted
            parts.append(CONTRIBUTIONS(contribution(claim, counted, faded)))
        scorer, known = self._scorer, lead.known
        sure = worst = best = self._tally(lead.points, gained, lost)
        if lead.worst is not lead.points:
            worst = self._tally(lead.worst, gained, lost)
        if lead.best is not lead.points:
            best = self._tally(lead.best, gained, lost)
        grade = scorer.grades.grade(sure.fit if known else None, sure.engagement)
        score = Score((), sure, (), worst, best, known, grade)
        data = written(scorer, score, parts, lead.missing)
        return Conclusion(Written(pb.ScoreOutcome, data), grade.text)

    def _tally(self, points: Points, gained: int, lost: int) -> Tally:
        fit, engagement, off_fit, off_engagement = points
        caps = self._scorer.caps
        return Tally((), *caps.finished(fit, engagement + gained, off_fit, off_engagement + lost))

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
        if any(map(self._waits_for_more, evidence.undecided)):
            return NOT_STRAIGHT
        claims = self._claims.for_lead(hits, evidence.undecided)
        certain = [claim.points if claim.fired else 0 for claim in claims]
        caps = self._scorer.caps.categories
        left: dict[Hashable, int] = dict(caps.items())
        counted, points = count(claims, certain, left)
        worst, best = [
            points if amounts is None else count(claims, amounts, dict(caps.items()))[1]
            for amounts in extremes(claims, certain)
        ]
        told = b"".join(contributions(claims, counted, certain))
        missing = sorted({path for open_ in evidence.undecided for path in open_.missing})
        known = self._scorer.dimensions.known(evidence)
        return LeadPart(listed, points, worst, best, left, told, known, missing)

    def _waits_for_more(self, open_: Undecided[ScoreEffect]) -> bool:
        """Tell whether what a rule might claim is for elements, or would take of a cap."""
        worth = self._claims.worth_of(open_.rule)
        return bool(open_.elements) or worth.category is not None or worth.cap is not None
