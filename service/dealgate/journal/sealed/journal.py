"""A journal around another one, which gets everything personal encrypted.

Its promises are those of the journal within. A decision waits for one thing more: that the keys of
subjects who are new are durable, which many that come together wait for at once.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.port import Journal, Outcomes
from dealgate.journal.sealed.clear import Clear
from dealgate.journal.sealed.erasures import erasure_entry
from dealgate.journal.sealed.keyring import Keyring, Subject
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.sealer import (
    Prepared,
    erased_id,
    prepared,
    sealed_hash,
    sealed_key,
    sealed_mark,
    unsealed,
)
from dealgate.journal.sealed.texts import (
    Named,
    caller,
    caller_named,
    sealed_entry,
    sealed_result,
    teller,
    unsealed_result,
)
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Entity, Page
from dealgate.model.erasure import Erasure
from dealgate.model.errors import DealgateError, RecordDamaged, SubjectErased
from dealgate.model.feed import FeedDamage, FeedEvent, FeedFilter, FeedItem, FeedPage, Position
from dealgate.model.results import Result
from dealgate.model.subjects import MessagesOf


class Coming(NamedTuple):
    """A decision on its way into the journal."""

    entity: Entity
    handed_over: asyncio.Event


class SealedJournal:
    """Belongs to the event loop that the journal within was opened on."""

    def __init__(
        self,
        within: Journal,
        ring: Keyring,
        loader: Loader,
        messages: MessagesOf,
        *,
        has_clear: bool = False,
    ) -> None:
        """`messages` says what is personal; `has_clear`: older records are not encrypted."""
        self._within = within
        self._ring = ring
        self._messages = messages
        self._clear = Clear(within) if has_clear else None
        self._coming: dict[tuple[str, str], Coming] = {}
        self._loader = loader

    @property
    def ring(self) -> Keyring:
        """The keys."""
        return self._ring

    @property
    def within(self) -> Journal:
        """The journal that keeps what is encrypted."""
        return self._within

    @property
    def fault(self) -> str | None:
        """Why decisions cannot be kept now, for the operator; None: they can be."""
        return self._within.fault

    @property
    def commits(self) -> Commits:
        """The newest commit, and how much waits for the next."""
        return self._within.commits

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

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any.

        Raises KeyReused on another body, and SubjectErased: the answer cannot be given again, and
        what was erased is not recorded anew.
        """
        keys = (await self._loader.tenant(tenant)).tenant(tenant)
        first = await self._within.recall(
            tenant, sealed_key(keys, key), sealed_hash(keys, body_hash)
        )
        if first is None and self._clear is not None:
            first = await self._clear.recall(tenant, key, body_hash)
        return None if first is None else _whole(await self._opened(first))

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises UnknownDecision and RecordDamaged."""
        return await self._opened(await self._within.get(tenant, decision_id))

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is not an id."""
        page = await self._within.find(replace(sought, entity=await self._entity(sought)))
        if self._clear is not None and sought.entity is not None:
            page = await self._clear.also(page, sought)
        decisions, damaged = [], list(page.damaged)
        ring = await self._loader.records(page.decisions)
        for decision in page.decisions:
            try:
                decisions.append(unsealed(ring, decision))
            except RecordDamaged:
                damaged.append(decision.id)
        return Page(decisions, page.next_before, damaged)

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first.

        What was said of somebody who was erased is not compared with anybody.
        """
        kept = sealed_mark((await self._loader.tenant(tenant)).tenant(tenant), mark)
        decisions = list(await self._within.marked(tenant, kept, limit))
        if self._clear is not None:
            older = await self._clear.marked(tenant, mark, limit)
            decisions = (decisions + list(older))[:limit]
        ring = await self._loader.records(decisions)
        opened = (unsealed(ring, decision) for decision in decisions)
        return [decision for decision in opened if decision.entity.id not in decision.erased]

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""
        last = await self._within.last_of(tenant, series)
        return None if last is None else await self._opened(last)

    async def attach(self, result: Result) -> Result:
        """Return `result` once it is durable, or the revision that it repeats."""
        by, entity = teller(result), await self._entity_of(result)
        await self._loader.make([by] if entity is None else [by, entity])
        subject = None if entity is None else self._subject(entity)
        sealed = sealed_result(result, subject, self._subject(by))
        kept = await self._within.attach(sealed)
        if kept is sealed:
            return result
        return unsealed_result(await self._loader.records((), [kept]), kept)

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        histories = await self._within.results(tenant, decision_ids)
        ring = await self._loader.records((), chain.from_iterable(histories.values()))
        return {
            known: [unsealed_result(ring, revision) for revision in revisions]
            for known, revisions in histories.items()
        }

    async def note(self, audited: Audited) -> None:
        """Return once an entry of the audit log is durable; raises Overloaded and Unavailable."""
        by = caller(audited)
        await self._loader.make([by])
        await self._within.note(sealed_entry(audited, self._subject(by)))

    async def erase(self, erasure: Erasure) -> str | None:
        """Return what stands for the id from now on, once the key is destroyed, durably.

        None: there is no such subject. The audit log tells first: what it tells is done again when
        an older key store is restored.
        """
        named = (erasure.tenant, erasure.subject)
        subject = (await self._loader.known(named)).known(*named)
        if subject is None:
            return None
        by = caller_named(erasure.tenant, erasure.principal)
        await self._loader.make([by])
        entry = erasure_entry(erasure, subject, self._subject(by))
        await self._within.note(entry)
        type_ = erasure.subject.type
        await self._loader.erase(erasure.tenant, type_, subject.pseudonym, erasure.at)
        return erased_id(subject.pseudonym)

    @property
    def has_clear(self) -> bool:
        """Whether older records are not encrypted, so that nobody is erased from them."""
        return self._clear is not None

    async def forgotten(self) -> int:
        """Return how often keys were destroyed or replaced: what was read before says too much."""
        return (await self._loader.fresh()).forgotten

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other: its positions mean nothing elsewhere."""
        return self._within.feed_id

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded, as far as it may be read now."""
        return await self._within.feed_end()

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order; raises Unavailable."""
        if wanted.entities and wanted.tenant is None:
            # Pseudonyms are a tenant's own: nobody is looked for in all of them.
            page = await self._within.feed(after, replace(wanted, entities=frozenset()))
            admitted = [item for item in await self._items(page) if wanted.admits(item)]
            return FeedPage(admitted, page.position, page.more)
        page = await self._within.feed(after, await self._kept_filter(wanted))
        return FeedPage(await self._items(page), page.position, page.more)

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""
        return await self._within.bookmark(name)

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""
        return await self._within.move_bookmark(move)

    async def claim(self, claim: Claim) -> Claim:
        """Return `claim` once it is durable; raise BookmarkMoved if another has a name of it."""
        if claim.audited is not None:
            by = caller(claim.audited)
            await self._loader.make([by])
            entry = sealed_entry(claim.audited, self._subject(by))
            await self._within.claim(replace(claim, audited=entry))
        else:
            await self._within.claim(claim)
        return claim

    async def close(self) -> None:
        """Write what waits, then let go of what is open. May be called twice."""
        await self._within.close()
        self._loader.close()
        self._ring.close()

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
        subjects = [self._subject((tenant, of)) for of in ready.subjects]
        return ready.sealed(self._ring.tenant(tenant), subjects)

    def _subject(self, named: Named) -> Subject:
        subject = self._ring.known(*named)
        if subject is None:  # it was erased in this instant: then it is somebody new
            self._ring.make([named])
            subject = self._ring.known(*named)
        if subject is None:
            raise TypeError("a key that was just made is not there")
        return subject

    async def _opened(self, kept: Decision) -> Decision:
        return unsealed(await self._loader.records([kept]), kept)

    async def _first_in_clear(self, decisions: Sequence[Decision]) -> Decision | None:
        """Return what an older record answered under the key."""
        first = decisions[0]
        if self._clear is None or first.key is None:
            return None
        return await self._clear.recall(first.tenant, first.key, first.body_hash)

    async def _told(self, kept: Decision, asked: Decision) -> Decision:
        return asked if kept.id == asked.id else _whole(await self._opened(kept))

    async def _told_or_fault(
        self, outcome: Decision | Exception, asked: Decision
    ) -> Decision | Exception:
        if isinstance(outcome, Exception):
            return outcome
        try:
            return await self._told(outcome, asked)
        except DealgateError as refusal:
            return refusal

    async def _entity(self, sought: DecisionFilter) -> str | None:
        if sought.entity is None:
            return None
        return await self._kept_entity(sought.tenant, sought.entity)

    async def _kept_entity(self, tenant: str, entity: str) -> str:
        """Return what is kept in place of "lead/00Q5e"; of an unknown one, what is never kept."""
        type_, _, id_ = entity.partition("/")
        named = (tenant, Entity(type_, id_))
        subject = (await self._loader.known(named)).known(*named)
        return f"{type_}/{'unknown' if subject is None else subject.pseudonym.hex()}"

    async def _kept_filter(self, wanted: FeedFilter) -> FeedFilter:
        if wanted.tenant is None or not wanted.entities:
            return wanted
        kept = {await self._kept_entity(wanted.tenant, entity) for entity in wanted.entities}
        return replace(wanted, entities=frozenset(kept | wanted.entities))

    async def _entity_of(self, result: Result) -> Named | None:
        """Return what a result's decision is about; None: it was erased."""
        coming = self._coming.get((result.tenant, result.decision_id))
        if coming is not None:
            await coming.handed_over.wait()
            return result.tenant, coming.entity
        decision = await self.get(result.tenant, result.decision_id)
        if decision.entity.id in decision.erased:
            return None
        return result.tenant, decision.entity

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

    async def _items(self, page: FeedPage) -> Sequence[FeedItem]:
        ring = await self._loader.items(page.items)
        return [_item(ring, item) for item in page.items]


def _item(ring: Keyring, item: FeedItem) -> FeedItem:
    if isinstance(item, FeedDamage):
        return item
    try:
        decision = unsealed(ring, item.decision)
    except RecordDamaged:
        return FeedDamage(item.position, item.tenant, item.decision.id)
    result = None if item.result is None else unsealed_result(ring, item.result)
    return FeedEvent(item.position, decision, result)


def _whole(first: Decision) -> Decision:
    """Return the first decision under a key, to be told again; raise SubjectErased."""
    if first.erased:
        raise SubjectErased(first.id, first.erased)
    return first
