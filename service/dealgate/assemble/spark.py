"""The impact of a version on Apache Spark: the kernel of one machine, on batches of many.

Rules travel as their files, and are read once by each Python worker; what comes back are counts
in rows, so that a task that is repeated, since its worker died, counts once.
"""

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dealgate.assemble.impacts import Spec, assess_of, compared
from dealgate.assemble.provenance import made_with
from dealgate.desk.reading import read_rules
from dealgate.foresight.batches import ROWS, Assess, assessed
from dealgate.foresight.impact import Impact
from dealgate.foresight.parquet import files_of
from dealgate.foresight.parquet_rows import NEEDED
from dealgate.model.provenance import Provenance

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import SparkSession

OUTPUT = "part binary"
# A journal of some megabytes is work for all cores; without it Spark would make it one task.
SETTINGS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS),
    "spark.sql.files.maxPartitionBytes": "8m",
    "spark.sql.files.openCostInBytes": "0",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

_known: dict[str, Assess] = {}


@dataclass(frozen=True, slots=True)
class Travelling:
    """A spec whose rules come along: the files of its kind, and those that all kinds share.

    `made` says what decisions are made with here, besides rules; a worker with other code or
    other lists refuses, since its answers would be others.
    """

    spec: Spec
    files: Mapping[str, bytes]
    made: tuple[Provenance, Provenance]
    since: int | None = None
    tenant: str | None = None

    @property
    def digest(self) -> str:
        """What it is known by in a worker."""
        told = hashlib.sha256(repr((self.spec, self.made)).encode())
        for name in sorted(self.files):
            told.update(name.encode() + b"\0" + self.files[name] + b"\0")
        return told.hexdigest()


def travelling(spec: Spec, since: int | None = None, tenant: str | None = None) -> Travelling:
    """Return the spec with its rules; `since` and `tenant`: of which decisions, None: of all."""
    folder = Path(spec.rules)
    paths = [*folder.glob("*.yaml"), *(folder / spec.kind).rglob("*")]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}
    return Travelling(spec, files, _made(spec), since, tenant)


def kernel(work: Travelling, batches: Iterator["RecordBatch"]) -> Iterator["RecordBatch"]:
    """Assess a partition; yields one row."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, `dealgate[spark]`

    impact = assessed(_assess(work), batches, work.since, work.tenant)
    part = pa.array([pickle.dumps(impact)], pa.binary())
    yield pa.RecordBatch.from_arrays([part], ["part"])


def impact_on_spark(
    work: Travelling, folder: Path, session: "SparkSession", run: Any = kernel
) -> Impact:
    """Return the impact on the exported decisions of a folder that every worker sees."""
    files = [str(path.resolve()) for path in files_of(folder, work.spec.kind)]
    frame = session.read.parquet(*files).select(*NEEDED)
    impact = Impact()
    for row in frame.mapInArrow(partial(run, work), OUTPUT).collect():
        # Our own workers wrote it, in this very job.
        impact.merge(pickle.loads(row.part))  # noqa: S301
    return impact


def session_on(master: str | None) -> "SparkSession":
    """Return a session; None: the one of spark-submit, with the master that was given there."""
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder.appName("dealgate impact")
    if master is not None:
        builder = builder.master(master)
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _assess(work: Travelling) -> Assess:
    """Return what assesses, made once in a worker."""
    known = _known.get(work.digest)
    if known is None:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in work.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            spec = replace(work.spec, rules=folder)
            _refuse_others(work.made, _made(spec))
            known = _known[work.digest] = assess_of(spec)
    return known


def _made(spec: Spec) -> tuple[Provenance, Provenance]:
    catalog = read_rules(Path(spec.rules), spec.kind)
    kind, (old, new) = catalog.kinds[spec.kind], compared(spec, catalog)
    return made_with(kind, old), made_with(kind, new)


def _refuse_others(sent: Sequence[Provenance], here: Sequence[Provenance]) -> None:
    changes = {
        str(change) for pair in zip(sent, here, strict=True) for change in pair[0].changes(pair[1])
    }
    if changes:
        raise RuntimeError(f"this worker decides differently: {'; '.join(sorted(changes))}")
