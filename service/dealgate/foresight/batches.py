"""The kernel over Arrow: batches of exported decisions in, the impact on them out.

The same function runs in a pool of processes, each of which reads row groups by itself, and on
Apache Spark, which hands it batches (`mapInArrow`). What comes out is counts that add up in any
order, so it does not matter who counted what.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dealgate.foresight.impact import Impact
from dealgate.foresight.parquet import files_of
from dealgate.foresight.parquet_rows import NEEDED, recorded
from dealgate.journal.port import Recorded

if TYPE_CHECKING:
    from pyarrow import RecordBatch

ROWS = 2_000  # of a batch
DECIDED_AT, TENANT = NEEDED.index("decided_at_ns"), NEEDED.index("tenant")

Assess: TypeAlias = Callable[[Sequence[Recorded]], Impact]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A part of a file, as large as a process's task should be.

    `since` (ns) and `tenant` say which of its decisions are meant; None: all of them.
    """

    path: str
    number: int
    since: int | None
    tenant: str | None = None


def row_groups(
    folder: Path, kind: str, since: int | None, tenant: str | None = None
) -> Sequence[RowGroup]:
    """Return the parts of a kind's files; raises NotExported."""
    # An extra: `dealgate[spark]`.
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    groups = []
    for path in files_of(folder, kind):
        with ParquetFile(path) as file:
            numbers = range(file.num_row_groups)
            groups += [RowGroup(str(path), number, since, tenant) for number in numbers]
    return groups


def batches_of(group: RowGroup) -> Iterator["RecordBatch"]:
    """Yield the batches of a part, with the columns that are needed."""
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    with ParquetFile(group.path) as file:
        yield from file.iter_batches(ROWS, row_groups=[group.number], columns=list(NEEDED))


def assessed(
    assess: Assess,
    batches: Iterable["RecordBatch"],
    since: int | None = None,
    tenant: str | None = None,
) -> Impact:
    """Return the impact on the decisions of these batches; no batch is kept."""
    whole = Impact()
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in NEEDED]
        rows = zip(*columns, strict=True)
        meant = (
            row
            for row in rows
            if (since is None or row[DECIDED_AT] >= since)
            and (tenant is None or row[TENANT] == tenant)
        )
        whole.merge(assess([*map(recorded, meant)]))
    return whole
