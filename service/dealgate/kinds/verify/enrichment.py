"""Values that others offer for the lead: which fill it, which are set aside, and why.

A gap is filled by the source that is trusted most, the newest of them first. A value that is
there stays, unless the rule set replaces lesser sources and it is known to be from one; a value
that somebody made sure of always stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.kinds.verify.emails import own_domain
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.model import money
from dealgate.model.folds import grouped
from dealgate.model.instants import DAY, deadline, nanoseconds, timestamp
from dealgate.model.points import plain
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

ENRICHABLE: Sequence[str] = (
    "lead.first_name",
    "lead.last_name",
    "lead.title",
    "lead.seniority",
    "lead.job_function",
    "lead.email",
    "lead.email_domain_type",
    "lead.is_role_account",
    "lead.phone",
    "lead.website",
    "lead.country",
    "lead.state",
    "lead.city",
    "lead.postal_code",
    "lead.company.name",
    "lead.company.domain",
    "lead.company.industry",
    "lead.company.employees",
    "lead.company.annual_revenue",
    "lead.company.country",
)
OURSELVES = "dealgate"
MINE = pb.FieldSource(source=pb.VALUE_SOURCE_CUSTOMER)


@dataclass(frozen=True, slots=True)
class Offer:
    """A value for a field; `observed_at` in nanoseconds, None: computed."""

    field: str
    value: Any
    provider: str
    source: pb.ValueSource.ValueType
    observed_at: int | None = None
    confidence: str = ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """The most trusted first, then the newest, then by name."""
        return self.source, -(self.observed_at or 0), self.provider


def enrich(
    lead: Lead, facts: pb.VerifyFacts, parameters: VerifyParameters, as_of: int
) -> list[pb.Enrichment]:
    """Fill the gaps of `lead`, and return what became of every value that was offered."""
    offers = [*_provided(facts), *_inferred(facts)]
    found: list[pb.Enrichment] = []
    for field, rivals in grouped(offers, lambda one: one.field).items():
        source = next((one for one in facts.field_sources if one.field == field), MINE)
        found += _settled(lead, sorted(rivals, key=lambda one: one.rank), source, parameters, as_of)
    return sorted(found, key=lambda one: ENRICHABLE.index(one.field))


def size_band(lead: Lead) -> pb.SizeBand.ValueType | None:
    """Return how large the company is; None if nobody knows."""
    if not lead.company.HasField("employees") or lead.company.employees == 0:
        return None
    bands: Mapping[int, pb.SizeBand.ValueType] = {
        10: pb.SIZE_BAND_MICRO,
        50: pb.SIZE_BAND_SMALL,
        250: pb.SIZE_BAND_MEDIUM,
        1000: pb.SIZE_BAND_LARGE,
    }
    fitting = (band for most, band in bands.items() if lead.company.employees <= most)
    return next(fitting, pb.SIZE_BAND_ENTERPRISE)


def _settled(
    lead: Lead,
    rivals: Sequence[Offer],
    source: pb.FieldSource,
    parameters: VerifyParameters,
    as_of: int,
) -> Iterator[pb.Enrichment]:
    chosen = False
    for offer in rivals:
        action = _action(lead, offer, source, parameters, as_of)
        takes = action in {pb.ENRICHMENT_ACTION_FILLED, pb.ENRICHMENT_ACTION_REPLACED}
        if chosen and action != pb.ENRICHMENT_ACTION_STALE:
            action = pb.ENRICHMENT_ACTION_OUTRANKED
        elif takes:
            chosen = True
            _write(lead, offer)
        yield _enrichment(offer, action, parameters)


def _action(
    lead: Lead,
    offer: Offer,
    source: pb.FieldSource,
    parameters: VerifyParameters,
    as_of: int,
) -> pb.EnrichmentAction.ValueType:
    if _is_stale(offer, parameters, as_of):
        return pb.ENRICHMENT_ACTION_STALE
    holder, name = _place(lead, offer.field)
    known = holder.HasField(name)
    if known and getattr(holder, name) == offer.value:
        return pb.ENRICHMENT_ACTION_CONFIRMED
    if source.is_verified:
        return pb.ENRICHMENT_ACTION_KEPT_VERIFIED
    if not known:
        return pb.ENRICHMENT_ACTION_FILLED
    outranks = parameters.replace_lesser and offer.source < source.source
    return pb.ENRICHMENT_ACTION_REPLACED if outranks else pb.ENRICHMENT_ACTION_KEPT


def _is_stale(offer: Offer, parameters: VerifyParameters, as_of: int) -> bool:
    expiry = _expiry(offer, parameters)
    return expiry is not None and expiry <= as_of


def _expiry(offer: Offer, parameters: VerifyParameters) -> int | None:
    days = parameters.stale_after_days.get(offer.field)
    if days is None or offer.observed_at is None:
        return None
    return offer.observed_at + days * DAY


def _provided(facts: pb.VerifyFacts) -> Iterator[Offer]:
    for record in facts.provider_records:
        for field in ENRICHABLE:
            holder, name = _place(record.lead, field)
            if holder.HasField(name) and _says_something(holder, name):
                yield Offer(
                    field,
                    getattr(holder, name),
                    record.provider,
                    record.source,
                    nanoseconds(record.observed_at),
                    record.confidence.value,
                )


def _inferred(facts: pb.VerifyFacts) -> Iterator[Offer]:
    """What follows from other values: our reference tables are a provider like any other."""
    email, found = facts.findings.email, facts.findings
    phone_tells = found.country.source == pb.VALUE_SOURCE_INFERRED
    values: Mapping[str, Any] = {
        "lead.seniority": found.title.seniority,
        "lead.job_function": found.title.job_function,
        "lead.email_domain_type": email.domain_type,
        "lead.is_role_account": email.is_role_account if email.is_valid else None,
        "lead.country": found.country.code if phone_tells else None,
        "lead.company.domain": own_domain(email),
    }
    for field, value in values.items():
        if value or value is False:
            yield Offer(field, value, OURSELVES, pb.VALUE_SOURCE_INFERRED)


def _place(lead: Lead, field: str) -> tuple[Any, str]:
    *_, owner, name = field.split(".")
    return (lead.company if owner == "company" else lead), name


def _says_something(holder: Any, name: str) -> bool:
    """A text without letters, and the enum value that means missing, offer nothing."""
    descriptor = holder.DESCRIPTOR.fields_by_name[name]
    value = getattr(holder, name)
    if descriptor.type == FieldDescriptor.TYPE_STRING:
        return bool(value.strip())
    return descriptor.type != FieldDescriptor.TYPE_ENUM or bool(value)


def _write(lead: Lead, offer: Offer) -> None:
    holder, name = _place(lead, offer.field)
    if isinstance(offer.value, Money):
        getattr(holder, name).CopyFrom(offer.value)
    else:
        setattr(holder, name, offer.value)


def _enrichment(
    offer: Offer, action: pb.EnrichmentAction.ValueType, parameters: VerifyParameters
) -> pb.Enrichment:
    expiry = _expiry(offer, parameters)
    return pb.Enrichment(
        field=offer.field,
        value=_text(offer),
        provider=offer.provider,
        source=offer.source,
        observed_at=None if offer.observed_at is None else timestamp(offer.observed_at),
        confidence=DecimalMessage(value=offer.confidence) if offer.confidence else None,
        expires_at=None if expiry is None else deadline(expiry),
        action=action,
    )


def _text(offer: Offer) -> str:
    if isinstance(offer.value, Money):
        return f"{offer.value.currency_code} {plain(money.decimal(offer.value))}"
    holder, name = _place(Lead(), offer.field)
    enum = holder.DESCRIPTOR.fields_by_name[name].enum_type
    if enum is not None:
        return str(enum.values_by_number[offer.value].name)
    return str(offer.value).lower() if isinstance(offer.value, bool) else str(offer.value)
