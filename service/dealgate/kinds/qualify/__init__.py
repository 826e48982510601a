"""The qualify kind: what to do with a lead, by when, and why.

The disposition is folded in `ladder`; what follows from it is in `consequences`, what the
facts say by BANT and MEDDPICC in `frameworks`, what rules and parameters may say in `terms`.
"""

from collections.abc import Sequence

from dealgate.kinds.qualify import consequences, frameworks
from dealgate.kinds.qualify.ladder import Verdict, judged
from dealgate.kinds.qualify.terms import QualifyEffect, QualifyParameters
from dealgate.model import leads
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    malformed,
    non_negative_money,
    optional_id,
)
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.errors import Violation
from dealgate.model.kind import Kind
from dealgate.model.rules import RuleSet
from dealgate.v1 import lead_pb2
from dealgate.v1 import qualify_pb2 as pb


def check(facts: pb.QualifyFacts, parameters: QualifyParameters, as_of: int) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *leads.lead_violations(facts.lead, as_of),
        *leads.activity_violations(facts.activities, as_of),
        *leads.history_violations(facts.history, as_of),
        *_money_violations(facts, parameters.currency),
        *_duplicate_violations(facts),
    ]


def conclude(
    facts: pb.QualifyFacts,
    ruleset: RuleSet[QualifyEffect, QualifyParameters],
    evidence: Evidence[QualifyEffect],
    as_of: int,
) -> Conclusion:
    """Fold the evidence into a QualifyOutcome; its word is the disposition, such as "MQL".

    Never raises: what cannot be decided is on hold, and says why.
    """
    verdict = judged(evidence, ruleset)
    backward = consequences.moves_backward(verdict, facts)
    outcome = pb.QualifyOutcome(
        disposition=_disposition(verdict.disposition),
        reason_codes=verdict.codes,
        hold_reasons=verdict.reasons,
        withheld_disposition=_disposition(verdict.withheld or "unspecified"),
        holding_rule_ids=verdict.holding,
        missing_facts=verdict.missing,
        bant=frameworks.bant(facts.bant),
        meddpicc=frameworks.meddpicc(facts.meddpicc),
        sla_due=[] if backward else consequences.sla_due(verdict, ruleset.parameters, as_of),
        next_actions=consequences.next_actions(verdict, backward=backward),
        moves_backward=backward,
    )
    _add_dates(outcome, verdict, facts, ruleset.parameters, as_of)
    return Conclusion(outcome, verdict.disposition.upper())


def _add_dates(
    outcome: pb.QualifyOutcome,
    verdict: Verdict,
    facts: pb.QualifyFacts,
    parameters: QualifyParameters,
    as_of: int,
) -> None:
    if verdict.disposition == "recycle":
        resting = consequences.is_resting(facts, as_of)
        until = consequences.recycle_until(verdict, facts, parameters, as_of)
        outcome.recycle_until.CopyFrom(facts.history.recycle_until if resting else until)
        outcome.engagement_reset = not resting
        outcome.recycle_count = facts.history.recycle_count + (not resting)
    if verdict.disposition == "nurture" and not outcome.moves_backward:
        outcome.archive_on.CopyFrom(consequences.archive_on(parameters, as_of))


def _disposition(name: str) -> lead_pb2.Disposition.ValueType:
    return lead_pb2.Disposition.Value(f"DISPOSITION_{name.upper()}")


def _money_violations(facts: pb.QualifyFacts, currency: str) -> list[Violation]:
    amounts = (
        ("annual_contract_value", facts.annual_contract_value),
        ("bant.budget.amount", facts.bant.budget.amount),
    )
    revenue = ("lead.company.annual_revenue", facts.lead.company.annual_revenue)
    negative = [non_negative_money(path, amount) for path, amount in amounts]
    found = [*negative, leads.foreign(currency, revenue, *amounts)]
    return [violation for violations in found for violation in violations]


def _duplicate_violations(facts: pb.QualifyFacts) -> list[Violation]:
    path, survivor = "relationship.duplicate_of", facts.relationship.duplicate_of
    if survivor and survivor == facts.lead.id:
        return [Violation(path, "is the lead itself; the survivor is no duplicate: leave it out")]
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
    conclude=conclude,
)
