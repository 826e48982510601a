"""The lead as other kinds should be asked about it: values that were understood, in one form."""

from google.protobuf.message import Message

from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

TEXTS = (
    "first_name",
    "last_name",
    "title",
    "email",
    "phone",
    "website",
    "country",
    "state",
    "city",
    "postal_code",
)


def normalized(facts: pb.VerifyFacts, parameters: VerifyParameters) -> Lead:
    """Return a copy: texts cleaned, placeholders and unknown countries gone, opt-outs set."""
    lead, findings = Lead(), facts.findings
    lead.CopyFrom(facts.lead)
    for name in TEXTS:
        _clean(lead, name, f"lead.{name}", findings)
    for name in ("name", "domain", "country"):
        _clean(lead.company, name, f"lead.company.{name}", findings)
    _set(lead, "email", findings.email.normalized or lead.email)
    _set(lead, "phone", findings.phone.e164 or lead.phone)
    _set(lead, "country", country_code(lead.country, parameters.country_names))
    company = lead.company
    if company.HasField("country"):
        _set(company, "country", country_code(company.country, parameters.country_names))
    stopped = {one.channel for one in facts.opt_outs}
    if pb.CHANNEL_EMAIL in stopped:
        lead.has_opted_out_of_email = True
    if pb.CHANNEL_PHONE in stopped:
        lead.do_not_call = True
    return lead


def _clean(holder: Message, name: str, path: str, findings: pb.VerifyFindings) -> None:
    text = "" if path in findings.placeholders else cleaned(getattr(holder, name))
    _set(holder, name, text)


def _set(holder: Message, name: str, text: str) -> None:
    """An empty text is not known: another kind would take it for a value."""
    if text:
        setattr(holder, name, text)
    elif holder.HasField(name):
        holder.ClearField(name)
