"""A process to be killed: writes facts without end, and prints each number once it is durable.

Argument: URL
"""

import asyncio
import sys
from itertools import count

from dealgate.journal.facts.urls import open_facts
from dealgate.model.decision import Entity
from dealgate.model.entity_state import NewActivity, Upsert
from dealgate.v1.lead_pb2 import Lead


async def main(url: str) -> None:
    """Write each lead twice at once, and an activity of it."""
    store = await open_facts(url)
    for number in count():
        entity = Entity("lead", str(number))
        facts = [Upsert(entity, Lead(id=str(number), title=f"{number}-{half}")) for half in "ab"]
        await store.put("t", facts)
        await store.append("t", [NewActivity(entity, "x", number, b"x")])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def run() -> None:
    """Do what the command line says."""
    asyncio.run(main(sys.argv[1]))
