"""What can be computed from the facts of a verification before rules judge them.

What providers say fills gaps first, so that it is judged like what was typed; what follows from
both comes after. A provider's value that is not what its field is for fills nothing.
"""

from collections.abc import Mapping

from dealgate.kinds.verify.accounts import Belonging
from dealgate.kinds.verify.countries import country_code, country_finding
from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.emails import NO_COMPANY, email_finding
from dealgate.kinds.verify.enrichment import TAKEN, enrich, fill
from dealgate.kinds.verify.fields import TYPED
from dealgate.kinds.verify.likeness import Comparable
from dealgate.kinds.verify.normalizing import normalized
from dealgate.kinds.verify.offers import inferred, located, provided
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.placeholders import placeholder_paths
from dealgate.kinds.verify.plausible import implausible_paths
from dealgate.kinds.verify.regions import region_finding
from dealgate.kinds.verify.stops import opt_outs
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned, is_suspicious
from dealgate.kinds.verify.titles import title_finding
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead


def derive(facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int) -> pb.VerifyFacts:
    """Return the facts with gaps of the lead filled and with `findings`."""
    known = pb.VerifyFacts()
    known.CopyFrom(facts)
    found = field_findings(facts, parameters)
    typed = normalized(facts.lead, found, parameters)
    offers = [*provided(facts, parameters, as_of)]
    filled = Lead()
    filled.CopyFrom(typed)
    done = fill(filled, offers, facts.field_sources, parameters, as_of)
    taken = [offer.field for offer, action in done if action in TAKEN]
    for field in taken:
        _copy(field, filled, known.lead)
    known.findings.CopyFrom(field_findings(known, parameters) if taken else found)
    offers += inferred(known)
    found = known.findings
    found.enrichments.extend(enrich(typed, offers, facts.field_sources, parameters, as_of))
    _compare_candidates(known, parameters)
    found.opt_outs.extend(opt_outs(known, found.candidates, as_of))
    if known.accounts:
        found.accounts.extend(Belonging(known, parameters).findings(known.accounts))
    return known


def field_findings(facts: pb.VerifyFacts, parameters: VerifyParameters) -> pb.VerifyFindings:
    """Return what is computed of the lead's own fields."""
    lead, verify_findings = facts.lead, pb.VerifyFindings()
    typed = {path: text for path, read in TYPED.items() if (text := read(lead))}
    verify_findings.placeholders.extend(placeholder_paths(lead, typed, parameters))
    verify_findings.suspicious.extend(path for path, text in typed.items() if is_suspicious(text))
    given = {path: text for path, text in typed.items() if path not in verify_findings.placeholders}
    verify_findings.implausible.extend(implausible_paths(given))
    if "lead.email" in given:
        _read_email(verify_findings, facts, given, parameters)
    if "lead.country" in given:
        verify_findings.country.CopyFrom(country_finding(given["lead.country"], parameters))
    if "lead.phone" in given:
        region = verify_findings.country.code or _region(facts, parameters)
        words = parameters.phone_extension_words
        verify_findings.phone.CopyFrom(phone_finding(given["lead.phone"], region, words))
    _read_region(verify_findings, given)
    if verify_findings.phone.region and "lead.country" not in given:
        verify_findings.country.code, verify_findings.country.source = (
            verify_findings.phone.region,
            pb.VALUE_SOURCE_INFERRED,
        )
    if "lead.title" in given:
        verify_findings.title.CopyFrom(title_finding(given["lead.title"], parameters.titles))
    return verify_findings


def _region(facts: pb.VerifyFacts, parameters: VerifyParameters) -> str | None:
    """Return where a number is dialled if the person's country is not known: at the company."""
    own = country_code(facts.lead.company.country, parameters)
    return own or facts.default_region or None


def _read_email(
    verify_findings: pb.VerifyFindings,
    facts: pb.VerifyFacts,
    given: Mapping[str, str],
    parameters: VerifyParameters,
) -> None:
    verify_findings.email.CopyFrom(email_finding(given["lead.email"], parameters))
    email = verify_findings.email
    if email.domain_type not in NO_COMPANY:
        for path, field in (
            ("lead.website", "matches_website"),
            ("lead.company.domain", "matches_company_domain"),
        ):
            same = _is_same_domain(email, given.get(path, ""), parameters)
            if same is not None:
                setattr(email, field, same)
    if facts.mail_exchange.result and email.is_valid:
        email.mail_exchange = facts.mail_exchange.result


def _is_same_domain(
    email: pb.EmailFinding, address: str, parameters: VerifyParameters
) -> bool | None:
    """Return None if either is not known."""
    site = registrable(cleaned(address)) if address else ""
    if not site or not email.registrable_domain:
        return None
    aliases = parameters.domain_aliases
    own = email.registrable_domain
    return aliases.get(site, site) == aliases.get(own, own)


def _read_region(verify_findings: pb.VerifyFindings, given: Mapping[str, str]) -> None:
    state, code = given.get("lead.state", ""), given.get("lead.postal_code", "")
    if state or code:
        verify_findings.region.CopyFrom(region_finding(verify_findings.country.code, state, code))


def _compare_candidates(facts: pb.VerifyFacts, parameters: VerifyParameters) -> None:
    if not facts.candidates:
        return
    region = facts.default_region or None
    lead = Comparable(facts.lead, parameters, region)
    facts.findings.candidates.extend(
        lead.against(Comparable(candidate, parameters, region), candidate.id)
        for candidate in facts.candidates
    )


def _copy(field: str, source: Lead, target: Lead) -> None:
    holder, name = located(source, field)
    into, _ = located(target, field)
    value = getattr(holder, name)
    if hasattr(value, "CopyFrom"):
        getattr(into, name).CopyFrom(value)
    else:
        setattr(into, name, value)
