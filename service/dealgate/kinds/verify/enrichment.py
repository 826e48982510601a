"""Values that others offer for the lead: which are used, which are not, and why.

A gap is filled by the source that is trusted most, the newest of them first. A value that is
there stays, unless the rule set replaces lesser sources and it is known to be from one; a value
that somebody made sure of always stays. What is not what its field is for is rejected, and spoils
nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.kinds.verify.fields import ENRICHABLE
from dealgate.kinds.verify.offers import Offer, located
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.model import money
from dealgate.model.folds import grouped
from dealgate.model.instants import DAY, deadline, timestamp
from dealgate.model.points import plain
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

MINE = pb.FieldSource(source=pb.VALUE_SOURCE_CUSTOMER)
TAKEN = frozenset({pb.ENRICHMENT_ACTION_FILLED, pb.ENRICHMENT_ACTION_REPLACED})
# Whatever a rival did, it is too old, or nothing.
BY_ITSELF = frozenset({pb.ENRICHMENT_ACTION_STALE, pb.ENRICHMENT_ACTION_REJECTED})


# An offer, and what is done with it.
Filled: TypeAlias = tuple[Offer, pb.EnrichmentAction.ValueType]


def enrich(
    lead: Lead,
    offers: Iterable[Offer],
    sources: Sequence[pb.FieldSource],
    parameters: VerifyParameters,
    as_of: int,
) -> list[pb.Enrichment]:
    """Fill the gaps of `lead`, and return what became of every value that was offered."""
    filled = fill(lead, offers, sources, parameters, as_of)
    return [_enrichment(offer, action, parameters) for offer, action in filled]


def fill(
    lead: Lead,
    offers: Iterable[Offer],
    sources: Sequence[pb.FieldSource],
    parameters: VerifyParameters,
    as_of: int,
) -> list[Filled]:
    """Fill the gaps of `lead`, and return what is done with every offer, by field."""
    done: list[Filled] = []
    for field, rivals in grouped(offers, lambda offer: offer.field).items():
        source = next((one for one in sources if one.field == field), MINE)
        ranked = sorted(rivals, key=lambda rival: rival.rank)
        done += _settled(lead, ranked, source, parameters, as_of)
    return sorted(done, key=lambda item: ENRICHABLE.index(item[0].field))


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
) -> Iterator[Filled]:
    chosen = False
    for offer in rivals:
        action = _action(lead, offer, source, parameters, as_of)
        if chosen and action not in BY_ITSELF:
            action = pb.ENRICHMENT_ACTION_OUTRANKED
        elif action in TAKEN:
            chosen = True
            _write(lead, offer)
        yield offer, action


def _action(
    lead: Lead,
    offer: Offer,
    source: pb.FieldSource,
    parameters: VerifyParameters,
    as_of: int,
) -> pb.EnrichmentAction.ValueType:
    if offer.problem:
        return pb.ENRICHMENT_ACTION_REJECTED
    if _is_stale(offer, parameters, as_of):
        return pb.ENRICHMENT_ACTION_STALE
    holder, name = located(lead, offer.field)
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


def _write(lead: Lead, offer: Offer) -> None:
    holder, name = located(lead, offer.field)
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
        problem=offer.problem,
    )


def _text(offer: Offer) -> str:
    if isinstance(offer.value, Money):
        return f"{offer.value.currency_code} {plain(money.decimal(offer.value))}"
    words = _words(offer.field)
    if words is not None:
        return words.get(offer.value) or str(offer.value)
    return str(offer.value).lower() if isinstance(offer.value, bool) else str(offer.value)


@cache
def _words(field: str) -> Mapping[int, str] | None:
    """Return the words of an enum's numbers; None: the field is not an enum."""
    holder, name = located(Lead(), field)
    enum = holder.DESCRIPTOR.fields_by_name[name].enum_type
    if enum is None:
        return None
    return {number: str(value.name) for number, value in enum.values_by_number.items()}
