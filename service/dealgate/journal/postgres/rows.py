"""Decisions and results as rows of PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dealgate.journal.body import Bodies
from dealgate.journal.record import Row, from_row
from dealgate.journal.results import from_row as result_from_row
from dealgate.journal.results import to_row as result_to_row
from dealgate.model.decision import Decision
from dealgate.model.results import Result

COLUMNS = "id, tenant, decided_at, kind, version, entity, outcome, dictionary, body"
RESULT_COLUMNS = (
    "tenant, decision, revision, type, happened_at, recorded_at, amount, currency, reason, "
    "recorded_by, because"
)


def bodies() -> Bodies:
    """Return how bodies are packed: each for itself, so that any server can read them."""
    return Bodies(_no_dictionary, None)


def to_columns(row: Row) -> tuple[Any, ...]:
    """Return the values of COLUMNS as PostgreSQL keeps them."""
    identity, tenant, decided_at, kind, version, entity, *rest = row
    return UUID(bytes=identity), tenant, decided_at, kind, version, entity.encode(), *rest


def to_row(columns: Sequence[Any]) -> Sequence[Any]:
    """Return the row as record.py makes it, of the values of COLUMNS."""
    identity, tenant, decided_at, kind, version, entity, outcome, dictionary, body = columns
    text = bytes(entity).decode(errors="replace")
    row = (identity.bytes, tenant, decided_at, kind, version, text, outcome, dictionary)
    return *row, bytes(body)


def to_decision(row: Sequence[Any], packed: Bodies) -> Decision:
    """Return exactly the decision that was recorded, or raise RecordDamaged."""
    return from_row(to_row(row), packed)


def to_result_columns(result: Result) -> tuple[Any, ...]:
    """Return the values of RESULT_COLUMNS as PostgreSQL keeps them."""
    tenant, identity, *rest = result_to_row(result)
    texts = (text.encode() for text in rest[-3:])
    return tenant, UUID(bytes=identity), *rest[:-3], *texts


def to_result_row(columns: Sequence[Any]) -> Sequence[Any]:
    """Return the row as results.py makes it, of the values of RESULT_COLUMNS."""
    tenant, identity, *rest = columns
    texts = (bytes(text).decode() for text in rest[-3:])
    return tenant, identity.bytes, *rest[:-3], *texts


def to_result(row: Sequence[Any]) -> Result:
    """Return exactly the result that was recorded."""
    return result_from_row(to_result_row(row))


def _no_dictionary(_: int) -> bytes:
    raise LookupError("there are no dictionaries here")
