"""The qualify kind: what to do with a lead, by when, and why.

The disposition is folded in `ladder`; what follows from it is in `consequences`, what the
facts say by BANT and MEDDPICC in `frameworks`, what rules and parameters may say in `terms`.
"""

from collections.abc import Sequence

from dealgate.kinds.qualify import consequences, frameworks
from dealgate.kinds.qualify.brief import brief
from dealgate.kinds.qualify.ladder import Verdict, deciding, judged
from dealgate.kinds.qualify.stakes import PROOFS
from dealgate.kinds.qualify.terms import QualifyEffect, QualifyParameters
from dealgate.model import leads, words
from dealgate.model.activity_facts import measured_violations, read_activities
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import computed, non_negative_money, optional_id
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.errors import Violation
from dealgate.model.exchange import convert, exchange_violations, has_no_exchange
from dealgate.model.hours_checks import hours_violations
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_history, read_lead
from dealgate.model.malformed import malformed
from dealgate.model.rules import RuleSet
from dealgate.model.zones import today_message, zone_violations
from dealgate.v1 import lead_pb2
from dealgate.v1 import qualify_pb2 as pb


def check(facts: pb.QualifyFacts, _: QualifyParameters, as_of: int) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *_violations(facts, as_of),
    ]


def check_sound(facts: pb.QualifyFacts, _: QualifyParameters, as_of: int) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return () if _is_usual(facts, as_of) else _violations(facts, as_of)


def _violations(facts: pb.QualifyFacts, as_of: int) -> Sequence[Violation]:
    return [
        *leads.lead_violations(facts.lead, as_of),
        *leads.activity_violations(facts.activities, as_of),
        *leads.history_violations(facts.history, as_of),
        *_money_violations(facts),
        *measured_violations(facts.activities),
        *exchange_violations(facts, as_of),
        *zone_violations("time_zone", facts.time_zone),
        *computed("today", facts.HasField("today")),
        *hours_violations("working_hours", facts.working_hours),
        *_duplicate_violations(facts),
    ]


def _is_usual(facts: pb.QualifyFacts, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a question, as is nearly always so."""
    if facts.time_zone or facts.HasField("today") or facts.HasField("working_hours"):
        return False
    value, budget = facts.annual_contract_value, facts.bant.budget.amount
    return (
        has_no_exchange(facts)
        and not facts.relationship.duplicate_of
        and min(value.units, value.nanos, budget.units, budget.nanos) >= 0
        and 0 <= nanoseconds(facts.history.engagement_reset_at) <= as_of
        and leads.is_usual_lead(facts.lead, as_of)
        and leads.are_usual_activities(facts.activities, as_of)
    )


def derive(facts: pb.QualifyFacts, parameters: QualifyParameters, as_of: int) -> pb.QualifyFacts:
    """Return the facts as rules read them: amounts in one currency, days of one place."""
    known = pb.QualifyFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    read_history(known.history)
    read_activities(known.activities, as_of)
    convert(known, parameters.currency)
    known.today.CopyFrom(today_message(facts.time_zone or parameters.time_zone, as_of))
    return known


def conclude(
    facts: pb.QualifyFacts,
    ruleset: RuleSet[QualifyEffect, QualifyParameters],
    evidence: Evidence[QualifyEffect],
    as_of: int,
) -> Conclusion:
    """Fold the evidence into a QualifyOutcome; its word is the disposition, such as "MQL".

    Never raises: what cannot be decided is on hold, and says why.
    """
    parameters: QualifyParameters = ruleset.parameters
    verdict = judged(evidence, ruleset)
    backward = consequences.moves_backward(verdict, facts)
    outcome = pb.QualifyOutcome(
        disposition=_disposition(verdict.disposition),
        reason_codes=verdict.codes,
        hold_reasons=verdict.reasons,
        withheld_disposition=_disposition(verdict.withheld or "unspecified"),
        holding_rule_ids=verdict.holding,
        missing_facts=verdict.missing,
        bant=frameworks.of_bant(facts),
        meddpicc=frameworks.of_meddpicc(facts),
        sla_due=[] if backward else consequences.sla_due(verdict, facts, parameters, as_of),
        next_actions=consequences.next_actions(verdict, backward=backward),
        moves_backward=backward,
        conversions=facts.conversions,
        deciding_facts=deciding(verdict, evidence),
    )
    _add_dates(outcome, verdict, facts, parameters)
    return Conclusion(outcome, verdict.disposition.upper())


def _add_dates(
    outcome: pb.QualifyOutcome,
    verdict: Verdict,
    facts: pb.QualifyFacts,
    parameters: QualifyParameters,
) -> None:
    if verdict.disposition == "recycle":
        resting = consequences.is_resting(facts)
        until = consequences.recycle_until(verdict, facts, parameters)
        outcome.recycle_until.CopyFrom(facts.history.recycle_until if resting else until)
        outcome.engagement_reset = not resting
        outcome.recycle_count = facts.history.recycle_count + (not resting)
    if verdict.disposition == "nurture" and not outcome.moves_backward:
        outcome.archive_on.CopyFrom(consequences.archive_on(facts, parameters))


def _disposition(name: str) -> lead_pb2.Disposition.ValueType:
    return words.number_of(lead_pb2.Disposition, name)


def _money_violations(facts: pb.QualifyFacts) -> list[Violation]:
    return [
        *non_negative_money("annual_contract_value", facts.annual_contract_value),
        *non_negative_money("bant.budget.amount", facts.bant.budget.amount),
    ]


def _duplicate_violations(facts: pb.QualifyFacts) -> list[Violation]:
    path, survivor = "relationship.duplicate_of", facts.relationship.duplicate_of
    if survivor and survivor == facts.lead.id:
        return [
            Violation(path, "is the lead itself; the survivor is not a duplicate: leave it out")
        ]
    return optional_id(path, survivor)


QUALIFY = Kind(
    name="qualify",
    request=pb.QualifyLeadRequest,
    response=pb.QualifyLeadResponse,
    facts=pb.QualifyFacts,
    effect=QualifyEffect,
    parameters=QualifyParameters,
    entity="lead/lead.id",
    check=check,
    check_sound=check_sound,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency", "time_zone"),
    brief=brief,
    proofs=PROOFS,
)
