"""Decisions explained: ExplainDecision."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.explained import explained
from dealgate.model.flips import ExplainedDecision, Flip
from dealgate.v1 import explanation_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.records import Records
from dealgate.wire.results import id_violations, seen

FLIPS_LIMIT, FLIPS_DEFAULT = 100, 5

# Explains a decision, with at most that many flips to each other outcome.
Explain: TypeAlias = Callable[[Decision, int], Awaitable[ExplainedDecision]]


class Explanations:
    """Answers ExplainDecision."""

    def __init__(self, records: Records, explain: Explain) -> None:
        """`explain` computes beside the event loop."""
        self._records = records
        self._explain = explain

    async def explain(
        self, request: pb.ExplainDecisionRequest, call: Call
    ) -> pb.ExplainDecisionResponse:
        """Explain one decision."""
        violations = id_violations(request.decision_id)
        if not 0 <= request.flips_per_outcome <= FLIPS_LIMIT:
            wrong = f"must be 0 to {FLIPS_LIMIT}; 0 means {FLIPS_DEFAULT}"
            violations.append(Violation("flips_per_outcome", wrong))
        if violations:
            raise BadQuestion(violations)
        decision = await seen(self._records.get, call, request.decision_id)
        return _response(await self._explain(decision, request.flips_per_outcome or FLIPS_DEFAULT))


def _response(explained_decision: ExplainedDecision) -> pb.ExplainDecisionResponse:
    return pb.ExplainDecisionResponse(
        outcome=explained_decision.outcome,
        difference=explained_decision.difference,
        deciding_rule_ids=explained_decision.deciding,
        rules=[explained(rule) for rule in explained_decision.rules],
        missing_facts=[
            pb.MissingFact(path=one.path, flips_to=one.flips_to, rule_ids=one.rule_ids)
            for one in explained_decision.missing
        ],
        flips=[_flip(flip) for flip in explained_decision.flips],
        verdicts=explained_decision.verdicts,
        bound=explained_decision.bound,
        fixed_facts=explained_decision.fixed,
    )


def _flip(flip: Flip) -> pb.Flip:
    return pb.Flip(
        outcome=flip.outcome,
        changes=[
            pb.FactChange(path=change.path, before=change.before, after=change.after)
            for change in flip.changes
        ],
        rules=[
            pb.RuleChange(rule_id=rule.rule_id, because=rule.because, effect=rule.effect)
            for rule in flip.rules
        ],
    )
