"""A journal around another one, which gets everything personal in encrypted form.

Its promises are those of the journal within.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.port import Journal, Outcomes
from dealgate.journal.sealed.appending import Appends, subject_of, whole
from dealgate.journal.sealed.clear import Clear
from dealgate.journal.sealed.erasures import erasure_entry
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.sealer import (
    erased_id,
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
from dealgate.model.errors import RecordDamaged
from dealgate.model.feed import FeedDamage, FeedEvent, FeedFilter, FeedItem, FeedPage, Position
from dealgate.model.results import Result
from dealgate.model.subjects import MessagesOf


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
        self._clear = Clear(within) if has_clear else None
        self._loader = loader
        self._appends = Appends(within, ring, loader, messages, self._clear)

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
        return await self._appends.append(decision)

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error that it raises."""
        return await self._appends.append_all(decisions)

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first of them once all are durable, or the first decision under its key."""
        return await self._appends.append_together(decisions)

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any.

        Raises KeyReused on another body, and SubjectErased: the answer cannot be given again, and
        what was erased is not recorded again.
        """
        keys = (await self._loader.tenant(tenant)).tenant(tenant)
        first = await self._within.recall(
            tenant, sealed_key(keys, key), sealed_hash(keys, body_hash)
        )
        if first is None and self._clear is not None:
            first = await self._clear.recall(tenant, key, body_hash)
        return None if first is None else whole(await self._opened(first))

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
        subject = None if entity is None else subject_of(self._ring, entity)
        sealed = sealed_result(result, subject, subject_of(self._ring, by))
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
        await self._within.note(sealed_entry(audited, subject_of(self._ring, by)))

    async def erase(self, erasure: Erasure) -> str | None:
        """Return what stands for the id from now on, once the key is destroyed, durably.

        None: there is no such subject. The audit log records it first: the erasure is repeated if
        an older key store is restored.
        """
        named = (erasure.tenant, erasure.subject)
        subject = (await self._loader.known(named)).known(*named)
        if subject is None:
            return None
        by = caller_named(erasure.tenant, erasure.principal)
        await self._loader.make([by])
        entry = erasure_entry(erasure, subject, subject_of(self._ring, by))
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
            entry = sealed_entry(claim.audited, subject_of(self._ring, by))
            await self._within.claim(replace(claim, audited=entry))
        else:
            await self._within.claim(claim)
        return claim

    async def close(self) -> None:
        """Write what waits, then release what is open. May be called twice."""
        await self._within.close()
        self._loader.close()
        self._ring.close()

    async def _opened(self, kept: Decision) -> Decision:
        return unsealed(await self._loader.records([kept]), kept)

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
        coming = await self._appends.entity(result.tenant, result.decision_id)
        if coming is not None:
            return result.tenant, coming
        decision = await self.get(result.tenant, result.decision_id)
        if decision.entity.id in decision.erased:
            return None
        return result.tenant, decision.entity

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
