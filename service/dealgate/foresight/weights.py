"""How much money a decision is about: an amount of its facts, or of what came of it."""

from collections.abc import Callable
from typing import Any, TypeAlias

from google.protobuf.message import Message

from dealgate.model.fields import along, descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.model.money import fault, to_minor
from dealgate.model.results import Result

# Minor units and their currency; None: nothing is known of any.
Money: TypeAlias = tuple[int, str] | None
Weigh: TypeAlias = Callable[[Message, Result | None], Money]

# Where facts of a kind say what it is about, the first that a kind has.
PATHS = (
    "opportunity.amount",
    "deal.amount",
    "annual_contract_value",
    "contract.price",
    "contract.total",
    "customer.annual_recurring_revenue",
)


def weigher(kind: AnyKind) -> Weigh:
    """Return how decisions of this kind are weighed."""
    steps = next((path.split(".") for path in PATHS if _is_there(kind, path)), None)

    def weigh(facts: Message, result: Result | None) -> Money:
        held = None if steps is None else _held(facts, steps)
        if held is not None:
            return held
        if result is not None and result.amount is not None:
            return result.amount, result.currency
        return None

    return weigh


def _is_there(kind: AnyKind, path: str) -> bool:
    steps = path.split(".")
    fields = along(descriptor_of(kind.facts), steps)
    if len(fields) < len(steps):
        return False
    amount = fields[-1].message_type
    return amount is not None and amount.full_name == "google.type.Money"


def _held(facts: Any, steps: list[str]) -> Money:
    for step in steps:
        if not facts.HasField(step):
            return None
        facts = getattr(facts, step)
    return None if fault(facts) else (to_minor(facts), facts.currency_code)
