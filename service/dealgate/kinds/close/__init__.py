"""The close kind: may this deal be closed, and is its contract in order?

It is a gate like advance. `contract` holds what every contract keeps whatever the rules say: an
end that follows from start and term, and items that add up to the cent. Rules say the rest. What
a contract is to the one before it, `succession` tells; a deal that is lost needs no contract.
"""

from dealgate.kinds.close.contract import contract_findings, item_totals, total_message
from dealgate.kinds.close.succession import notice_day, succeed
from dealgate.kinds.close.terms import CloseEffect, CloseParameters
from dealgate.kinds.close.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.days import EPOCH
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.exchange import as_sent, convert
from dealgate.model.gates.approvals import Consent
from dealgate.model.gates.findings import GateFinding, findings, waivers
from dealgate.model.gates.ruling import Ruling, ruled, ruled_briefly
from dealgate.model.kind import Kind
from dealgate.model.rules import RuleSet
from dealgate.v1 import close_pb2 as pb

WON = pb.DEAL_ENDING_WON
EVENTS = {WON: "opportunity.closed_won", pb.DEAL_ENDING_LOST: "opportunity.closed_lost"}


def conclude(
    facts: pb.CloseFacts,
    ruleset: RuleSet[CloseEffect, CloseParameters],
    evidence: Evidence[CloseEffect],
    _: int,
) -> Conclusion:
    """Return the CloseOutcome; its word is allow, block or requires_approval."""
    parameters = ruleset.parameters
    sent = as_sent(facts)
    totals, is_won = item_totals(sent), facts.ending == WON
    conclusion: list[GateFinding] = [*contract_findings(sent, totals)] if is_won else []
    conclusion += findings(ruleset, evidence)
    consent = Consent(facts.opportunity, facts.approvals, parameters.stands_in)
    ruling = ruled(facts, consent, conclusion, waivers(evidence))
    outcome = pb.CloseOutcome(
        items_total=total_message(sent, totals), conversions=facts.conversions
    )
    _say(outcome, ruling)
    if is_won:
        succeed(outcome, facts, parameters)
    if outcome.decision == pb.CLOSE_DECISION_ALLOW:
        outcome.events.extend(_events(facts))
    return Conclusion(outcome, ruling.word)


def brief(
    facts: pb.CloseFacts,
    ruleset: RuleSet[CloseEffect, CloseParameters],
    evidence: Evidence[CloseEffect],
    _: int,
) -> Brief:
    """Return the decision as `conclude` does, and the date that parameters move."""
    sent, is_won = as_sent(facts), facts.ending == WON
    conclusion: list[GateFinding] = [*contract_findings(sent, item_totals(sent))] if is_won else []
    conclusion += findings(ruleset, evidence)
    consent = Consent(facts.opportunity, facts.approvals, ruleset.parameters.stands_in)
    word = ruled_briefly(consent, conclusion, waivers(evidence))
    noticed = is_won and facts.contract.HasField("end_date")
    day = notice_day(facts.contract, ruleset.parameters) if noticed else None
    return Brief(word, {} if day is None else {"renewal_notice_date": float(day - EPOCH)})


def derive(facts: pb.CloseFacts, parameters: CloseParameters, _: int) -> pb.CloseFacts:
    """Return the facts as rules read them: amounts in one currency, if the rule set names one."""
    if parameters.currency is None:
        return facts
    known = pb.CloseFacts()
    known.CopyFrom(facts)
    convert(known, parameters.currency)
    return known


def _say(outcome: pb.CloseOutcome, ruling: Ruling) -> None:
    outcome.decision = words.number_of(pb.CloseDecision, ruling.word)
    ruling.tell(outcome)


def _events(facts: pb.CloseFacts) -> list[str]:
    events = [EVENTS[facts.ending]]
    if facts.ending == WON and facts.contract.status != pb.CONTRACT_STATUS_ACTIVATED:
        events.append("contract.to_activate")
    return events


CLOSE = Kind(
    name="close",
    request=pb.CloseDealRequest,
    response=pb.CloseDealResponse,
    facts=pb.CloseFacts,
    effect=CloseEffect,
    parameters=CloseParameters,
    entity="opportunity/opportunity.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency",),
    brief=brief,
)
