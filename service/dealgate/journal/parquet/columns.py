"""How rows of a journal's file are rows of Parquet, and back: exactly, whatever they hold.

One file holds every table: `table_name` says which one a row is of. Decisions and results have
columns, so that others can read them without us; rows of the other tables are JSON in `cells`.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

TABLE, CELLS = "table_name", "cells"
INSTANT = pa.timestamp("ns", tz="UTC")
Cell = None | int | float | str | bytes


class Column(NamedTuple):
    """A column of a table of SQLite, and of Parquet."""

    name: str
    type: pa.DataType
    of: str  # the column of SQLite


def _named(type_: pa.DataType, *names: str) -> Sequence[Column]:
    return [Column(name, type_, name) for name in names]


IDENTITY = [*_named(pa.string(), "tenant"), Column("decision_id", pa.string(), "id")]
DECISIONS = [
    *_named(pa.int64(), "seq"),
    *IDENTITY,
    *_named(INSTANT, "decided_at"),
    *_named(pa.string(), "kind", "entity", "outcome"),
    *_named(pa.int64(), "version", "dictionary"),
    *_named(pa.binary(), "body"),
]
RESULTS = [
    *_named(pa.string(), "tenant"),
    Column("decision_id", pa.string(), "decision"),
    *_named(pa.int64(), "revision"),
    *_named(pa.string(), "type"),
    *_named(INSTANT, "happened_at", "recorded_at"),
    *_named(pa.int64(), "amount"),
    *_named(pa.string(), "currency", "reason", "recorded_by", "because"),
]
TYPED: Mapping[str, Sequence[Column]] = {"decisions": DECISIONS, "results": RESULTS}
TYPES = {
    TABLE: pa.string(),
    **{column.name: column.type for columns in TYPED.values() for column in columns},
    CELLS: pa.string(),
}
SCHEMA = pa.schema(list(TYPES.items()))


def batch_of(table: str, names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> pa.RecordBatch:
    """Return rows of a table, whose columns have these names."""
    arrays = {TABLE: pa.array([table] * len(rows), TYPES[TABLE])}
    if table in TYPED:
        for column in TYPED[table]:
            at = names.index(column.of)
            values = [_told(column)(row[at]) for row in rows]
            arrays[column.name] = pa.array(values, column.type)
    else:
        arrays[CELLS] = pa.array([json.dumps([_packed(cell) for cell in row]) for row in rows])
    missing = {name: pa.nulls(len(rows), type_) for name, type_ in TYPES.items()}
    return pa.RecordBatch.from_pydict({**missing, **arrays}, schema=SCHEMA)


def rows_of(table: str, names: Sequence[str], batch: pa.RecordBatch) -> Sequence[Sequence[Cell]]:
    """Return the rows of a table that `batch_of` made; raise ValueError and LookupError."""
    if table not in TYPED:
        return [
            [_unpacked(cell) for cell in json.loads(cells)]
            for cells in batch.column(CELLS).to_pylist()
        ]
    columns = {column.of: column for column in TYPED[table]}
    return list(zip(*(_values(batch, columns[name]) for name in names), strict=True))


def _values(batch: pa.RecordBatch, column: Column) -> Sequence[Cell]:
    array = batch.column(column.name)
    values = (array.cast(pa.int64()) if _is_instant(column) else array).to_pylist()
    return [_kept(column)(value) for value in values]


def _is_instant(column: Column) -> bool:
    return bool(column.type == INSTANT)


def _told(column: Column) -> Callable[[Any], Cell]:
    return _written_id if column.name == "decision_id" else _same


def _kept(column: Column) -> Callable[[Any], Cell]:
    return _read_id if column.name == "decision_id" else _same


def _same(cell: Cell) -> Cell:
    return cell


def _written_id(identity: bytes) -> str:
    digits = identity.hex()
    parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
    return "-".join(parts)


def _read_id(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def _packed(cell: Cell) -> Any:
    return {"base64": base64.b64encode(cell).decode()} if isinstance(cell, bytes) else cell


def _unpacked(cell: Any) -> Cell:
    return base64.b64decode(cell["base64"]) if isinstance(cell, dict) else cell
