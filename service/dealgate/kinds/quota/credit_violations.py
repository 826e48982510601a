"""What can be wrong with credits: their amounts, days and splits."""

from collections.abc import Iterator

from dealgate.kinds.quota.credits import shared_deals, split_of
from dealgate.kinds.quota.on_top import specialists
from dealgate.model import words
from dealgate.model.checks import has_come, optional_id, required, required_id, unique_ids
from dealgate.model.days import precedes
from dealgate.model.errors import Violation
from dealgate.v1 import quota_pb2 as pb


def credit_violations(facts: pb.QuotaFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with the credits at `as_of` (ns); nothing is malformed."""
    for index, credit in enumerate(facts.credits):
        path = f"credits[{index}]"
        yield from required_id(f"{path}.id", credit.id)
        yield from required_id(f"{path}.owner_id", credit.owner_id)
        yield from required(f"{path}.amount", credit.HasField("amount"))
        yield from required(f"{path}.booked_on", credit.HasField("booked_on"))
        yield from optional_id(f"{path}.opportunity_id", credit.opportunity_id)
        for name in ("booked_on", "credited_on"):
            if credit.HasField(name):
                yield from has_come(f"{path}.{name}", getattr(credit, name), as_of)
        if precedes(credit, "credited_on", credit, "booked_on"):
            yield Violation(f"{path}.credited_on", "is before booked_on")
        if (
            credit.type == pb.CREDIT_TYPE_CLAWBACK
            and max(credit.amount.units, credit.amount.nanos) > 0
        ):
            yield Violation(f"{path}.amount", "must not be positive: it is taken back")
    yield from unique_ids("credits", (credit.id for credit in facts.credits))
    if all(credit.HasField("amount") for credit in facts.credits):
        yield from _splits(facts)


def _splits(facts: pb.QuotaFacts) -> Iterator[Violation]:
    for indexes in shared_deals(facts.credits, specialists(facts)):
        if sum(split_of(facts.credits[index]) for index in indexes) > 1:
            cure = (
                "makes the direct splits of its deal more than 1, and one that is not given is 1; "
                f"a specialist's is {OVERLAY_NAME}"
            )
            yield Violation(f"credits[{indexes[-1]}].split", cure)


OVERLAY_NAME = words.of(pb.CreditRole, pb.CREDIT_ROLE_OVERLAY).upper()
