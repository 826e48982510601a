"""The score kind: how well a lead fits, how engaged it is, and whom to call first.

Claims of rules (`claims`) are folded into points (`tally`) and scores (`scores`), those of several
leads into their account's (`account`); what rules and parameters may say is in `terms`. Source of
the default arithmetic: rules/score/README.md.
"""

from collections.abc import Sequence
from decimal import localcontext

from dealgate.kinds.score.account import account_violations, folded
from dealgate.kinds.score.claims import Claim, Claims
from dealgate.kinds.score.odds import calibrated
from dealgate.kinds.score.reach import PROOFS
from dealgate.kinds.score.scores import named_scores, scored
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model import leads
from dealgate.model.activity_facts import measured_violations, read_activities
from dealgate.model.bounds import out_of_bounds
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.errors import Violation
from dealgate.model.exchange import convert, exchange_violations
from dealgate.model.folds import DIGITS
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.malformed import malformed
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import score_pb2 as pb


def check(facts: pb.ScoreFacts, _: ScoreParameters, as_of: int) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *leads.lead_violations(facts.lead, as_of),
        *leads.activity_violations(facts.activities, as_of),
        *leads.history_violations(facts.history, as_of),
        *measured_violations(facts.activities),
        *exchange_violations(facts, as_of),
        *account_violations(facts, as_of),
    ]


def derive(facts: pb.ScoreFacts, parameters: ScoreParameters, as_of: int) -> pb.ScoreFacts:
    """Return the facts as rules read them: amounts in one currency, joined activities measured."""
    del as_of
    known = pb.ScoreFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    read_activities(known.activities)
    convert(known, parameters.currency)
    return known


def conclude(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Conclusion:
    """Fold the claims into a ScoreOutcome; its word is the grade.

    Raises RulesFailed if a rule went wrong: a score with a rule left out is another score.
    """
    refuse_failed(ruleset, evidence)
    parameters = ruleset.parameters
    with localcontext(DIGITS):
        claims = Claims(facts, ruleset, as_of).claimed(evidence)
        outcome = scored(None, claims, evidence, ruleset, parameters)
        outcome.missing_facts.extend(_missing(claims, evidence))
        outcome.named_scores.extend(named_scores(claims, evidence, ruleset))
        if parameters.account is not None and facts.account_leads:
            outcome.account.CopyFrom(folded(outcome, facts, parameters, parameters.account, as_of))
    if parameters.calibration is not None:
        outcome.calibrated.CopyFrom(calibrated(parameters.calibration, evidence))
    outcome.conversions.extend(facts.conversions)
    return Conclusion(outcome, outcome.grade)


def _missing(claims: Sequence[Claim], evidence: Evidence[ScoreEffect]) -> list[str]:
    ageless = {f"activities[{claim.element}].at" for claim in claims if claim.faded is None}
    return sorted(ageless.union(*(undecided.missing for undecided in evidence.undecided)))


SCORE = Kind(
    name="score",
    request=pb.ScoreLeadRequest,
    response=pb.ScoreLeadResponse,
    facts=pb.ScoreFacts,
    effect=ScoreEffect,
    parameters=ScoreParameters,
    entity="lead/lead.id",
    check=check,
    conclude=conclude,
    derive=derive,
    proofs=PROOFS,
)
