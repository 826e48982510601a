"""Values that others offer for the lead, or that follow from what is known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.money_pb2 import Money

from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.emails import email_finding, own_domain
from dealgate.kinds.verify.fields import ENRICHABLE
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.placeholders import is_placeholder
from dealgate.kinds.verify.plausible import is_plausible
from dealgate.kinds.verify.regions import state_by_postal_code
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.model import money
from dealgate.model.instants import SKEW, nanoseconds
from dealgate.model.leads import COUNTRIES
from dealgate.model.quick import quick
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

OURSELVES = "dealgate"
LENGTH = 512  # characters: a longer text is not a name, address or number


@quick
@dataclass(frozen=True, slots=True)
class Offer:
    """A value for a field; `observed_at` in nanoseconds, None: computed. `problem`: unusable."""

    field: str
    value: Any
    provider: str
    source: pb.ValueSource.ValueType
    observed_at: int | None = None
    confidence: str = ""
    problem: str = ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """The most trusted first, then the newest, then by name."""
        return self.source, -(self.observed_at or 0), self.provider


def located(lead: Lead, field: str) -> tuple[Any, str]:
    """Return the message that holds a field, and the field's name in it."""
    is_companys, name = place(field)
    return (lead.company if is_companys else lead), name


@cache
def place(field: str) -> tuple[bool, str]:
    """Return whether a field is the company's, and its name."""
    *_, owner, name = field.split(".")
    return owner == "company", name


def provided(facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int) -> Iterator[Offer]:
    """Yield what providers say, each value in the form of its field or with what is wrong."""
    for record in facts.provider_records:
        reading = _Reading(record.lead, parameters, facts.default_region)
        observed_at = nanoseconds(record.observed_at)
        late = "was observed after as_of" if observed_at > as_of + SKEW else ""
        for field in ENRICHABLE:
            holder, name = located(record.lead, field)
            if holder.HasField(name) and _says_something(holder, name):
                value, problem = reading.value(field, getattr(holder, name))
                yield Offer(
                    field,
                    value,
                    record.provider,
                    record.source,
                    observed_at,
                    record.confidence.value,
                    problem or late,
                )


def inferred(facts: pb.VerifyFacts) -> Iterator[Offer]:
    """What follows from other values: our reference tables are a provider like any other."""
    email, findings = facts.findings.email, facts.findings
    phone_tells = findings.country.source == pb.VALUE_SOURCE_INFERRED
    values: Mapping[str, Any] = {
        "lead.seniority": findings.title.seniority,
        "lead.job_function": findings.title.job_function,
        "lead.email_domain_type": email.domain_type,
        "lead.is_role_account": email.is_role_account if email.is_valid else None,
        "lead.country": findings.country.code if phone_tells else None,
        "lead.state": _state(facts),
        "lead.company.domain": own_domain(email) if email.has_known_suffix else None,
    }
    for field, value in values.items():
        if value or value is False:
            yield Offer(field, value, OURSELVES, pb.VALUE_SOURCE_INFERRED)


def _state(facts: pb.VerifyFacts) -> str:
    """A postal code gives the state, if the country is known and its codes do."""
    findings = facts.findings
    if findings.country.source == pb.VALUE_SOURCE_INFERRED:
        return ""
    found = state_by_postal_code(findings.country.code, findings.region.postal_code)
    return "" if found is None else found.written


class _Reading:
    """Reads one provider's values as the lead's own are read."""

    def __init__(self, lead: Lead, parameters: VerifyParameters, region: str) -> None:
        self._parameters = parameters
        self._region = country_code(lead.country, parameters) or region or None

    def value(self, field: str, value: Any) -> tuple[Any, str]:
        """Return the value in its field's form, and what is wrong with it."""
        if isinstance(value, str):
            return self._text(field, value)
        if isinstance(value, Money):
            wrong = money.fault(value) or ("must not be negative" if _is_negative(value) else "")
            return value, wrong or ""
        if field == "lead.company.employees":
            return value, "" if value > 0 else "is not a number of people"
        holder, name = located(Lead(), field)
        enum = holder.DESCRIPTOR.fields_by_name[name].enum_type
        declared = enum is None or value in enum.values_by_number
        return value, "" if declared else "is not a value that the contract declares"

    def _text(self, field: str, text: str) -> tuple[str, str]:
        bare = cleaned(text)
        if len(text) > LENGTH:
            return bare[:LENGTH], f"is longer than {LENGTH} characters"
        if is_placeholder(field, text, self._parameters):
            return bare, "says nothing"
        if not is_plausible(field, text):
            return bare, "is not what this field is for"
        read = self._forms().get(field)
        return (bare, "") if read is None else read(bare)

    def _forms(self) -> Mapping[str, Callable[[str], tuple[str, str]]]:
        return {
            "lead.email": self._email,
            "lead.phone": self._phone,
            "lead.country": self._country,
            "lead.company.country": self._country,
            "lead.company.domain": lambda text: (registrable(text), ""),
        }

    def _email(self, text: str) -> tuple[str, str]:
        found = email_finding(text, self._parameters)
        return (found.normalized, "") if found.is_valid else (text, "is not an e-mail address")

    def _phone(self, text: str) -> tuple[str, str]:
        found = phone_finding(text, self._region, self._parameters.phone_extension_words)
        known = found.is_valid
        return (found.e164, "") if known else (text, "is not a phone number that is given out")

    def _country(self, text: str) -> tuple[str, str]:
        code = country_code(text, self._parameters)
        known = code in COUNTRIES
        return (code, "") if known else (text, "is not a country's name or code")


def _is_negative(amount: Money) -> bool:
    return bool(amount.units < 0 or amount.nanos < 0)


def _says_something(holder: Message, name: str) -> bool:
    """The enum value that means missing offers nothing."""
    descriptor = holder.DESCRIPTOR.fields_by_name[name]
    return descriptor.type != FieldDescriptor.TYPE_ENUM or bool(getattr(holder, name))
