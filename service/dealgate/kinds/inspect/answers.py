"""Inspected deals as the answer lists them, in bytes: there are many, and each says as much."""

from collections.abc import Iterable

from dealgate.kinds.inspect.terms import InspectEffect
from dealgate.model import words
from dealgate.model.encoding import integer_field, message_field, text_field
from dealgate.model.rules import Rule
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.gate_pb2 import ReasonSeverity

_deals = message_field(pb.InspectOutcome, "deals")
_opportunity_id = text_field(pb.DealInspection, "opportunity_id")
_score = integer_field(pb.DealInspection, "score")
_issues = message_field(pb.DealInspection, "issues")
_at_risk = message_field(pb.DealInspection, "at_risk")
_open_checks = message_field(pb.DealInspection, "open_checks")
_measures = message_field(pb.DealInspection, "measures")

_code = text_field(pb.DealIssue, "code")
_severity = integer_field(pb.DealIssue, "severity")
_message = text_field(pb.DealIssue, "message")
_fix = text_field(pb.DealIssue, "fix")
_penalty = integer_field(pb.DealIssue, "penalty")
_rule_id = text_field(pb.DealIssue, "rule_id")
_snoozed_until = message_field(pb.DealIssue, "snoozed_until")

_open_code = text_field(pb.OpenCheck, "code")
_open_rule_id = text_field(pb.OpenCheck, "rule_id")
_open_missing = text_field(pb.OpenCheck, "missing_facts")


def issue(rule: Rule[InspectEffect], snooze: pb.Snooze | None) -> bytes:
    """Write an issue as a field of DealInspection, and until when somebody put it off."""
    effect = rule.then
    parts = [
        _code(effect.issue),
        _severity(words.number_of(ReasonSeverity, effect.severity)),
        _message(rule.because),
        _fix(effect.fix),
        _penalty(effect.penalty),
        _rule_id(rule.id),
    ]
    if snooze is not None:
        parts.append(_snoozed_until(snooze.until.SerializeToString(deterministic=True)))
    return _issues(b"".join(parts))


def open_check(rule: Rule[InspectEffect], missing: Iterable[str]) -> bytes:
    """Write a check that waits for facts as a field of DealInspection."""
    lacking = map(_open_missing, missing)
    return _open_checks(b"".join((_open_code(rule.then.issue), _open_rule_id(rule.id), *lacking)))


def inspection(
    deal: pb.PipelineDeal,
    score: int,
    issues: Iterable[bytes],
    open_checks: Iterable[bytes],
    *,
    at_risk: bool,
) -> bytes:
    """Write a deal as a field of InspectOutcome; `at_risk`: its amount is."""
    one = deal.opportunity
    risk = _at_risk(one.amount.SerializeToString(deterministic=True)) if at_risk else b""
    measures = _measures(deal.measures.SerializeToString(deterministic=True))
    parts = (_opportunity_id(one.id), _score(score), *issues, risk, *open_checks, measures)
    return _deals(b"".join(parts))
