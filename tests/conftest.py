"""What every test may ask for."""

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.intervalsets import IntervalSet

from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.document import Node
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml
from tests.workers import Groups, tell_less

# How long an example takes, or the drawing of one, says something of the machine, not of the law.
# A quick run draws the same examples each time: whether a change passes is no matter of luck.
# `make fuzz` is thorough, and looks elsewhere each time.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", UNHURRIED, max_examples=25, derandomize=True)
settings.register_profile("thorough", UNHURRIED, max_examples=1000)
settings.load_profile("quick")

# Characters that UTF-8 encodes, and those that it does not decode back. Hypothesis would try each,
# for a second or two in each worker of a fresh clone.
UTF_8 = IntervalSet([(0, 0xD7FF), (0xE000, sys.maxunicode)]), IntervalSet([])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fuzz` and `make chaos` run for long, and a difference be found again."""
    parser.addoption("--fuzz-comparisons", type=int, default=0, help="how many; 0: a quick run")
    parser.addoption("--fuzz-seed", type=int, default=20261123, help="seed of the random rules")
    parser.addoption(
        "--strange-questions", type=int, default=0, help="of each kind; 0: a quick run"
    )
    parser.addoption("--random-contracts", type=int, default=0, help="of each law; 0: a quick run")
    parser.addoption("--spark-master", default="local[2,2]", help="or local-cluster[2,1,1024]")
    parser.addoption("--peeked-units", type=int, default=1500, help="of each experiment")
    parser.addoption("--chaos", action="store_true", help="all attacks, not a quick selection")
    parser.addoption("--kills", type=int, default=0, help="of a server under load")
    parser.addoption("--proof-tables", type=int, default=0, help="how many; 0: a quick run")


def pytest_configure(config: pytest.Config) -> None:
    """Import the tests without garbage collection: a quarter of what that takes.

    Nor does Hypothesis try what UTF-8 encodes, or parse all our code for constants to draw, unless
    `make fuzz` asks for it.
    """
    gc.disable()
    if hasattr(config, "workerinput"):
        tell_less(config)
    intervals_of = charmap.intervals_from_codec
    known = {"utf-8": UTF_8}
    patched: Any = charmap
    patched.intervals_from_codec = lambda codec: known.get(codec) or intervals_of(codec)
    if config.getoption("--hypothesis-profile") is None:
        providers._get_local_constants = lambda: providers._local_constants


def pytest_collection_finish() -> None:
    """What is there by now stays: no collection need look at it again."""
    gc.freeze()
    gc.enable()


# Files and folders that take longest: begun first, so that no worker ends with one of them alone.
# pytest-xdist would begin with the files that hold most tests, hence `--no-loadscope-reorder`.
LONG = (
    "test_reload_under_load.py",
    "test_batches.py",
    "test_insights.py",
    "test_journal.py",
    "front",
    "serving",
    "test_broker_failures.py",
    "test_explaining.py",
    "test_rete.py",
    "test_new_kind.py",
    "test_session.py",
    "test_calibrate.py",
    "proof",
    "foresight",
    "cli",
    "chaos",
    "engine",
    "journal",
    "lsp",
    "learn",
    "explain",
    "inbox",
    "demo",
)
# What they show needs a process that gets its turn: they never run beside each other.
ALONE = {"test_reload_under_load.py", "test_large.py", "test_queues.py"}
# Folders whose files share what is dear to start.
SHARING = {"front"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, for `pytest -n 2 --dist loadgroup`."""
    items.sort(key=_rank)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups | None:
    """Deal out groups of tests as `--dist loadgroup` does, with less counting."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None


def _group(item: pytest.Item) -> str:
    if item.path.name in ALONE:
        return "alone"
    return str(item.path.parent if item.path.parent.name in SHARING else item.path)


def _rank(item: pytest.Item) -> int:
    names = [name for name in (item.path.name, item.path.parent.name) if name in LONG]
    return min(map(LONG.index, names), default=len(LONG))


@pytest.fixture(scope="session")
def checker() -> CelChecker:
    """The real one, which keeps nothing between expressions: what authors read comes from it."""
    return CelChecker()


@pytest.fixture(scope="session")
def approve() -> AnyKind:
    """A kind of the tests' own that adds points up and refuses below a threshold."""
    # Imported here: it compiles a contract, which most tests do not need.
    from tests.approve.kind import APPROVE  # noqa: PLC0415

    return APPROVE


@pytest.fixture
def read() -> Callable[[str], Node]:
    """Read a document that has no faults."""

    def reading(text: str) -> Node:
        faults: list[Fault] = []
        node = read_yaml(Source("rules.yaml", text), faults)
        assert node is not None
        assert faults == []
        return node

    return reading
