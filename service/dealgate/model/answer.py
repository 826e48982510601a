"""The answer a caller gets: evidence and conclusion as the response message of the kind's RPC."""

import hashlib

from dealgate.model import words
from dealgate.model.decision import (
    AnyEvidence,
    AnyFired,
    Conclusion,
    Condition,
    Decision,
    Explanation,
    Operand,
    Question,
    Truth,
)
from dealgate.model.instants import timestamp
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import decision_pb2 as pb

TRUTHS = {truth: words.number_of(pb.Truth, truth.name) for truth in Truth}


def answered(
    question: Question,
    kind: AnyKind,
    ruleset: AnyRuleSet,
    evidence: AnyEvidence,
    conclusion: Conclusion,
    engine: str,
) -> Decision:
    """Return the decision, its answer serialized: from here on its bytes do not change."""
    header = _header(question, ruleset, evidence, engine)
    response = kind.response(header=header, outcome=conclusion.outcome)
    return Decision(
        id=question.id,
        tenant=question.tenant,
        kind=kind.name,
        entity=kind.entity_of(question.facts),
        version=ruleset.version,
        digest=ruleset.digest,
        engine=engine,
        as_of=question.as_of,
        decided_at=question.asked_at,
        trace_id=question.trace_id,
        facts=question.facts.SerializeToString(deterministic=True),
        answer=response.SerializeToString(deterministic=True),
        outcome=conclusion.word,
        fired=tuple(dict.fromkeys(id_ for fired in evidence.fired for id_ in fired.ids)),
        key=question.key,
        body_hash=body_hash(question),
        marks=conclusion.marks,
        turn=conclusion.turn,
    )


def body_hash(question: Question) -> bytes:
    """Hash what makes two questions the same: kind, facts, and the options that shape an answer."""
    chosen = (
        question.kind,
        question.as_of if question.as_of_given else None,
        question.version,
        question.explain,
    )
    sent = question.facts if question.sent is None else question.sent
    facts = sent.SerializeToString(deterministic=True)
    return hashlib.sha256(repr(chosen).encode() + b"\0" + facts).digest()


def _header(
    question: Question, ruleset: AnyRuleSet, evidence: AnyEvidence, engine: str
) -> pb.DecisionHeader:
    return pb.DecisionHeader(
        decision_id="" if question.dry_run else question.id,
        kind=ruleset.kind,
        rule_set_name=ruleset.kind,
        rule_set_version=ruleset.version,
        rule_set_digest=ruleset.digest,
        trace_id=question.trace_id,
        as_of=timestamp(question.as_of),
        evaluated_at=timestamp(question.asked_at),
        evidence=_evidence(evidence),
        missing_facts=evidence.missing,
        completeness=evidence.completeness,
        engine=engine,
    )


def _evidence(evidence: AnyEvidence) -> pb.Evidence:
    return pb.Evidence(
        fired=[_fired(fired) for fired in evidence.fired],
        undecided=[
            pb.UndecidedRule(
                rule_id=u.rule.id,
                because=u.rule.because,
                missing_facts=u.missing,
                elements=u.elements,
            )
            for u in evidence.undecided
        ],
        failed=[
            pb.FailedRule(
                rule_id=f.rule.id, because=f.rule.because, error=f.error, elements=f.elements
            )
            for f in evidence.failed
        ],
        explained=[explained(explanation) for explanation in evidence.explained],
    )


def _fired(fired: AnyFired) -> pb.FiredRule:
    return pb.FiredRule(
        rule_id=fired.rule.id,
        because=fired.rule.because,
        elements=fired.elements,
        rows=[pb.FiredRow(rule_id=row.id, because=row.because) for row in fired.rows],
    )


def explained(explanation: Explanation) -> pb.RuleExplanation:
    """Return how a rule was judged as the contracts write it."""
    return pb.RuleExplanation(
        rule_id=explanation.rule.id,
        truth=TRUTHS[explanation.truth],
        conditions=[_condition(condition) for condition in explanation.conditions],
        element=explanation.element,
    )


def _condition(condition: Condition) -> pb.ConditionExplanation:
    return pb.ConditionExplanation(
        text=condition.text,
        truth=TRUTHS[condition.truth],
        operands=[_operand(operand) for operand in condition.operands],
        depth=condition.depth,
    )


def _operand(operand: Operand) -> pb.Operand:
    return pb.Operand(text=operand.text, value=operand.value or "", missing=operand.missing)
