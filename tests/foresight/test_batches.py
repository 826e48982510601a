"""The kernel over Arrow, in a pool of processes and on Apache Spark: one machine's totals.

Without pyarrow and pyspark (`make spark`), or without a Java, these are skipped.
"""

import dataclasses
import json
import os
import pickle
import shutil
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.assemble import spark
from dealgate.assemble.impacts import Spec, impact_of, impact_of_exported
from dealgate.cli import app
from dealgate.foresight import parquet
from dealgate.foresight.assessing import Clock
from dealgate.foresight.batches import row_groups
from dealgate.foresight.concluding import TREATED
from dealgate.foresight.impact import Impact
from dealgate.foresight.parquet import export, read
from dealgate.foresight.reporting import AssessedVersions, document
from dealgate.journal.port import Recorded
from dealgate.kinds import KINDS
from dealgate.model.instants import DAY
from dealgate.wire.arrival import uuid7
from tests.foresight.recording import MARCH, RULES
from tests.foresight.test_assessing import decided, versions

KIND, DECISIONS = "qualify", 300
EXAMPLES = Path(__file__).parents[2] / "examples"
SPEC = Spec(str(RULES), KIND, 1, 2, Clock(MARCH + 400 * DAY, 90 * DAY))

VECTORS = "jdk.incubator.vector"
# A Java that lives for seconds: optimizing what runs a few times takes longer than running it, and
# verifying classes of Spark's takes a sixth of its time.
BRIEF = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
# Workers are forked off a process that has imported what they need.
FORKED = "--conf spark.python.daemon.module=tests.foresight.forked pyspark-shell"

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exported decisions of half a year, in row groups as small as they can be."""
    folder = tmp_path_factory.mktemp("exported")
    known = decided(KIND, 40)
    records: list[Recorded] = []
    for number in range(DECISIONS):
        decision, result = known[number % len(known)]
        at = MARCH + number * (180 * DAY // DECISIONS)
        records.append((dataclasses.replace(decision, id=uuid7(at), decided_at=at), result))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parquet, "ROW_GROUP", 2_048)
        export(records, KINDS[KIND], folder)
    return folder


@pytest.fixture(scope="module")
def here(folder: Path) -> str:
    """The document of one process that reads by DuckDB."""
    return told(impact_of(SPEC, read(folder, KIND), jobs=1))


def modules_of_java() -> str:
    """Return what the installed Java has; nothing, if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return ""
    done = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False)
    return done.stdout


def told(impact: Impact) -> str:
    """Return the impact as its document: every count, cause, example and distribution."""
    old, new = versions(KIND)
    asked = AssessedVersions(KINDS[KIND], old, new, "default", None, None, 90, TREATED.get(KIND))
    return json.dumps(document(asked, impact), sort_keys=True)


def test_a_pool_that_reads_row_groups_comes_to_the_same(folder: Path, here: str) -> None:
    """To the byte of its document, though each process reads its own part; since a day, too."""
    groups = row_groups(folder, KIND, None)
    assert len(groups) >= 6
    assert told(impact_of_exported(SPEC, groups, jobs=2)) == here
    assert told(impact_of_exported(SPEC, groups[::-1], jobs=1)) == here
    since = MARCH + 100 * DAY
    late = impact_of_exported(SPEC, row_groups(folder, KIND, since), jobs=1)
    assert told(late) == told(impact_of(SPEC, read(folder, KIND, since), jobs=1))
    assert 0 < late.decisions < DECISIONS


def test_a_part_is_that_of_one_tenant(folder: Path, here: str) -> None:
    """Another's decisions in the same files are not counted."""
    own = row_groups(folder, KIND, None, "default")
    assert told(impact_of_exported(SPEC, own, jobs=1)) == here
    assert not impact_of_exported(SPEC, row_groups(folder, KIND, None, "b"), jobs=1).decisions


def test_kinds_without_code_travel() -> None:
    """A worker decides by the kind that the folder declares."""
    work = spark.travelling(Spec(str(EXAMPLES), "discount", 1, 1, SPEC.clock))
    (part,) = spark.kernel(work, iter(()))
    assert not pickle.loads(part.column(0)[0].as_py()).decisions


@pytest.fixture(scope="module")
def session(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Spark with two workers that may try twice, or with executors; needs a Java."""
    if find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: make spark")
    if VECTORS not in modules_of_java():
        pytest.skip(f"there is no Java 17 with {VECTORS}, which Spark asks for")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JDK_JAVA_OPTIONS", BRIEF)
        patched.setenv("PYSPARK_SUBMIT_ARGS", FORKED)
        session = spark.session_on(request.config.getoption("--spark-master"))
    yield session
    session.stop()


def test_spark_comes_to_the_same(folder: Path, here: str, session: Any) -> None:
    """With several workers, to the byte."""
    work = spark.travelling(SPEC)
    assert told(spark.impact_on_spark(work, folder, session)) == here


def test_a_killed_worker_counts_once(folder: Path, here: str, session: Any, tmp_path: Path) -> None:
    """A worker that is killed in the middle of its rows is replaced, and nothing counts twice.

    Of executors (`--spark-master=local-cluster[2,1,1024]`) a whole one is killed, with its Java.
    """
    marker, executors = str(tmp_path / "killed"), session.sparkContext.master.startswith("local-")

    def dying(work: spark.Travelling, batches: Iterator[Any]) -> Iterator[Any]:
        def until_killed() -> Iterator[Any]:
            for number, batch in enumerate(batches):
                yield batch
                if number == 0 and not os.path.exists(marker):  # noqa: PTH110 - in the worker
                    with open(marker, "x"):  # noqa: PTH123
                        if executors:
                            # Above a worker is its daemon, and above that the executor.
                            with open(f"/proc/{os.getppid()}/stat") as file:  # noqa: PTH123
                                os.kill(int(file.read().rpartition(")")[2].split()[1]), 9)
                        os.kill(os.getpid(), signal.SIGKILL)

        yield from spark.kernel(work, until_killed())

    work = spark.travelling(SPEC)
    assert told(spark.impact_on_spark(work, folder, session, dying)) == here
    assert Path(marker).exists()


def test_a_worker_with_other_code_refuses() -> None:
    """Its answers would be others; it says what is not as it is here."""
    work = spark.travelling(SPEC)
    old, new = work.made
    other = dataclasses.replace(work, made=(old, dataclasses.replace(new, zones="1999a")))
    with pytest.raises(RuntimeError, match="decides differently: time-zone data: 1999a"):
        next(spark.kernel(other, iter(())))


def test_what_spark_cannot_read_is_refused() -> None:
    """It reads an exported folder, and no journal."""
    refused = CliRunner().invoke(app, ["impact", "qualify@2", "--against", "1", "--spark", "local"])
    assert refused.exit_code == 2
    assert "--parquet" in refused.output
