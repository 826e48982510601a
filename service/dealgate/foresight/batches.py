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
from dealgate.foresight.parquet import NEEDED, files_of, recorded
from dealgate.journal.port import Recorded

if TYPE_CHECKING:
    from pyarrow import RecordBatch

ROWS = 2_000  # of a batch
DECIDED_AT = NEEDED.index("decided_at_ns")

Assess: TypeAlias = Callable[[Sequence[Recorded]], Impact]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A part of a file, as large as a process's task should be; `since`: ns, None: all of it."""

    path: str
    number: int
    since: int | None


def row_groups(folder: Path, kind: str, since: int | None) -> Sequence[RowGroup]:
    """Return the parts of a kind's files; raises NotExported."""
    # An extra: `dealgate[spark]`.
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    found = []
    for path in files_of(folder, kind):
        with ParquetFile(path) as file:
            found += [RowGroup(str(path), n, since) for n in range(file.num_row_groups)]
    return found


def batches_of(group: RowGroup) -> Iterator["RecordBatch"]:
    """Yield the batches of a part, with the columns that are needed."""
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    with ParquetFile(group.path) as file:
        yield from file.iter_batches(ROWS, row_groups=[group.number], columns=list(NEEDED))


def assessed(assess: Assess, batches: Iterable["RecordBatch"], since: int | None = None) -> Impact:
    """Return the impact on the decisions of these batches; no batch is kept."""
    whole = Impact()
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in NEEDED]
        rows = zip(*columns, strict=True)
        whole.merge(assess([recorded(r) for r in rows if since is None or r[DECIDED_AT] >= since]))
    return whole
