"""An archive in Parquet, read as the file of SQLite that it was made of."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw
import pyarrow as pa
import pyarrow.parquet as pq

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.parquet.columns import TABLE, rows_of
from dealgate.journal.parquet.keys import decryption
from dealgate.journal.parquet.writing import DDL, NAMES
from dealgate.journal.sealed.keys_at import KeysAt

ENCRYPTED, CLEAR = b"PARE", b"PAR1"  # how files of Parquet begin and end
ROWS = 1000  # in memory at a time, besides a row group
# Pages that SQLite keeps in memory, in KiB; the others go to a file that has no name.
MEMORY = -32 * 1024


@contextmanager
def opened_archive(path: Path, keys: KeysAt) -> Iterator[pq.ParquetFile]:
    """Open an archive for readers of Parquet: `table_name` tells what a row is.

    Raises JournalUnusable if it was changed, or is not an archive, or not under these keys.
    """
    _refuse_others(path)
    try:
        with (
            decryption(path, keys) as properties,
            pq.ParquetFile(path, decryption_properties=properties, pre_buffer=False) as file,
        ):
            yield file
    except (pa.ArrowException, OSError, LookupError, TypeError, UnicodeDecodeError) as error:
        reason = str(error).partition("\n")[0]
        raise JournalUnusable(
            f"{path}: was changed or damaged, or is not an archive: {reason}"
        ) from error


def restored(path: Path, keys: KeysAt) -> apsw.Connection:
    """Return all that the archive holds, in a database that ends with its connection.

    It is in memory as far as it is small; the rest is in a file that nobody else can open.
    """
    db = apsw.Connection("")
    try:
        restore(path, keys, db)
    except BaseException:
        db.close()
        raise
    db.pragma("query_only", 1)
    return db


def restore(path: Path, keys: KeysAt, db: apsw.Connection) -> None:
    """Fill an empty database; raises JournalUnusable."""
    db.pragma("cache_size", MEMORY)
    with opened_archive(path, keys) as file:
        try:
            with db:
                _fill(file, db)
        except (apsw.Error, ValueError) as error:
            raise JournalUnusable(f"{path}: is not an archive of a journal: {error}") from error


def restore_file(path: Path, keys: KeysAt, to: Path) -> None:
    """Make the archive a file of SQLite again, beside which nothing else is."""
    with closing(apsw.Connection(str(to))) as db:
        db.pragma("synchronous", 0)
        restore(path, keys, db)


def _fill(file: pq.ParquetFile, db: apsw.Connection) -> None:
    statements = json.loads((file.schema_arrow.metadata or {})[DDL])
    for statement in statements:
        db.execute(statement)
    for batch in file.iter_batches(ROWS, use_threads=False):
        for part in _of_tables(batch):
            table = part.column(TABLE)[0].as_py()
            names: Any = [name for (name,) in db.execute(NAMES, (table,))]
            marks = ", ".join("?" * len(names))
            insert = f'INSERT INTO "{table}" VALUES ({marks})'  # noqa: S608 - of its own schema
            db.executemany(insert, rows_of(table, names, part))


def _of_tables(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield runs of rows of one table: batches go beyond row groups."""
    tables = batch.column(TABLE).to_pylist()
    start = 0
    for index in range(1, len(tables) + 1):
        if index == len(tables) or tables[index] != tables[start]:
            yield batch.slice(start, index - start)
            start = index


def _refuse_others(path: Path) -> None:
    try:
        with path.open("rb") as file:
            first = file.read(len(ENCRYPTED))
            file.seek(-len(ENCRYPTED), 2)
            last = file.read()
    except OSError as error:
        raise JournalUnusable(f"{path}: cannot be read as an archive: {error}") from error
    if CLEAR in {first, last}:
        raise JournalUnusable(
            f"{path}: is Parquet in the clear, as `dealgate export` writes it: not an archive"
        )
    if (first, last) != (ENCRYPTED, ENCRYPTED):
        raise JournalUnusable(f"{path}: is not an encrypted file of Parquet, or only a part of one")
