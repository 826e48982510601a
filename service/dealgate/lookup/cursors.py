"""Where a round robin stands, for callers who leave that to the server."""

import asyncio
from typing import Any, Protocol
from weakref import WeakValueDictionary

from dealgate.decide import Decide
from dealgate.kinds.route.robin import series
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import TurnTaken
from dealgate.v1 import route_pb2 as pb

# Others may come in between: callers who keep the same cursor themselves, and other processes that
# write the same journal, each with one question at a time. To lose so often in a row is no chance.
ATTEMPTS = 32


class Series(Protocol):
    """A journal that knows who took the last turn."""

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""


class Cursors:
    """The round robins of one server, whatever catalogs decide one after another."""

    def __init__(self, journal: Series) -> None:
        self._journal = journal
        # Waiting here is cheaper than losing there; to another process one may lose all the same.
        self._waiting: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def around(self, decide: Decide) -> Decide:
        """Return `decide` for route questions; those without a version take up the last turn.

        It raises TurnTaken if a cursor that the caller keeps has moved on.
        """

        async def looked_up(question: Question) -> Decision:
            facts: Any = question.facts
            if facts.cursor.HasField("version"):
                return await decide(question)
            key = (question.tenant, series(facts.cursor))
            async with self._waiting.setdefault(key, asyncio.Lock()):
                return await self._decided(question, decide)

        return looked_up

    async def _decided(self, question: Question, decide: Decide) -> Decision:
        for _ in range(ATTEMPTS - 1):
            try:
                return await decide(await self._continued(question))
            except TurnTaken:
                continue
        return await decide(await self._continued(question))

    async def _continued(self, question: Question) -> Question:
        sent: Any = question.facts
        known = pb.RouteFacts()
        known.CopyFrom(sent)
        last = await self._journal.last_of(question.tenant, series(known.cursor))
        if last is None:
            known.cursor.version = 0
        else:
            answer = pb.RouteLeadResponse.FromString(last.answer)
            known.cursor.CopyFrom(answer.outcome.cursor)
        return added(question, known)
