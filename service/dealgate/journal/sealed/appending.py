"""How decisions come into an encrypted journal.

Before the journal within gets a decision, the keys of its new subjects must be durable; decisions
that arrive together wait for that together.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from dealgate.journal.port import Journal, Outcomes
from dealgate.journal.sealed.clear import Clear
from dealgate.journal.sealed.keyring import Keyring, Subject
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.sealer import Prepared, prepared, unsealed
from dealgate.journal.sealed.texts import Named
from dealgate.model.decision import Decision, Entity
from dealgate.model.errors import DealgateError, SubjectErased
from dealgate.model.subjects import MessagesOf


class Coming(NamedTuple):
    """A decision on its way into the journal."""

    entity: Entity
    handed_over: asyncio.Event


class Appends:
    """Encrypts decisions and hands them to the journal within."""

    def __init__(
        self,
        within: Journal,
        ring: Keyring,
        loader: Loader,
        messages: MessagesOf,
        clear: Clear | None,
    ) -> None:
        """`messages` says what is personal; `clear` finds older records, if there are such."""
        self._within = within
        self._ring = ring
        self._loader = loader
        self._messages = messages
        self._clear = clear
        self._coming: dict[tuple[str, str], Coming] = {}

    async def append(self, decision: Decision) -> Decision:
        """Return `decision` once it is durable, or the first one under its key."""
        with self._appending([decision]) as handed_over:
            (sealed,) = await self._sealed([decision])
            first = await self._first_in_clear([decision])
            handed_over.set()
            return await self._told(first or await self._within.append(sealed), decision)

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error that it raises."""
        try:
            await self._tenants(decisions)
        except DealgateError as refusal:
            return [refusal] * len(decisions)
        ready = [self._prepared_or_fault(decision) for decision in decisions]
        sound = [each for each in ready if isinstance(each, Prepared)]
        with self._appending(decisions) as handed_over:
            try:
                sealed = await self._sealed_all(sound)
            except DealgateError as refusal:
                return [refusal] * len(decisions)
            handed_over.set()
            outcomes = iter(await self._within.append_all(sealed))
        return [
            await self._told_or_fault(next(outcomes), each.decision)
            if isinstance(each, Prepared)
            else each
            for each in ready
        ]

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first of them once all are durable, or the first decision under its key."""
        with self._appending(decisions) as handed_over:
            sealed = await self._sealed(decisions)
            first = await self._first_in_clear(decisions)
            handed_over.set()
            kept = first or await self._within.append_together(sealed)
            return await self._told(kept, decisions[0])

    async def entity(self, tenant: str, decision_id: str) -> Entity | None:
        """Return what a decision on its way is about, once it was handed over; None: it is not."""
        coming = self._coming.get((tenant, decision_id))
        if coming is None:
            return None
        await coming.handed_over.wait()
        return coming.entity

    async def _tenants(self, decisions: Sequence[Decision]) -> None:
        for tenant in dict.fromkeys(decision.tenant for decision in decisions):
            await self._loader.tenant(tenant)

    async def _sealed(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        await self._tenants(decisions)
        return await self._sealed_all([self._prepared(decision) for decision in decisions])

    def _prepared(self, decision: Decision) -> Prepared:
        """Raises ValueError if there cannot be keys for whom it names."""
        ready = prepared(self._messages, decision)
        keys = self._ring.tenant(decision.tenant)
        for of in ready.subjects:
            keys.name(of)
        return ready

    def _prepared_or_fault(self, decision: Decision) -> Prepared | Exception:
        try:
            return self._prepared(decision)
        except (ValueError, DealgateError) as fault:
            return fault

    async def _sealed_all(self, ready: Sequence[Prepared]) -> Sequence[Decision]:
        named = [(known.decision.tenant, of) for known in ready for of in known.subjects]
        await self._loader.make(dict.fromkeys(named))
        return [self._sealed_one(known) for known in ready]

    def _sealed_one(self, ready: Prepared) -> Decision:
        tenant = ready.decision.tenant
        subjects = [subject_of(self._ring, (tenant, of)) for of in ready.subjects]
        return ready.sealed(self._ring.tenant(tenant), subjects)

    async def _first_in_clear(self, decisions: Sequence[Decision]) -> Decision | None:
        """Return what an older record answered under the key."""
        first = decisions[0]
        if self._clear is None or first.key is None:
            return None
        return await self._clear.recall(first.tenant, first.key, first.body_hash)

    async def _told(self, kept: Decision, asked: Decision) -> Decision:
        if kept.id == asked.id:
            return asked
        return whole(unsealed(await self._loader.records([kept]), kept))

    async def _told_or_fault(
        self, outcome: Decision | Exception, asked: Decision
    ) -> Decision | Exception:
        if isinstance(outcome, Exception):
            return outcome
        try:
            return await self._told(outcome, asked)
        except DealgateError as refusal:
            return refusal

    @contextmanager
    def _appending(self, decisions: Sequence[Decision]) -> Iterator[asyncio.Event]:
        """Within the block results may come for these: they are recorded in the same commit.

        They wait until the decisions were handed to the journal within.
        """
        handed_over = asyncio.Event()
        coming = {
            (known.tenant, known.id): Coming(known.entity, handed_over) for known in decisions
        }
        self._coming.update(coming)
        try:
            yield handed_over
        finally:
            handed_over.set()
            for known in coming:
                self._coming.pop(known, None)


def subject_of(ring: Keyring, named: Named) -> Subject:
    """Return the key of a subject, which the caller has had made."""
    subject = ring.known(*named)
    if subject is None:  # it was erased in the meantime: then it is somebody new
        ring.make([named])
        subject = ring.known(*named)
    if subject is None:
        raise TypeError("a key that was just made is not there")
    return subject


def whole(first: Decision) -> Decision:
    """Return the first decision under a key, to be answered again; raise SubjectErased."""
    if first.erased:
        raise SubjectErased(first.id, first.erased)
    return first
