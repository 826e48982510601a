"""Processes that write journals: modules of the tests, forked off one that has imported all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from tests.serving.zygote import Forked, fork


@contextmanager
def process_of(module: str, *arguments: str) -> Iterator[tuple[Forked, IO[bytes]]]:
    """Run a module's `run` within the block, in a process; yields it and what it writes.

    That is its standard output. It is killed in the end, unless it has ended.
    """
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb") as output:
        try:
            process = fork([module, *arguments], os.environ, stderr=2, stdout=writes)
        finally:
            os.close(writes)
        try:
            yield process, output
        finally:
            process.kill()
            process.wait()
