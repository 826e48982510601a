"""What becomes of a lead's facts once something was looked up for it."""

from collections.abc import Sequence

from dealgate.kinds.verify.emails import ascii_domain
from dealgate.kinds.verify.violations import CANDIDATES_MAX
from dealgate.model.decision import Decision
from dealgate.model.lookups import MailLookup
from dealgate.v1 import verify_pb2 as pb


def with_earlier(facts: pb.VerifyFacts, decisions: Sequence[Decision]) -> pb.VerifyFacts:
    """Return the facts with leads and accounts of earlier decisions, as they were verified then."""
    known = with_candidates(facts, decisions) if facts.find_candidates else facts
    return with_accounts(known, decisions) if facts.find_accounts else known


def with_accounts(facts: pb.VerifyFacts, decisions: Sequence[Decision]) -> pb.VerifyFacts:
    """Return the facts with the accounts that earlier leads belonged to, the newest first."""
    answers = (pb.VerifyLeadResponse.FromString(decision.answer) for decision in decisions)
    known = pb.VerifyFacts()
    known.CopyFrom(facts)
    told = {one.id for one in known.accounts}
    for company in (answer.outcome.lead.company for answer in answers):
        if company.id and company.id not in told and len(known.accounts) < CANDIDATES_MAX:
            told.add(company.id)
            account = known.accounts.add(id=company.id, name=company.name or None)
            account.domains.extend([company.domain] if company.domain else [])
            if company.country:
                account.country = company.country
    return known


def with_candidates(facts: pb.VerifyFacts, decisions: Sequence[Decision]) -> pb.VerifyFacts:
    """Return the facts with the leads of earlier decisions, as they were verified then."""
    told = {facts.lead.id, *(candidate.id for candidate in facts.candidates)}
    answers = (pb.VerifyLeadResponse.FromString(decision.answer) for decision in decisions)
    leads = [lead for lead in (answer.outcome.lead for answer in answers) if lead.id not in told]
    known = pb.VerifyFacts()
    known.CopyFrom(facts)
    known.candidates.extend(leads[: max(CANDIDATES_MAX - len(known.candidates), 0)])
    return known


def _with_mail_exchange(facts: pb.VerifyFacts, answer: pb.MailExchange) -> pb.VerifyFacts:
    known = pb.VerifyFacts()
    known.CopyFrom(facts)
    known.mail_exchange.CopyFrom(answer)
    return known


MAIL: MailLookup[pb.VerifyFacts] = MailLookup(
    asked_by="look_up_mail_exchange",
    told_by="mail_exchange",
    domain=lambda facts: ascii_domain(facts.lead.email),
    with_answer=_with_mail_exchange,
)
