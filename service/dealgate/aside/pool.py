"""Work on all cores, chunk by chunk, in order and in bounded memory: for commands, not for servers.

Each process makes its worker once, from a spec of plain values: compiled rules do not travel. The
processes come from a fork server, which holds none of our threads.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

Spec = TypeVar("Spec")
Chunk = TypeVar("Chunk")
Item = TypeVar("Item")
Answer = TypeVar("Answer")

AHEAD = 2  # chunks in hand for each process: it never waits, and no more lie in memory

_worker: Callable[[Any], Any] | None = None


def in_order(
    make: Callable[[Spec], Callable[[Chunk], Answer]],
    spec: Spec,
    chunks: Iterable[Chunk],
    jobs: int,
) -> Iterator[Answer]:
    """Yield what a worker makes of each chunk, in order; in this process if `jobs` is 1.

    `make` is a function of a module; chunks and answers travel. The fork server imports that module
    once, and each process has it from there.
    """
    if jobs == 1:
        worker = make(spec)
        yield from map(worker, chunks)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", make.__module__])
    with ProcessPoolExecutor(jobs, context, _prepare, (make, spec)) as pool:
        coming = iter(chunks)
        under_way: deque[Future[Answer]] = deque(
            pool.submit(_work, chunk) for chunk in islice(coming, AHEAD * jobs)
        )
        try:
            while under_way:
                answer = under_way.popleft().result()
                under_way.extend(pool.submit(_work, chunk) for chunk in islice(coming, 1))
                yield answer
        finally:
            for future in under_way:
                future.cancel()


def chunked(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of this length."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def cores() -> int:
    """Return how many processes can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prepare(make: Callable[[Spec], Callable[[Any], Any]], spec: Spec) -> None:
    global _worker  # noqa: PLW0603 - a process has one, which its tasks find here
    _worker = make(spec)


def _work(chunk: Any) -> Any:
    if _worker is None:
        raise RuntimeError("a worker must be created before it is used")
    return _worker(chunk)
