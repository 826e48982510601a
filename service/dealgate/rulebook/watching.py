"""Watches a rules folder: by events of the operating system, and by slow polling for the rest.

What the operating system tells is a hint to look, nothing more. It says nothing of folders on some
network and container mounts, of a link that leads elsewhere, or of a tree that was swapped whole.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from watchfiles import awatch

from dealgate.aside.lasting import lasting
from dealgate.rulebook.live import LiveCatalog

QUIET = 100  # milliseconds without a change that end a burst of them
BURST = 1000  # milliseconds that a burst may last

Look: TypeAlias = Callable[[], Awaitable[object]]

log = logging.getLogger("dealgate")


async def watch(folder: Path, every: float, look: Look) -> None:
    """Call `look` when something changes below `folder`, and every `every` seconds; never return.

    `look` finds out by itself whether anything is new.
    """
    while True:
        try:
            await _watch_tree(folder, every, look)
        except OSError as error:
            # It is not there just now, or the system can watch no more folders.
            log.debug("%s cannot be watched: %s", folder, type(error).__name__)
            await asyncio.sleep(every)
            await look()


async def _watch_tree(folder: Path, every: float, look: Look) -> None:
    """Watch this very tree; return when another one stands in its place."""
    tree = _identity(folder)
    told = awatch(
        folder,
        watch_filter=None,
        debounce=BURST,
        step=QUIET,
        rust_timeout=round(every * 1000),
        yield_on_timeout=True,
    )
    async for _ in told:
        await look()
        if _identity(folder) != tree:
            return


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


@asynccontextmanager
async def following(
    live: LiveCatalog, folder: Path, every: float | None
) -> AsyncIterator[Callable[[], None]]:
    """Let `live` follow the folder until the block is left; None: only on request.

    Yields what requests a check now.
    """
    tasks: set[asyncio.Task[None]] = set()

    def look_now() -> None:
        task = asyncio.create_task(lasting("reloading the rules on SIGHUP", partial(_asked, live)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    if every is not None:
        work = partial(watch, folder, every, live.reload)
        tasks.add(asyncio.create_task(lasting(f"watching {folder}", work)))
    try:
        yield look_now
    finally:
        live.leave()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _asked(live: LiveCatalog) -> None:
    before = live.last
    if await live.reload() is before:
        log.info("nothing is new in the rules folder, edition %d stays", live.edition.number)
