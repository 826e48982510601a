"""The handoff kind: does customer success know what it needs of a deal that was won?

It is a gate: what blocks, what cannot be judged and what went wrong all keep it shut, and an
acceptance before it is open does not count. `items` says how complete it is.
"""

from collections.abc import Iterator, Sequence

from dealgate.kinds.handoff.items import item_score, items, ranked, score_of
from dealgate.kinds.handoff.stakes import PROOFS
from dealgate.kinds.handoff.terms import HandoffEffect, HandoffParameters
from dealgate.kinds.handoff.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.business_time import LAST_ORDINAL, workday_after
from dealgate.model.days import EPOCH, date_message, day_number
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.parts import decimal_message
from dealgate.model.rules import RuleSet
from dealgate.model.zones import day_in
from dealgate.v1 import handoff_pb2 as pb

GOAL_FIELDS = ("baseline", "target", "due_on", "owner_id")


def conclude(
    facts: pb.HandoffFacts,
    ruleset: RuleSet[HandoffEffect, HandoffParameters],
    evidence: Evidence[HandoffEffect],
    as_of: int,
) -> Conclusion:
    """Return the HandoffOutcome; its word is ready, incomplete, blocked, accepted or returned."""
    parameters = ruleset.parameters
    conclusion = items(evidence, parameters)
    score = score_of(conclusion)
    blockers = [*_blockers(evidence)]
    is_open = score >= parameters.ready_at and not blockers
    outcome = pb.HandoffOutcome(
        verdict=_verdict(facts, is_open=is_open, is_blocked=bool(blockers)),
        score=decimal_message(score, 2),
        items=[item_score(item) for item in conclusion],
        blockers=blockers,
        missing=ranked(conclusion),
        milestones=_milestones(facts, parameters),
        goals=[_goal(criterion) for criterion in facts.success_criteria],
        acceptance_is_premature=facts.reply.is_accepted and not is_open,
    )
    _add_deadlines(outcome, facts, parameters, as_of)
    word = words.of(pb.HandoffVerdict, outcome.verdict)
    return Conclusion(outcome, word)


def brief(
    facts: pb.HandoffFacts,
    ruleset: RuleSet[HandoffEffect, HandoffParameters],
    evidence: Evidence[HandoffEffect],
    as_of: int,
) -> Brief:
    """Return the verdict, the score and the deadlines as `conclude` does."""
    parameters = ruleset.parameters
    score = score_of(items(evidence, parameters))
    blocked = any(True for _ in _blockers(evidence))
    is_open = score >= parameters.ready_at and not blocked
    verdict = _verdict(facts, is_open=is_open, is_blocked=blocked)
    dated = pb.HandoffOutcome()
    _add_deadlines(dated, facts, parameters, as_of)
    numbers = {
        "score": float(decimal_message(score, 2).value or 0),
        "reply_due_on": float(day_number(dated.reply_due_on) - EPOCH),
    }
    if dated.HasField("kick_off_due_on"):
        numbers["kick_off_due_on"] = float(day_number(dated.kick_off_due_on) - EPOCH)
    return Brief(words.of(pb.HandoffVerdict, verdict), numbers)


def _verdict(
    facts: pb.HandoffFacts, *, is_open: bool, is_blocked: bool
) -> pb.HandoffVerdict.ValueType:
    if facts.HasField("reply") and not facts.reply.is_accepted:
        return pb.HANDOFF_VERDICT_RETURNED
    if is_blocked:
        return pb.HANDOFF_VERDICT_BLOCKED
    if not is_open:
        return pb.HANDOFF_VERDICT_INCOMPLETE
    accepted = facts.HasField("reply")
    return pb.HANDOFF_VERDICT_ACCEPTED if accepted else pb.HANDOFF_VERDICT_READY


def _blockers(evidence: Evidence[HandoffEffect]) -> Iterator[pb.HandoffBlocker]:
    """Yield what blocks, what may block for all that anybody knows, and what went wrong."""
    for fired in evidence.fired:
        effect = fired.rule.then
        if effect.block is not None:
            yield pb.HandoffBlocker(
                code=effect.block, message=fired.rule.because, rule_id=fired.rule.id
            )
    for open_ in evidence.undecided:
        if open_.rule.then.block is not None:
            yield pb.HandoffBlocker(
                code=open_.rule.then.block,
                message=open_.rule.because,
                rule_id=open_.rule.id,
                missing_facts=open_.missing,
            )
    for failed in evidence.failed:
        yield pb.HandoffBlocker(
            code="RULE_FAILED",
            message=f"The rule could not be judged: {failed.error}.",
            rule_id=failed.rule.id,
        )


def _add_deadlines(
    outcome: pb.HandoffOutcome, facts: pb.HandoffFacts, parameters: HandoffParameters, as_of: int
) -> None:
    zone = facts.time_zone or parameters.time_zone
    given = facts.HasField("submitted_at")
    submitted = nanoseconds(facts.submitted_at) if given else as_of
    due = workday_after(day_in(zone, submitted), parameters.reply_business_days)
    outcome.reply_due_on.CopyFrom(date_message(due))
    outcome.reply_is_overdue = not facts.HasField("reply") and day_in(zone, as_of) > due
    if facts.opportunity.HasField("closed_at"):
        closed = day_in(zone, nanoseconds(facts.opportunity.closed_at))
        meet = workday_after(closed, parameters.kick_off_business_days)
        outcome.kick_off_due_on.CopyFrom(date_message(meet))


def _milestones(
    facts: pb.HandoffFacts, parameters: HandoffParameters
) -> Sequence[pb.HandoffMilestone]:
    if not facts.customer.HasField("started_on"):
        return ()
    start = day_number(facts.customer.started_on)
    handoff_milestones = [
        pb.HandoffMilestone(
            code=milestone.code,
            title=milestone.title,
            due_on=date_message(min(start + milestone.days, LAST_ORDINAL)),
        )
        for milestone in parameters.milestones
    ]
    return sorted(handoff_milestones, key=lambda item: day_number(item.due_on))


def _goal(criterion: pb.SuccessCriterion) -> pb.HandoffGoal:
    told = {field.name for field, value in criterion.ListFields() if value != ""}
    missing = [name for name in GOAL_FIELDS if name not in told]
    return pb.HandoffGoal(criterion=criterion, missing_fields=missing)


HANDOFF = Kind(
    name="handoff",
    request=pb.HandOffCustomerRequest,
    response=pb.HandOffCustomerResponse,
    facts=pb.HandoffFacts,
    effect=HandoffEffect,
    parameters=HandoffParameters,
    entity="opportunity/opportunity.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    proofs=PROOFS,
)
