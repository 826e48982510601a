"""What is recorded, as the contracts write it."""

from typing import Any

from google.type.money_pb2 import Money

from dealgate.model import words
from dealgate.model.decision import Decision, Trial
from dealgate.model.feed import FeedEvent
from dealgate.model.instants import timestamp
from dealgate.model.money import from_minor
from dealgate.model.results import Result
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1.result_pb2 import DecisionResult, ResultType

# Questions and answers of kinds without code have this field; other kinds have one of their own.
DECLARED = "declared"
FIELDS = frozenset(pb.Question.DESCRIPTOR.fields_by_name) - {DECLARED}


def watched(event: FeedEvent, *, whole: bool) -> pb.WatchedEvent:
    """Return an event of the feed, without a token; `whole`: with the exact facts and answer."""
    told = pb.WatchedEvent(decision=summary(event.decision))
    if event.result is not None:
        told.result.CopyFrom(result_message(event.result))
    if whole:
        told.record.CopyFrom(recorded(event.decision))
    return told


def recorded(decision: Decision) -> pb.RecordedDecision:
    """Rebuild question and answer from the exact bytes."""
    record = pb.RecordedDecision(erased=decision.erased)
    field = decision.kind if decision.kind in FIELDS else DECLARED
    asked: Any = getattr(record.question, field)
    asked.facts.ParseFromString(decision.facts)
    if field == DECLARED:
        asked.kind = decision.kind
    getattr(record.answer, field).ParseFromString(decision.answer)
    if decision.trial is not None:
        record.trial.CopyFrom(_trial(decision.kind, decision.trial))
    return record


def _trial(kind: str, trial: Trial) -> pb.DecisionTrial:
    """Return the decision's part in an experiment, with the other answer."""
    told = pb.DecisionTrial(
        seed=trial.challenger.seed,
        champion_version=trial.champion,
        challenger_version=trial.challenger.version,
        is_challenged=trial.is_challenged,
        refusal=trial.refusal,
    )
    if trial.challenger.share is not None:
        told.challenger_share.value = str(trial.challenger.share)
    if trial.other is not None:
        getattr(told.other_answer, kind if kind in FIELDS else DECLARED).ParseFromString(
            trial.other.answer
        )
        told.other_outcome = trial.other.outcome
    return told


def summary(decision: Decision) -> pb.RecordedDecisionSummary:
    """Return the outline of a decision, without results."""
    return pb.RecordedDecisionSummary(
        decision_id=decision.id,
        entity=str(decision.entity),
        kind=decision.kind,
        rule_set_version=decision.version,
        evaluated_at=timestamp(decision.decided_at),
        outcome=decision.outcome,
        fired_rule_ids=decision.fired,
        scope=decision.scope,
    )


def result_message(result: Result) -> DecisionResult:
    """Return a result as the contracts write it."""
    return DecisionResult(
        type=words.number_of(ResultType, result.type),
        happened_at=timestamp(result.happened_at),
        amount=_amount(result),
        reason=result.reason,
        recorded_by=result.recorded_by,
        revision=result.revision,
        because=result.because,
        recorded_at=timestamp(result.recorded_at),
    )


def _amount(result: Result) -> Money | None:
    return None if result.amount is None else from_minor(result.amount, result.currency)
