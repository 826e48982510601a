"""How busy the process is: its event loop, garbage collector, memory, threads and files."""

import asyncio
import gc
import os
import resource
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dealgate.aside.lasting import Outlived, beside
from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter

LOOK = 0.25  # seconds
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
PAUSE_BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)
PAGE = os.sysconf("SC_PAGE_SIZE")


def observe_process(meter: Meter) -> Callable[[], None]:
    """Measure the process whenever somebody asks; return what ends it."""
    meter.observe(names.PROCESS_MEMORY_USAGE, lambda: [(resident(), ())])
    meter.observe(names.PROCESS_CPU_TIME, lambda: [(_cpu_seconds(), ())])
    meter.observe(names.PROCESS_THREAD_COUNT, lambda: [(threading.active_count(), ())])
    meter.observe(names.PROCESS_OPEN_FILE_DESCRIPTOR_COUNT, lambda: [(_open_files(), ())])
    if not meter.is_on:
        return lambda: None
    pauses = meter.histogram(names.GC_PAUSE_DURATION, PAUSE_BUCKETS)
    pauses.begin()
    begun = 0.0

    def collected(phase: str, _: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.perf_counter()
        else:
            pauses.record(time.perf_counter() - begun)

    gc.callbacks.append(collected)

    def close() -> None:
        with suppress(ValueError):
            gc.callbacks.remove(collected)

    return close


@asynccontextmanager
async def watching(meter: Meter, looks: Mapping[str, Callable[[], None]]) -> AsyncIterator[None]:
    """Within the block, measure how late the event loop is, and look at each of `looks`.

    One that fails, by its name in the log, is looked at the next time like the others.
    """
    outlived = [(look, Outlived(name)) for name, look in looks.items()]
    lag = meter.histogram(names.LOOP_LAG, LAG_BUCKETS)

    async def watch() -> None:
        while True:
            due = time.perf_counter() + LOOK
            await asyncio.sleep(LOOK)
            lag.record(max(time.perf_counter() - due, 0.0))
            for look, failures in outlived:
                with failures:
                    look()

    async with beside("measuring the event loop", watch):
        yield


def resident() -> int:
    """Return the memory that the process holds, in bytes."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE
    except OSError:  # not Linux: the most it ever held
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _open_files() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone, no paths
    except OSError:
        return 0
