"""An archive in Parquet, made of one in a file of SQLite: every table of it, exactly."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pyarrow as pa
import pyarrow.parquet as pq

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.parquet.columns import CELLS, SCHEMA, Cell, batch_of
from dealgate.journal.parquet.keys import encryption
from dealgate.journal.sealed.keys_at import KeysAt

# Of a row group, which is held in memory.
ROWS, BYTES = 10_000, 16 * 1024 * 1024
# Whose values hardly ever repeat.
UNIQUE = {"seq", "decision_id", "decided_at", "body", CELLS}
DDL = b"dealgate.ddl"
TABLES = """
    SELECT name, sql FROM sqlite_schema
    WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL ORDER BY type DESC, name
"""
NAMES = "SELECT name FROM pragma_table_info(?) ORDER BY cid"


def write_archive(archive: Path, to: Path, keys: KeysAt) -> None:
    """Write a new file of Parquet, which only its owner may read; the caller syncs it.

    A row group holds rows of one table. Raises JournalUnusable and OSError.
    """
    properties = encryption(keys)
    try:
        _write(archive, to, properties)
    except (apsw.Error, pa.ArrowException, UnicodeError) as error:
        reason = f"{error}; damaged records can only be archived in a .db file"
        raise JournalUnusable(f"{to}: cannot be written: {reason}") from error


def _write(archive: Path, to: Path, properties: Any) -> None:
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as file,
        closing(apsw.Connection(str(archive), flags=apsw.SQLITE_OPEN_READONLY)) as db,
    ):
        made: Any = db.execute(TABLES).fetchall()
        schema = SCHEMA.with_metadata({DDL: json.dumps([sql for _, sql in made])})
        with pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            use_dictionary=[name for name in SCHEMA.names if name not in UNIQUE],
            encryption_properties=properties,
        ) as writer:
            for table, sql in made:
                if sql.startswith("CREATE TABLE"):
                    for batch in _batches(db, table):
                        writer.write_batch(batch, row_group_size=len(batch))


def _batches(db: apsw.Connection, table: str) -> Iterator[pa.RecordBatch]:
    names: Any = [name for (name,) in db.execute(NAMES, (table,))]
    rows: list[Sequence[Cell]] = []
    size = 0
    for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - of the archive's own schema
        rows.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, bytes | str))
        if len(rows) >= ROWS or size >= BYTES:
            yield batch_of(table, names, rows)
            rows, size = [], 0
    if rows:
        yield batch_of(table, names, rows)
