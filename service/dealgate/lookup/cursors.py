"""The position in a series of turns, for callers who leave it to the server."""

import asyncio
from typing import Any, Protocol
from weakref import WeakValueDictionary

from dealgate.decide import Decide
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import TurnTaken
from dealgate.model.lookups import TurnLookup

# Others may come in between: callers who keep the same cursor themselves, and other processes that
# write the same journal, each with one question at a time. Losing that often in a row is not a
# coincidence.
ATTEMPTS = 32


class Series(Protocol):
    """A journal that knows who took the last turn."""

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""


class Cursors:
    """The series of one server, whatever catalogs decide one after another."""

    def __init__(self, journal: Series) -> None:
        self._journal = journal
        # Waiting here is cheaper than losing there; to another process one may lose all the same.
        self._waiting: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def around(self, decide: Decide, look_up: TurnLookup[Any]) -> Decide:
        """Return `decide`; questions that do not tell where they stand take up the last turn.

        It raises TurnTaken if a series that the caller keeps has moved on.
        """

        async def looked_up(question: Question) -> Decision:
            series = look_up.series(question.facts)
            if series is None:
                return await decide(question)
            async with self._waiting.setdefault((question.tenant, series), asyncio.Lock()):
                return await self._decided(question, decide, look_up, series)

        return looked_up

    async def _decided(
        self, question: Question, decide: Decide, look_up: TurnLookup[Any], series: str
    ) -> Decision:
        for _ in range(ATTEMPTS - 1):
            try:
                return await decide(await self._continued(question, look_up, series))
            except TurnTaken:
                continue
        return await decide(await self._continued(question, look_up, series))

    async def _continued(
        self, question: Question, look_up: TurnLookup[Any], series: str
    ) -> Question:
        last = await self._journal.last_of(question.tenant, series)
        return added(question, look_up.with_last(question.facts, last))
