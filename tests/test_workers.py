"""Tests that run side by side, in processes forked off the one that collected them."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent

CONFTEST = """
import pytest
from tests.workers import GROUP, add_option, pytest_runtestloop

def pytest_addoption(parser):
    add_option(parser)

def pytest_collection_modifyitems(items):
    for item in items:
        if "together" in item.path.name:
            item.stash[GROUP] = "together"

@pytest.fixture(scope="session")
def dear(tmp_path_factory):
    yield tmp_path_factory.mktemp("dear")
    print_to("torn down")

def print_to(line):
    import os
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(f"{os.getpid()} {line}\\n")
"""
SAID = """
from conftest import print_to

def test_a(dear): print_to("NAME a"); print("said by NAME")
def test_b(dear): print_to("NAME b"); assert "NAME" != "wrong", "as it should"
"""
DIES = """
import os, pytest

def test_before(): pass
def test_dies(): os._exit(3)
def test_after(): pass
"""


def run(folder: Path, *options: str, **files: str) -> tuple[str, list[tuple[str, str]]]:
    """Run these files by two workers; return what is printed, and which process did what."""
    for name, text in {"conftest": CONFTEST, **files}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]")
    seen = folder / "seen"
    seen.touch()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--workers=2", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "SEEN": str(seen)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition(" ") for line in seen.read_text().splitlines()]
    return done.stdout, [(pid, what) for pid, _, what in lines]


def test_each_test_runs_once_and_a_group_in_one_process(tmp_path: Path) -> None:
    """Two share the files; what a session of each set up is torn down; failures are told."""
    names = ["test_one", "test_together_1", "test_three", "test_together_2", "test_wrong"]
    files = {name: SAID.replace("NAME", name.removeprefix("test_")) for name in names}
    told, seen = run(tmp_path, **files)
    assert re.search("1 failed, 9 passed", told)
    assert "AssertionError: as it should" in told
    assert "said by" not in told
    done = Counter(what for _, what in seen)
    assert done.pop("torn down") == len({pid for pid, _ in seen})
    assert done == Counter(
        f"{name.removeprefix('test_')} {test}" for name in names for test in "ab"
    )
    for group in ("one", "three", "together", "wrong"):
        assert len({pid for pid, what in seen if what.startswith(group)}) == 1


def test_nothing_is_lost_with_a_worker(tmp_path: Path) -> None:
    """What died, and what then had no process, has failed; the other worker does the rest."""
    others = {f"test_z{n}": SAID.replace("NAME", f"z{n}") for n in range(3)}
    told, seen = run(tmp_path, test_dies=DIES, **others)
    assert "test_dies.py::test_dies - its process died" in told
    assert "test_dies.py::test_after - no process was left for it" in told
    assert re.search("2 failed, 7 passed", told)
    assert {what[:2] for _, what in seen} == {"z0", "z1", "z2", "to"}


def test_the_first_failure_may_be_the_last(tmp_path: Path) -> None:
    """With `-x` no worker begins another test."""
    files = {f"test_{n}": "def test_it(): assert False" for n in range(30)}
    told, _ = run(tmp_path, "-x", **files)
    assert "stopping after" in told
    assert re.search("[12] failed", told)
