"""A server under attack: a process of its own, which one module of attacks shares."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.victim import Victim


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether all attacks are wanted, at full size."""
    return bool(request.config.getoption("--chaos"))


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often a server is killed under load; skips if never."""
    number = int(request.config.getoption("--kills"))
    if number == 0:
        pytest.skip("kills servers for minutes: make chaos (one kill is in tests/serving)")
    return number


@pytest.fixture(scope="session")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """A server that the attacks share: each must leave it as it was."""
    started = Victim(tmp_path_factory.mktemp("victim"))
    yield started
    started.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def failing_syncs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that lets fsync fail while a file named by FAIL_WHILE exists; skips without cc."""
    folder = tmp_path_factory.mktemp("syncs")
    source, library = folder / "syncs.c", folder / "syncs.so"
    source.write_text(SYNCS)
    command = ["cc", "-shared", "-fPIC", "-o", str(library), str(source)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("lets syncs fail by a library of its own, and there is no C compiler")
    if sys.platform != "linux":
        pytest.skip("preloads a library, as Linux does")
    return library


SYNCS = """
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int fails(void) {
    const char *flag = getenv("FAIL_WHILE");
    return flag && access(flag, F_OK) == 0;
}
int fsync(int fd) {
    if (fails()) { errno = EIO; return -1; }
    return syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
    if (fails()) { errno = EIO; return -1; }
    return syscall(SYS_fdatasync, fd);
}
"""
