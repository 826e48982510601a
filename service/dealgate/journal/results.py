"""A result as a row beside the decision it belongs to."""

from collections.abc import Sequence
from typing import Any

from dealgate.journal.laws import unknown_decision
from dealgate.journal.record import id_bytes, id_text
from dealgate.model.results import Result

COLUMNS = (
    "tenant, decision, revision, type, happened_at, recorded_at, amount, currency, reason, "
    "recorded_by, because"
)


def to_row(result: Result) -> tuple[Any, ...]:
    """Return the values of COLUMNS; raise UnknownDecision if the id is not a UUID."""
    try:
        identity = id_bytes(result.decision_id)
    except ValueError:
        raise unknown_decision(result.decision_id) from None
    return (
        result.tenant,
        identity,
        result.revision,
        result.type,
        result.happened_at,
        result.recorded_at,
        result.amount,
        result.currency,
        result.reason,
        result.recorded_by,
        result.because,
    )


def from_row(row: Sequence[Any]) -> Result:
    """Return exactly the result that was recorded; `row` holds the values of COLUMNS."""
    tenant, identity, *rest = row
    return Result(tenant, id_text(identity), *rest)
