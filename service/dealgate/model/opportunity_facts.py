"""An opportunity as rules see it: how many people it knows, whatever roles they have."""

from collections.abc import Iterable, Sequence

from dealgate.model.checks import ID_LENGTH, are_usual_ids, computed
from dealgate.model.errors import Violation
from dealgate.model.instants import SECOND
from dealgate.v1.opportunity_pb2 import Opportunity, OpportunityContact


def people(contacts: Iterable[OpportunityContact]) -> int:
    """Return how many different people there are: one person may have several roles.

    Who has no id may be any of the others.
    """
    return len({contact.id.strip() for contact in contacts} - {""})


def opportunity_violations(path: str, deal: Opportunity) -> list[Violation]:
    """Return what is wrong with how the deal at `path` says what it holds."""
    return [
        *computed(f"{path}.people", deal.HasField("people")),
        *computed(f"{path}.is_open", deal.HasField("is_open")),
        *computed(f"{path}.gates", deal.gates),
        *_probability(f"{path}.probability", deal.probability),
    ]


def is_usual_deal(deal: Opportunity, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a deal, its stage and its history apart.

    An absent instant is the epoch.
    """
    amount, now = deal.amount, as_of // SECOND
    if deal.gates or deal.HasField("people") or deal.HasField("is_open"):
        return False
    return (
        0 < len(deal.id) <= ID_LENGTH
        and len(deal.owner_id) <= ID_LENGTH
        and len(deal.account_id) <= ID_LENGTH
        and amount.units >= 0
        and amount.nanos >= 0
        and not 0 < deal.probability < 1
        and now > 0
        and deal.created_at.seconds < now
        and deal.closed_at.seconds < now
        and are_usual_contacts(deal.contacts)
    )


def are_usual_contacts(contacts: Sequence[OpportunityContact]) -> bool:
    """Tell at one look that contacts are different people with ids."""
    ids = [contact.id for contact in contacts]
    return are_usual_ids(ids) and [id_.strip() for id_ in ids] == ids


def contact_violations(path: str, contacts: Sequence[OpportunityContact]) -> list[Violation]:
    """Nobody has one role twice."""
    seen: dict[tuple[str, int], int] = {}
    return [
        Violation(f"{path}[{index}].id", f"has this role already, in {path}[{seen[key]}]")
        for index, contact in enumerate(contacts)
        if (key := (contact.id.strip(), contact.role))[0] and seen.setdefault(key, index) != index
    ]


def _probability(path: str, probability: float) -> list[Violation]:
    """Shares and percentages both occur in one message; a half percent is a share of 0.5."""
    if not 0 < probability < 1:
        return []
    return [Violation(path, "is in percent; write 20 % as 20")]
