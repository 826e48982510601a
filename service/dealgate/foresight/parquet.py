"""A journal as Parquet, a file a kind and month, and recorded decisions read from there.

DuckDB writes and reads it: pandas, Spark and DuckDB itself read the files as they are. Columns that
replays need are verbatim: facts and answer as bytes, instants as nanoseconds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dealgate.foresight.outline import MINOR, columns_of
from dealgate.foresight.parquet_rows import NEEDED, recorded, row_of
from dealgate.foresight.weights import weigher
from dealgate.journal.port import Recorded
from dealgate.model.errors import OperatorError, RecordDamaged
from dealgate.model.kind import AnyKind
from dealgate.model.private_files import keep_rights, make_private_folder

if TYPE_CHECKING:
    import duckdb

COLUMNS: Mapping[str, str] = {
    "id": "VARCHAR",
    "tenant": "VARCHAR",
    "kind": "VARCHAR",
    "decided_at": "TIMESTAMPTZ",
    "decided_at_ns": "BIGINT",
    "as_of": "TIMESTAMPTZ",
    "as_of_ns": "BIGINT",
    "version": "INTEGER",
    "digest": "VARCHAR",
    "engine": "VARCHAR",
    "contract": "VARCHAR",
    "entity": "VARCHAR",
    "outcome": "VARCHAR",
    "fired": "VARCHAR[]",
    "facts": "BLOB",
    "answer": "BLOB",
    "money_minor": MINOR,
    "currency": "VARCHAR",
    "result": "VARCHAR",
    "result_minor": MINOR,
    "result_currency": "VARCHAR",
    "happened_at": "TIMESTAMPTZ",
    "happened_at_ns": "BIGINT",
    "revision": "INTEGER",
    "experiment": "VARCHAR",
    "challenger_share": "DOUBLE",
    "is_challenged": "BOOLEAN",
    "other_version": "INTEGER",
    "other_outcome": "VARCHAR",
}
# Most of what a scan reads in one go, and small enough to be a process's task.
ROW_GROUP = 40_960
BATCH = 2_000
LIMITS: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "512MB"}
READ = """
    SELECT {columns} FROM read_parquet({files}, union_by_name = true)
    WHERE decided_at_ns >= {since} AND ({every} OR tenant = $tenant)
    ORDER BY decided_at_ns, id
"""


# Of a month's file, what is no longer in the journal, unless it was erased there.
PRUNED = """
    SELECT * FROM read_parquet({file}) AS old
    WHERE id NOT IN (SELECT id FROM rows) AND id NOT IN (SELECT id FROM gone)
"""
COUNTED = "SELECT count(*) FROM read_parquet({file})"


class NotExported(OperatorError):
    """A folder that holds no exported decisions of a kind, or cannot; the message says more."""

    reason = "NOTHING_EXPORTED"


class OfAnotherTenant(OperatorError):
    """A folder with exported decisions of another tenant; the message says the cure."""

    reason = "EXPORTED_OF_ANOTHER_TENANT"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file, and how many decisions are in it."""

    path: Path
    decisions: int


def export(
    records: Iterable[Recorded | RecordDamaged],
    kind: AnyKind,
    folder: Path,
    count: Callable[[int], None] = lambda _: None,
) -> list[ExportedFile]:
    """Write the decisions of a kind as `folder/<kind>/<year>-<month>.parquet`.

    A month's file takes the place of the one before, of which what the journal no longer holds is
    kept: it was pruned. What was erased is not. Raises OfAnotherTenant rather than taking the place
    of a file that holds another tenant's, NotExported if the disk is full, and OSError.
    """
    outline, weigh = columns_of(kind), weigher(kind)
    types = {**COLUMNS, **{column.name: column.type for column in outline}}
    home = folder / kind.name
    make_private_folder(home)
    erased = list[str]()
    rows = (row_of(record, kind, outline, weigh) for record in _whole(records, erased))
    with (
        TemporaryDirectory(dir=folder) as spool,
        _written_to(folder),
        _database(f"{spool}/rows.duckdb") as db,
    ):
        db.execute("SET TimeZone = 'UTC'")
        declared = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
        db.execute(f"CREATE TABLE rows ({declared})")
        _fill(db, types, rows, count)
        db.execute("CREATE TABLE gone AS SELECT unnest($1::VARCHAR[]) AS id", [erased])
        months = _months(db)
        for month in months:
            _refuse_others(db, home / f"{month}.parquet")
        return [_write(db, home, spool, month) for month in months]


def read(
    folder: Path, kind: str, since: int | None = None, tenant: str | None = None
) -> Iterator[Recorded]:
    """Yield the exported decisions of a kind by time, without their answers; blocks.

    Without a tenant those of all. Raises NotExported.
    """
    listed = "[" + ", ".join(_quoted(path) for path in files_of(folder, kind)) + "]"
    earliest = -(2**63) if since is None else since
    with _database() as db:
        columns, every = ", ".join(NEEDED), str(tenant is None).lower()
        chosen = READ.format(columns=columns, files=listed, since=earliest, every=every)
        cursor = db.execute(chosen, {"tenant": tenant})
        while batch := cursor.fetchmany(BATCH):
            yield from map(recorded, batch)


@contextmanager
def _written_to(folder: Path) -> Iterator[None]:
    import duckdb  # noqa: PLC0415

    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise NotExported(f"{folder}: cannot be written: {error}") from error


def _database(path: str = ":memory:") -> "closing[duckdb.DuckDBPyConnection]":
    # A server imports this module for its columns, and has no database of its own to open.
    import duckdb  # noqa: PLC0415

    return closing(duckdb.connect(path, config=LIMITS))


def files_of(folder: Path, kind: str) -> Sequence[Path]:
    """Return a kind's files, oldest first; raises NotExported if there are none."""
    files = sorted((folder / kind).glob("*.parquet"))
    if not files:
        raise NotExported(
            f"{folder}: holds no decisions of {kind}; write them with `dealgate export {folder}`"
        )
    return files


def _fill(
    db: "duckdb.DuckDBPyConnection",
    types: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
    count: Callable[[int], None],
) -> None:
    """Insert whole columns at once: a statement a row would take a hundred times as long."""
    values = ", ".join(f"unnest(${n}::{type_}[])" for n, type_ in enumerate(types.values(), 1))
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        db.execute(
            f"INSERT INTO rows SELECT {values}", [list(part) for part in zip(*batch, strict=True)]
        )
        count(len(batch))


def _months(db: "duckdb.DuckDBPyConnection") -> list[str]:
    months = "SELECT DISTINCT strftime(decided_at, '%Y-%m') AS month FROM rows ORDER BY month"
    return [month for (month,) in db.execute(months).fetchall()]


def _whole(records: Iterable[Recorded | RecordDamaged], erased: list[str]) -> Iterator[Recorded]:
    """Yield what can be decided again, which is what files are read for; adds who cannot."""
    for record in records:
        if isinstance(record, RecordDamaged):
            continue
        if record[0].erased:
            erased.append(record[0].id)
        else:
            yield record


def _refuse_others(db: "duckdb.DuckDBPyConnection", path: Path) -> None:
    """Raise OfAnotherTenant if a file holds decisions of a tenant who has none here."""
    if not path.exists():
        return
    others = "SELECT tenant FROM {held} EXCEPT SELECT tenant FROM rows ORDER BY tenant LIMIT 1"
    other = db.execute(others.format(held=f"read_parquet({_quoted(path)})")).fetchone()
    if other is not None:
        raise OfAnotherTenant(
            f"{path}: holds decisions of the tenant {other[0]}; export each tenant to a folder of "
            "its own"
        )


def _write(db: "duckdb.DuckDBPyConnection", home: Path, spool: str, month: str) -> ExportedFile:
    made, path = Path(spool, f"{month}.parquet"), home / f"{month}.parquet"
    chosen = f"FROM rows WHERE strftime(decided_at, '%Y-%m') = '{month}'"
    how = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE {ROW_GROUP}"
    every = f"SELECT * {chosen}"
    if path.exists():
        every += f" UNION ALL BY NAME {PRUNED.format(file=_quoted(path))}"
    db.execute(f"COPY (FROM ({every}) ORDER BY decided_at_ns, id) TO {_quoted(made)} ({how})")
    (number,) = db.execute(COUNTED.format(file=_quoted(made))).fetchone() or (0,)
    keep_rights(made, path)
    made.replace(path)
    return ExportedFile(path, number)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
