"""What can be wrong with the facts of a verification.

A badly typed value is not a violation: reporting those is what the kind is for.
"""

import re
from collections.abc import Iterable, Sequence

from google.protobuf.message import Message

from dealgate.kinds.verify.emails import ascii_domain
from dealgate.kinds.verify.fields import ENRICHABLE
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.model import leads
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    ID_LENGTH,
    at_most,
    computed,
    has_happened,
    not_after,
    required,
    required_id,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.instants import SECOND
from dealgate.model.malformed import malformed
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

# Every rule about candidates judges every candidate, and each is parsed like the lead itself.
CANDIDATES_MAX = 100
RECORDS_MAX = 20
CONSENTS_MAX = 200
NAMES_MAX = 50
TEXT_LENGTH = 512
# Values that a provider offers: one that is wrong is rejected, and refuses nothing else.
OFFERED = re.compile(r"provider_records\[\d+\]\.lead\.")


def violations(
    facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *(one for one in (*malformed(facts), *out_of_bounds(facts)) if not _offered(one)),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    del parameters
    return [
        *_lead("lead", facts.lead, as_of),
        *leads.country("default_region", facts, "default_region"),
        *_consents(facts, as_of),
        *_mail_exchange(facts),
        *_candidates(facts, as_of),
        *_records(facts.provider_records),
        *_accounts(facts.accounts),
        *_sources(facts.field_sources, as_of),
        *computed("findings", facts.HasField("findings")),
    ]


def _offered(violation: Violation) -> bool:
    return OFFERED.match(violation.field) is not None


def _lead(path: str, lead: Lead, as_of: int) -> list[Violation]:
    """Return what is wrong with a lead whose countries may be written in any way."""
    if _is_usual_lead(lead, as_of):
        return []
    written = Lead()
    written.CopyFrom(lead)
    written.ClearField("country")
    written.company.ClearField("country")
    violations = [
        Violation(lead_violation.field.replace("lead", path, 1), lead_violation.description)
        for lead_violation in leads.lead_violations(written, as_of)
    ]
    return violations + _long(path, lead) + _long(f"{path}.company", lead.company)


def _is_usual_lead(lead: Lead, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a lead, as is nearly always so."""
    company, created = lead.company, lead.created_at
    revenue = company.annual_revenue
    return (
        0 < len(lead.id) <= ID_LENGTH
        and lead.ByteSize() <= TEXT_LENGTH  # and so is each of its texts
        and created.seconds * SECOND + created.nanos <= as_of
        and len(company.id) <= ID_LENGTH
        and min(revenue.units, revenue.nanos) >= 0
    )


def _long(path: str, holder: Message) -> list[Violation]:
    cure = f"is longer than {TEXT_LENGTH} characters; it is not a name, address or number"
    return [
        Violation(f"{path}.{field.name}", cure)
        for field, value in holder.ListFields()
        if isinstance(value, str) and len(value) > TEXT_LENGTH and field.name != "id"
    ]


def _consents(facts: pb.VerifyFacts, as_of: int) -> list[Violation]:
    violations = at_most("consents", facts.consents, CONSENTS_MAX)
    violations += at_most("opt_outs", facts.opt_outs, CONSENTS_MAX)
    for index, consent in enumerate(facts.consents):
        path = f"consents[{index}]"
        violations += required(f"{path}.channel", consent.channel)
        violations += required(f"{path}.basis", consent.basis)
        violations += has_happened(f"{path}.captured_at", consent.captured_at, as_of)
        violations += has_happened(f"{path}.confirmed_at", consent.confirmed_at, as_of)
        if consent.HasField("expires_at"):
            limit = f"{path}.expires_at"
            violations += not_after(
                f"{path}.captured_at", consent.captured_at, limit, consent.expires_at
            )
    for index, opt_out in enumerate(facts.opt_outs):
        violations += required(f"opt_outs[{index}].channel", opt_out.channel)
        violations += has_happened(f"opt_outs[{index}].at", opt_out.at, as_of)
    return violations


def _mail_exchange(facts: pb.VerifyFacts) -> list[Violation]:
    if not facts.HasField("mail_exchange"):
        return []
    violations = required("mail_exchange.result", facts.mail_exchange.result)
    asked, path = facts.mail_exchange.domain.casefold(), "mail_exchange.domain"
    if not asked:
        return [*violations, *required(path, asked)]
    if asked != ascii_domain(facts.lead.email):
        violations.append(Violation(path, "is not the domain of lead.email, in ASCII"))
    return violations


def _candidates(facts: pb.VerifyFacts, as_of: int) -> list[Violation]:
    violations = at_most("candidates", facts.candidates, CANDIDATES_MAX)
    if violations:
        return violations
    violations = unique_ids("candidates", (one.id for one in facts.candidates))
    for index, candidate in enumerate(facts.candidates):
        violations += _lead(f"candidates[{index}]", candidate, as_of)
        if candidate.id and candidate.id == facts.lead.id:
            wrong = "is the lead itself; leave it out"
            violations.append(Violation(f"candidates[{index}].id", wrong))
    return violations


def _records(records: Sequence[pb.ProviderRecord]) -> list[Violation]:
    """What a provider says is judged value by value (`offers.py`); who says it must be given."""
    violations = at_most("provider_records", records, RECORDS_MAX)
    for index, record in enumerate(records):
        path = f"provider_records[{index}]"
        violations += required_id(f"{path}.provider", record.provider)
        violations += required(f"{path}.source", record.source)
        violations += required(f"{path}.observed_at", record.HasField("observed_at"))
    return violations


def _accounts(accounts: Sequence[pb.AccountCandidate]) -> list[Violation]:
    violations = at_most("accounts", accounts, CANDIDATES_MAX)
    if violations:
        return violations
    violations = unique_ids("accounts", (one.id for one in accounts))
    for index, account in enumerate(accounts):
        path = f"accounts[{index}]"
        violations += required_id(f"{path}.id", account.id)
        violations += _long(path, account)
        violations += at_most(f"{path}.domains", account.domains, NAMES_MAX)
        violations += at_most(f"{path}.other_names", account.other_names, NAMES_MAX)
        if account.parent_id and account.parent_id == account.id:
            violations.append(Violation(f"{path}.parent_id", "is the account itself; leave it out"))
    return violations


def _sources(sources: Iterable[pb.FieldSource], as_of: int) -> list[Violation]:
    listed = [*sources]
    violations = unique_ids("field_sources", (one.field for one in listed), "field")
    for index, one in enumerate(listed):
        path = f"field_sources[{index}]"
        if one.field not in ENRICHABLE:
            cure = f"is not a field with a source; those fields are: {', '.join(ENRICHABLE)}"
            violations.append(Violation(f"{path}.field", cure))
        violations += has_happened(f"{path}.observed_at", one.observed_at, as_of)
    return violations
