"""Work in another process: its result comes back, and it is ended when it is late."""

import asyncio
import os
import time

import pytest

from dealgate.aside.beside import Beside
from dealgate.model.errors import Overloaded, Unavailable


async def test_results_come_back() -> None:
    """The function runs in another process."""
    assert await Beside(60, "busy").run(os.getpid) != os.getpid()
    assert await Beside(60, "busy").run(divmod, 7, 2) == (3, 1)


async def test_what_is_late_is_ended() -> None:
    """A caller waits no longer than the bound, and the next one is served."""
    beside = Beside(0.5, "busy")
    with pytest.raises(Unavailable, match="was not done within"):
        await beside.run(time.sleep, 3600)
    with pytest.raises(Unavailable):
        await beside.run(time.sleep, 3600)


async def test_one_at_a_time() -> None:
    """Who comes second is told to come back."""
    beside = Beside(60, "busy")
    first = asyncio.create_task(beside.run(os.getpid))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await beside.run(os.getpid)
    await first


async def test_a_process_that_dies_is_no_answer() -> None:
    """A crash there is not a crash here."""
    with pytest.raises(Unavailable):
        await Beside(60, "busy").run(os._exit, 3)
