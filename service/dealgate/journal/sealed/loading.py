"""Loads keys into memory before they are used, so that the event loop waits for no database.

A store that is near is asked when its keys are used: that is faster than a thread is begun.

The connection has one user at a time: a turn is held until the work in its thread has ended, even
if the caller who began it has given up (`_in_turn`).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec, TypeVar

from dealgate.aside.threads import in_thread
from dealgate.journal.sealed.envelope import pseudonyms
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.port import KeyStore
from dealgate.journal.sealed.sealer import ROTTEN
from dealgate.journal.sealed.terms import is_sealed
from dealgate.journal.sealed.texts import Named, pseudonyms_in
from dealgate.model.decision import Decision
from dealgate.model.feed import FeedEvent, FeedItem
from dealgate.model.results import Result

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Loader:
    """Fills a keyring, by a connection of its own: the keyring's is in use on the loop."""

    def __init__(self, ring: Keyring, store: KeyStore) -> None:
        """See the class."""
        self._ring = ring
        self._store = store
        self._turn = asyncio.Lock()
        self._wanted: dict[Named, None] = {}

    def close(self) -> None:
        """Close the connection."""
        self._store.close()

    async def fresh(self) -> Keyring:
        """Return the keyring, without what was destroyed.

        By another process: until `port.BOUND` seconds ago, if the store is not near.
        """
        if self._store.is_near:
            self._ring.refresh()
        elif self._store.is_due():
            await asyncio.shield(self._look())
        return self._ring

    async def tenant(self, tenant: str) -> Keyring:
        """Return the keyring, with this tenant's keys."""
        ring = await self.fresh()
        if not self._store.is_near and ring.lacks_tenant(tenant):
            await self._in_turn(ring.tenant, tenant, self._store)
        return ring

    async def make(self, named: Iterable[Named]) -> None:
        """Return once each subject has a key that is durable."""
        await self.fresh()
        missing = self._missing(named)
        while missing:  # again if others, who carried them along, failed
            self._wanted.update(dict.fromkeys(missing))
            await asyncio.shield(self._make_wanted())
            missing = self._missing(missing)

    async def known(self, named: Named) -> Keyring:
        """Return the keyring, with this subject if it has a key."""
        ring = await self.fresh()
        if not self._store.is_near and ring.lacks_name(*named):
            await self._in_turn(ring.load_names, named[0], [named[1]], self._store)
        return ring

    async def records(
        self, decisions: Iterable[Decision], results: Iterable[Result] = ()
    ) -> Keyring:
        """Return the keyring, with the keys of all who are named in these."""
        ring = await self.fresh()
        if not self._store.is_near:
            lacking = _lacking(ring, decisions, results)
            if lacking:
                await self._in_turn(self._load, lacking)
        return ring

    async def items(self, items: Iterable[FeedItem]) -> Keyring:
        """Return the keyring, with the keys of all who are named in items of the feed."""
        events = [item for item in items if isinstance(item, FeedEvent)]
        results = [event.result for event in events if event.result is not None]
        return await self.records((event.decision for event in events), results)

    async def erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> None:
        """Destroy a subject's key, durably."""
        await self._in_turn(self._erase, tenant, type_, pseudonym, at)

    async def _in_turn(
        self,
        work: Callable[Arguments, Answer],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Answer:
        async def held() -> Answer:
            async with self._turn:
                return await in_thread(work, *arguments, **named)

        return await asyncio.shield(held())

    def _missing(self, named: Iterable[Named]) -> Sequence[Named]:
        if self._store.is_near:
            return [subject for subject in named if self._ring.known(*subject) is None]
        return [subject for subject in named if self._ring.lacks_name(*subject)]

    async def _look(self) -> None:
        async with self._turn:
            if self._store.is_due() and await in_thread(self._store.was_changed):
                self._ring.forget()

    async def _make_wanted(self) -> None:
        async with self._turn:
            wanted = list(self._wanted)  # those that came while others were made wait for none
            self._wanted.clear()
            if wanted:
                await in_thread(self._made, wanted)

    def _erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> None:
        self._store.erase(tenant, type_, pseudonym, at)
        self._ring.forget()

    def _made(self, wanted: Sequence[Named]) -> None:
        if not self._store.is_near:
            self._load_names(wanted)
            wanted = [each for each in wanted if self._ring.lacks_name(*each)]
        self._ring.make(wanted, self._store)
        if not self._store.is_near:
            self._load_names(wanted)

    def _load_names(self, named: Sequence[Named]) -> None:
        for tenant in dict.fromkeys(tenant for tenant, _ in named):
            theirs = [of for owner, of in named if owner == tenant]
            if theirs:
                self._ring.load_names(tenant, theirs, self._store)

    def _load(self, lacking: dict[str, dict[bytes, None]]) -> None:
        for tenant, theirs in lacking.items():
            self._ring.tenant(tenant, self._store)
            self._ring.load(tenant, list(theirs), self._store)


def load(ring: Keyring, decisions: Iterable[Decision], results: Iterable[Result]) -> None:
    """Have the keys of all who are named in these in memory, by one read of the store."""
    if not ring.store.is_near:
        for tenant, theirs in _lacking(ring, decisions, results).items():
            ring.load(tenant, list(theirs))


def _lacking(
    ring: Keyring, decisions: Iterable[Decision], results: Iterable[Result]
) -> dict[str, dict[bytes, None]]:
    lacking: dict[str, dict[bytes, None]] = {}
    for decision in decisions:
        for name in _named(decision):
            if ring.lacks(decision.tenant, name):
                lacking.setdefault(decision.tenant, {})[name] = None
    for result in results:
        for name in pseudonyms_in(result.reason, result.because, result.recorded_by):
            if ring.lacks(result.tenant, name):
                lacking.setdefault(result.tenant, {})[name] = None
    return lacking


def _named(decision: Decision) -> Sequence[bytes]:
    if not is_sealed(decision.facts):
        return ()
    try:
        return pseudonyms(decision.facts)
    except ROTTEN:  # the reader of the record reports it
        return ()
