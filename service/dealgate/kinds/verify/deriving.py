"""What can be computed from the facts of a verification before rules judge them."""

from collections.abc import Callable, Sequence

from dealgate.kinds.verify.countries import country_finding
from dealgate.kinds.verify.emails import email_finding, registrable
from dealgate.kinds.verify.likeness import Comparable
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import is_placeholder, is_suspicious
from dealgate.kinds.verify.titles import title_finding
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

TYPED: Sequence[tuple[str, Callable[[Lead], str]]] = (
    ("lead.first_name", lambda lead: lead.first_name),
    ("lead.last_name", lambda lead: lead.last_name),
    ("lead.title", lambda lead: lead.title),
    ("lead.email", lambda lead: lead.email),
    ("lead.phone", lambda lead: lead.phone),
    ("lead.website", lambda lead: lead.website),
    ("lead.country", lambda lead: lead.country),
    ("lead.state", lambda lead: lead.state),
    ("lead.city", lambda lead: lead.city),
    ("lead.postal_code", lambda lead: lead.postal_code),
    ("lead.company.name", lambda lead: lead.company.name),
    ("lead.company.domain", lambda lead: lead.company.domain),
    ("lead.company.country", lambda lead: lead.company.country),
)


def derive(facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int) -> pb.VerifyFacts:
    """Return the facts with `findings`; what the clock says does not enter into them."""
    del as_of
    known = pb.VerifyFacts()
    known.CopyFrom(facts)
    found, lead = known.findings, facts.lead
    found.SetInParent()
    typed = {path: text for path, read in TYPED if (text := read(lead))}
    found.placeholders.extend(
        path for path, text in typed.items() if _is_empty(path, text, parameters)
    )
    found.suspicious.extend(path for path, text in typed.items() if is_suspicious(text))
    given = {path: text for path, text in typed.items() if path not in found.placeholders}
    if "lead.email" in given:
        found.email.CopyFrom(email_finding(given["lead.email"], parameters))
        _compare_website(found.email, given.get("lead.website", ""), parameters)
        if facts.mail_exchange.result and found.email.is_valid:
            found.email.mail_exchange = facts.mail_exchange.result
    if "lead.country" in given:
        found.country.CopyFrom(country_finding(given["lead.country"], parameters.country_names))
    if "lead.phone" in given:
        region = found.country.code or facts.default_region or None
        found.phone.CopyFrom(phone_finding(given["lead.phone"], region))
    if found.phone.region and "lead.country" not in given:
        found.country.code, found.country.source = found.phone.region, pb.VALUE_SOURCE_INFERRED
    if "lead.title" in given:
        found.title.CopyFrom(title_finding(given["lead.title"]))
    _compare_candidates(known, parameters)
    return known


def _is_empty(path: str, text: str, parameters: VerifyParameters) -> bool:
    if path != "lead.email":
        return is_placeholder(text, parameters.placeholders)
    local, at, _ = text.rpartition("@")
    return is_placeholder(local if at else text, parameters.placeholders)


def _compare_website(email: pb.EmailFinding, website: str, parameters: VerifyParameters) -> None:
    site = registrable(website) if website else ""
    if site and email.registrable_domain:
        names = [site, email.registrable_domain]
        one, other = (parameters.domain_aliases.get(name, name) for name in names)
        email.matches_website = one == other


def _compare_candidates(facts: pb.VerifyFacts, parameters: VerifyParameters) -> None:
    if not facts.candidates:
        return
    region = facts.default_region or None
    lead = Comparable(facts.lead, parameters, region)
    facts.findings.candidates.extend(
        lead.against(Comparable(candidate, parameters, region), candidate.id)
        for candidate in facts.candidates
    )
