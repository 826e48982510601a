"""A rules folder may hold anything: pipes, devices, links that lead anywhere, files of others."""

import os
from pathlib import Path

import pytest

from dealgate.desk.cache import digest_of
from dealgate.model.faults import Fault
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.source import MAX_BYTES, read_source


@pytest.fixture(params=["pipe", "device", "link", "circle", "folder", "nothing"])
def strange(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make what is called like a rule file, and is none."""
    path = tmp_path / "v1.yaml"
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "folder":
        path.mkdir()
    else:
        to = {"device": "/dev/zero", "link": "/dev/urandom", "circle": str(path), "nothing": "no"}
        path.symlink_to(to[request.param])
    return path


def test_what_is_no_file_is_a_fault(strange: Path) -> None:
    """A pipe would be waited for, for ever; /dev/zero would fill the memory of the server."""
    faults: list[Fault] = []
    assert read_source(strange, "v1.yaml", faults) is None
    assert faults[0].message.startswith("this file cannot be read: ")


def test_a_fingerprint_of_what_is_no_file_ends(strange: Path) -> None:
    """The server looks for changes again and again; so does what keeps findings."""
    assert fingerprint(strange.parent) == fingerprint(strange.parent)
    assert digest_of(strange.parent, [strange]) == digest_of(strange.parent, [strange])


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A sparse file of a terabyte costs what a rule file may hold, and is refused."""
    path = tmp_path / "v1.yaml"
    with path.open("wb") as file:
        file.truncate(10**12)
    faults: list[Fault] = []
    assert read_source(path, "v1.yaml", faults) is None
    assert "is larger than" in faults[0].message
    assert len(regular_bytes(path, MAX_BYTES + 1)) == MAX_BYTES + 1
    assert fingerprint(tmp_path)
