"""The lead as other kinds should be asked about it: values that were understood, in one form."""

from collections.abc import Iterable

from google.protobuf.message import Message

from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.enrichment import TAKEN
from dealgate.kinds.verify.fields import TYPED
from dealgate.kinds.verify.offers import OURSELVES, inferred, located, place
from dealgate.kinds.verify.plausible import DOMAINS
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

# The fields that people type: their paths, whether they are the company's, and their names.
PLACES = tuple((path, *place(path)) for path in TYPED)


def normalized(lead: Lead, findings: pb.VerifyFindings, parameters: VerifyParameters) -> Lead:
    """Return a copy: texts cleaned; placeholders, invalid domains and a headcount of 0 removed.

    A country that is not known stays as it was typed in `country_text`: other kinds read codes.
    """
    known = Lead()
    known.CopyFrom(lead)
    nothing = {*findings.placeholders, *DOMAINS.intersection(findings.implausible)}
    company = known.company
    for path, is_companys, name in PLACES:
        holder: Message = company if is_companys else known
        if not holder.HasField(name):
            continue
        typed: str = getattr(holder, name)
        text = "" if path in nothing else cleaned(typed)
        if text != typed or not text:
            _set(holder, name, text)
    phone, region = findings.phone, findings.region
    _set(known, "email", findings.email.normalized or known.email)
    _set(known, "phone", phone.e164 or known.phone)
    _set(known, "phone_extension", phone.extension or known.phone_extension)
    _set(known, "state", region.state or known.state)
    _set(known, "postal_code", region.postal_code or known.postal_code)
    code = country_code(known.country, parameters)
    _set(known, "country_text", "" if code else known.country or known.country_text)
    _set(known, "country", code)
    _normalize_company(known, parameters)
    return known


def concluded(facts: pb.VerifyFacts, parameters: VerifyParameters, stopped: Iterable[int]) -> Lead:
    """Return the lead of derived facts, with what follows from others, and what it opted out of."""
    lead = normalized(facts.lead, facts.findings, parameters)
    taken = {
        enrichment.field
        for enrichment in facts.findings.enrichments
        if enrichment.provider == OURSELVES and enrichment.action in TAKEN
    }
    for offer in inferred(facts):
        if offer.field in taken:
            holder, name = located(lead, offer.field)
            setattr(holder, name, offer.value)
    if pb.CHANNEL_EMAIL in stopped:
        lead.has_opted_out_of_email = True
    if pb.CHANNEL_PHONE in stopped:
        lead.do_not_call = True
    return lead


def _normalize_company(lead: Lead, parameters: VerifyParameters) -> None:
    if not lead.HasField("company"):
        return
    company = lead.company
    if company.HasField("country"):
        _set(company, "country", country_code(company.country, parameters))
    if company.domain:
        _set(company, "domain", registrable(company.domain) or company.domain)
    # Most systems write 0 where nobody knows: a company is at least one person.
    if company.HasField("employees") and company.employees == 0:
        company.ClearField("employees")


def _set(holder: Message, name: str, text: str) -> None:
    """An empty text is not known: another kind would take it for a value."""
    if text:
        setattr(holder, name, text)
    elif holder.HasField(name):
        holder.ClearField(name)
