"""A process that races others for keys and turns, and prints what it was given.

Arguments: URL NUMBER

It says that it is ready, and begins when it is told so by SIGUSR1, as the others are.
"""

import asyncio
import json
import os
import signal
import sys
from itertools import count

from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, Turn
from dealgate.model.errors import TurnTaken
from tests.journal.decisions import decision

KEYS, TURNS = 60, 40


async def main(url: str, racer: int) -> None:
    """Ask for every key, and for turns until the last is given."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    journal = await open_journal(url)
    os.write(1, b"ready\n")
    signal.sigwait([signal.SIGUSR1])  # all begin together
    numbers = count(racer * 1_000_000)
    keyed = [
        journal.append(decision(next(numbers), key=f"k{key}", body_hash=bytes([key]) * 32))
        for key in range(KEYS)
    ]
    ids = [decided.id for decided in await asyncio.gather(*keyed)]
    won = []
    while (last := await journal.last_of("default", "s")) is None or taken(last) < TURNS:
        try:
            turn = Turn("s", 1 if last is None else taken(last) + 1)
            won.append(taken(await journal.append(decision(next(numbers), turn=turn))))
        except TurnTaken:
            continue
    await journal.close()
    sys.stdout.write(json.dumps({"keys": ids, "turns": won}))


def taken(decided: Decision) -> int:
    """Return the number of the turn it took."""
    assert decided.turn is not None
    return decided.turn.number


def run() -> None:
    """Do what the command line says."""
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
