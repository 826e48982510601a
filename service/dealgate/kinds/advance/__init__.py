"""The advance kind: may this opportunity move to that stage?

It is a gate. What `pipeline` forbids, what a rule blocks, what a blocking rule cannot judge and
what went wrong all stop the move; unknown is never yes. A repeated request for a move that has
been made is NO_CHANGE before anything else, so that a retry after success does no harm.

A version that does not match is an answer (BLOCK, VERSION_CONFLICT), not the status ABORTED: the
record is the caller's, so nothing of ours was aborted; and an answer is journalled and explained.
"""

from dealgate.kinds.advance.machine import PROOFS
from dealgate.kinds.advance.pipeline import move, pipeline_findings
from dealgate.kinds.advance.terms import AdvanceEffect, AdvanceParameters
from dealgate.kinds.advance.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.exchange import convert
from dealgate.model.gates.approvals import Consent
from dealgate.model.gates.findings import findings, waivers
from dealgate.model.gates.ruling import Ruling, ruled, ruled_briefly
from dealgate.model.instants import DAY, SECOND, deadline
from dealgate.model.kind import Kind
from dealgate.model.opportunity_facts import people
from dealgate.model.pipelines import Stage
from dealgate.model.rules import RuleSet
from dealgate.model.zones import today_message
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
    pipeline = ruleset.parameters.ways.of(facts.opportunity)
    source = pipeline.by_name[facts.opportunity.stage_name]
    target = pipeline.by_name[facts.target_stage]
    outcome = pb.AdvanceOutcome()
    outcome.move = move(source, target, pipeline)
    outcome.pipeline = pipeline.name
    outcome.gates.extend(facts.move.gates)
    if facts.conversions:
        outcome.conversions.extend(facts.conversions)
    if source.name == target.name:
        outcome.decision = pb.ADVANCE_DECISION_NO_CHANGE
    else:
        reasons = [*pipeline_findings(facts, source, target, pipeline)]
        reasons += findings(ruleset, evidence)
        consent = _consent(facts, ruleset.parameters, as_of)
        _say(outcome, ruled(facts, consent, reasons, waivers(evidence)))
    if outcome.decision in ARRIVED:
        outcome.probability = float(target.probability)
        outcome.forecast_category = _category(target)
    if outcome.decision == pb.ADVANCE_DECISION_ALLOW:
        _follow(outcome, facts, target, as_of)
    word = words.of(pb.AdvanceDecision, outcome.decision)
    return Conclusion(outcome, word)


def brief(
    facts: pb.AdvanceFacts,
    ruleset: RuleSet[AdvanceEffect, AdvanceParameters],
    evidence: Evidence[AdvanceEffect],
    as_of: int,
) -> Brief:
    """Return the decision, and what follows from it, as `conclude` does."""
    pipeline = ruleset.parameters.ways.of(facts.opportunity)
    source = pipeline.by_name[facts.opportunity.stage_name]
    target = pipeline.by_name[facts.target_stage]
    decision = "no_change"
    if source.name != target.name:
        reasons = [*pipeline_findings(facts, source, target, pipeline)]
        reasons += findings(ruleset, evidence)
        consent = _consent(facts, ruleset.parameters, as_of)
        decision = ruled_briefly(consent, reasons, waivers(evidence))
    numbers: dict[str, float] = {}
    if words.number_of(pb.AdvanceDecision, decision) in ARRIVED:
        numbers["probability"] = float(target.probability)
    if decision == "allow" and target.max_days is not None:
        numbers["sla_due_at"] = deadline(as_of + target.max_days * DAY).seconds * SECOND / DAY
    return Brief(decision, numbers)


def derive(facts: pb.AdvanceFacts, parameters: AdvanceParameters, as_of: int) -> pb.AdvanceFacts:
    """Return the facts as rules read them: the move, the day, people, amounts in one currency."""
    known = pb.AdvanceFacts()
    known.CopyFrom(facts)
    known.opportunity.people = people(facts.opportunity.contacts)
    convert(known, parameters.currency or "")
    known.today.CopyFrom(today_message(facts.time_zone or parameters.time_zone, as_of))
    pipeline = parameters.ways.of(facts.opportunity)
    source = pipeline.by_name.get(facts.opportunity.stage_name)
    target = pipeline.by_name.get(facts.target_stage)
    if source is None or target is None:
        # Only facts that no check has seen: those that a tool tries out.
        return known
    gates = pipeline.passed(source, target)
    moves = source.name != target.name and not source.closed
    ahead = pipeline.ranks[target.name] > pipeline.ranks[source.name]
    # Put one by one: a constructor with names, and a copy, cost several times that.
    told = known.move
    told.pipeline = pipeline.name
    told.gates.extend(gates)
    told.moves_on = moves and ahead and target.closed != "lost"
    told.wins = moves and target.closed == "won"
    told.loses = moves and target.closed == "lost"
    told.stays_open = not target.closed
    told.is_unaccepted = source.pre_qualified
    told.people = known.opportunity.people
    return known


def _consent(facts: pb.AdvanceFacts, parameters: AdvanceParameters, as_of: int) -> Consent:
    days = parameters.approvals_count_days
    return Consent(
        facts.opportunity,
        facts.approvals,
        parameters.stands_in,
        oldest=None if days is None else as_of - days * DAY,
        one_role=parameters.one_person_one_approval,
    )


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
    check_sound=sound_violations,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency", "time_zone", "ways"),
    proofs=PROOFS,
    brief=brief,
)
