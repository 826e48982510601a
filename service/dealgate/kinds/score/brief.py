"""A score without its message: for whoever decides many questions and keeps none of the answers."""

from dealgate.kinds.score.claims import Claims
from dealgate.kinds.score.scores import Scorer
from dealgate.kinds.score.tally import UNIT
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model.brief import Brief
from dealgate.model.decision import Evidence
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import score_pb2 as pb


def brief(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Brief | None:
    """Return grade and scores as `conclude` does; None if there is an account or calibration.

    Scores that the rule set names stand in a list, whose numbers nobody compares.
    """
    parameters = ruleset.parameters
    if parameters.calibration or (parameters.account and facts.account_leads):
        return None
    refuse_failed(ruleset, evidence)
    claims = ruleset.once(Claims.of).claimed(facts, evidence, as_of)
    scorer = ruleset.once(_main_scorer)
    # Not `scored`: what missing facts might lead to takes two thirds of its time.
    own = [claim for claim in claims if claim.worth.score is None]
    sure = scorer.caps.tallied(own, [claim.sure for claim in own])
    fit = sure.fit if scorer.dimensions.known(evidence) else None
    grade = scorer.grades.grade(fit, sure.engagement)
    numbers = {
        "engagement": float(sure.engagement),
        "fit_points": sure.fit_points / UNIT,
        "engagement_points": sure.engagement_points / UNIT,
    }
    if fit is not None and grade.composite is not None:
        numbers |= {"fit": float(fit), "composite": float(grade.composite)}
    return Brief(grade.text, numbers)


def _main_scorer(ruleset: RuleSet[ScoreEffect, ScoreParameters]) -> Scorer:
    return Scorer.of(None, ruleset)
