"""Events for the tests of the inbox, and a source that is as bad as a source may be."""

import asyncio
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from dealgate.inbox.port import Delivery, SettledDelivery, SourceFailed

STRUCTURED = "application/cloudevents+json"
POISON = "poison"


def question(lead: str) -> dict[str, Any]:
    """Return a question as JSON data have it."""
    return {"score": {"facts": {"lead": {"id": lead, "company": {"employees": 100}}}}}


def event(number: int, lead: str = "L1", **attributes: Any) -> dict[str, Any]:
    """Return an event about a lead, as JSON has it."""
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "/crm",
        "type": "lead.changed",
        "subject": f"lead/{lead}",
        "data": question(lead),
        **attributes,
    }


def poison(number: int) -> dict[str, Any]:
    """Return an event that no server can decide: it is about no lead."""
    return event(number, POISON, data={"score": {"facts": {}}})


def delivery(told: dict[str, Any], receipt: Any = None) -> Delivery:
    """Return it as a broker hands it out."""
    return Delivery(STRUCTURED, {}, json.dumps(told).encode(), receipt)


class Broker:
    """Repeats, reorders, fails, and forgets acknowledgements; what it hands out is all there is."""

    def __init__(self, chance: Random, events: Sequence[dict[str, Any]]) -> None:
        self._chance = chance
        self.held = dict(enumerate(events))
        self.told = 0

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Hand out some of what is held, in any order, some of it twice."""
        await asyncio.sleep(0)
        if self._chance.random() < 0.1:
            raise SourceFailed("as scripted")
        numbers = sorted(self.held)[: self._chance.randint(1, most)]
        repeated = self._chance.sample(numbers, len(numbers) // 4)
        handed = self._chance.sample([*numbers, *repeated], len(numbers) + len(repeated))
        self.told += len(handed)
        return [delivery(self.held[number], number) for number in handed]

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Take some; the rest comes again."""
        if self._chance.random() < 0.1:
            raise SourceFailed("as scripted")
        for item in settled:
            if self._chance.random() < 0.9:
                self.held.pop(item.delivery.receipt, None)

    async def close(self) -> None:
        """Stay."""
