"""The advance kind: may this opportunity move to that stage?

It is a gate. What `pipeline` forbids, what a rule blocks, what a blocking rule cannot judge and
what went wrong all stop the move; unknown is never yes. A repeated request for a move that has
been made is NO_CHANGE before anything else, so that a retry after success does no harm.

A version that does not match is an answer (BLOCK, VERSION_CONFLICT), not the status ABORTED: the
record is the caller's, so nothing of ours was aborted; and an answer is journalled and explained.
"""

from dealgate.kinds.advance.pipeline import move, pipeline_findings
from dealgate.kinds.advance.terms import AdvanceEffect, AdvanceParameters, Stage
from dealgate.kinds.advance.violations import violations
from dealgate.model import words
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.gates.approvals import Consent
from dealgate.model.gates.findings import findings, waivers
from dealgate.model.gates.ruling import Ruling, ruled
from dealgate.model.instants import DAY, deadline
from dealgate.model.kind import Kind
from dealgate.model.rules import RuleSet
from dealgate.v1 import advance_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory

ARRIVED = (pb.ADVANCE_DECISION_ALLOW, pb.ADVANCE_DECISION_NO_CHANGE)


def conclude(
    facts: pb.AdvanceFacts,
    ruleset: RuleSet[AdvanceEffect, AdvanceParameters],
    evidence: Evidence[AdvanceEffect],
    as_of: int,
) -> Conclusion:
    """Return the AdvanceOutcome; its word is allow, block, requires_approval or no_change."""
    parameters = ruleset.parameters
    source = parameters.stage(facts.opportunity.stage_name)
    target = parameters.stage(facts.target_stage)
    outcome = pb.AdvanceOutcome(move=move(source, target, parameters.stages))
    if source == target:
        outcome.decision = pb.ADVANCE_DECISION_NO_CHANGE
    else:
        found = [*pipeline_findings(facts, source, target, parameters)]
        consent = Consent(facts.opportunity, facts.approvals, parameters.stands_in)
        found += findings(ruleset, evidence)
        _say(outcome, ruled(facts, consent, found, waivers(evidence)))
    if outcome.decision in ARRIVED:
        outcome.probability = float(target.probability)
        outcome.forecast_category = _category(target)
    if outcome.decision == pb.ADVANCE_DECISION_ALLOW:
        _follow(outcome, facts, target, as_of)
    word = words.of(pb.AdvanceDecision, outcome.decision)
    return Conclusion(outcome, word)


def _say(outcome: pb.AdvanceOutcome, ruling: Ruling) -> None:
    outcome.decision = words.number_of(pb.AdvanceDecision, ruling.word)
    ruling.tell(outcome)


def _follow(outcome: pb.AdvanceOutcome, facts: pb.AdvanceFacts, target: Stage, as_of: int) -> None:
    outcome.events.append("opportunity.stage_changed")
    if target.closed:
        outcome.events.append("opportunity.closed")
    if facts.opportunity.forecast_category not in {0, outcome.forecast_category}:
        outcome.events.append("opportunity.forecast_category_changed")
    if target.max_days is not None:
        outcome.sla_due_at.CopyFrom(deadline(as_of + target.max_days * DAY))


def _category(stage: Stage) -> ForecastCategory.ValueType:
    return words.number_of(ForecastCategory, stage.forecast_category)


ADVANCE = Kind(
    name="advance",
    request=pb.AdvanceStageRequest,
    response=pb.AdvanceStageResponse,
    facts=pb.AdvanceFacts,
    effect=AdvanceEffect,
    parameters=AdvanceParameters,
    entity="opportunity/opportunity.id",
    check=violations,
    conclude=conclude,
)
