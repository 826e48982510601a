"""How much money a decision is about: an amount of its facts, or of what came of it."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from dealgate.model.fields import along, descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.model.money import fault, to_minor
from dealgate.model.results import Result

# Minor units and their currency; None: nothing is known of any.
Money: TypeAlias = tuple[int, str] | None
Weigh: TypeAlias = Callable[[Message, Result | None], Money]

MONEY = "google.type.Money"
# Where facts of a kind with code say what it is about, the first that a kind has.
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
    paths = _amounts(descriptor_of(kind.facts), "") if kind.outcome is not None else PATHS
    steps = next((path.split(".") for path in paths if _is_there(kind, path)), None)

    def weigh(facts: Message, result: Result | None) -> Money:
        held = None if steps is None else _held(facts, steps)
        if held is not None:
            return held
        if result is not None and result.amount is not None:
            return result.amount, result.currency
        return None

    return weigh


def _amounts(facts: Descriptor, above: str) -> Iterator[str]:
    """Yield the paths of amounts in the facts of a kind without code, in their order."""
    for field in facts.fields:
        if field.message_type is None or field.is_repeated:
            continue
        if field.message_type.full_name == MONEY:
            yield above + field.name
        else:
            yield from _amounts(field.message_type, f"{above}{field.name}.")


def _is_there(kind: AnyKind, path: str) -> bool:
    steps = path.split(".")
    fields = along(descriptor_of(kind.facts), steps)
    if len(fields) < len(steps):
        return False
    amount = fields[-1].message_type
    return amount is not None and amount.full_name == MONEY


def _held(facts: Any, steps: list[str]) -> Money:
    for step in steps:
        if not facts.HasField(step):
            return None
        facts = getattr(facts, step)
    return None if fault(facts) else (to_minor(facts), facts.currency_code)
