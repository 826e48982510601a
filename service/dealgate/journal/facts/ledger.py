"""What is written and read within one transaction, by statements that every database reads."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from dealgate.journal.facts import statements as sql
from dealgate.journal.facts.bounds import MOST_ACTIVITIES, MOST_BYTES, MOST_REVISIONS
from dealgate.journal.facts.codec import Codec
from dealgate.model.decision import Entity
from dealgate.model.entity_state import (
    TYPES,
    ForgottenState,
    HeldActivity,
    KeptActivity,
    KeptFacts,
    Known,
    NewActivity,
    Upsert,
    Wanted,
)
from dealgate.model.errors import ActivityChanged, EntityFull, KeyReused, Stale
from dealgate.model.overlay import cleared, instants, told_over

EVER = 2**63 - 1  # in 2262; as far before 1970 is 1677
Value: TypeAlias = str | int | bytes


class Database(Protocol):
    """One connection, within a transaction."""

    def rows(self, statement: str, *values: Value) -> Sequence[Any]:
        """Run a statement, and return what it selects."""

    def rows_of_each(
        self, statement: str, values: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement with each of these values, waiting for the database once."""


class Ledger:
    """One tenant's facts, within one transaction."""

    def __init__(self, db: Database, tenant: str, codec: Codec) -> None:
        """`db` is within a transaction; `codec` says how facts are written."""
        self._db = db
        self._tenant = tenant
        self._codec = codec

    def put(self, upserts: Sequence[Upsert], now: int, key_lifetime: int) -> Sequence[KeptFacts]:
        """Put in order; raises Stale, KeyReused and EntityFull."""
        known_at = self._tick(now)
        if any(upsert.key is not None for upsert in upserts):
            self._db.rows(sql.DROP_KEYS, self._tenant, known_at - key_lifetime)
        return [self._put(upsert, known_at) for upsert in upserts]

    def append(self, activities: Sequence[NewActivity], now: int) -> Sequence[KeptActivity]:
        """Append; raises ActivityChanged and EntityFull."""
        known_at = self._tick(now)
        kept = [self._append(activity, known_at) for activity in activities]
        for entity in {activity.entity for activity in activities}:
            ((count,),) = self._db.rows(sql.COUNT, *self._named(entity))
            if count > MOST_ACTIVITIES:
                raise EntityFull(str(entity), f"more than {MOST_ACTIVITIES} activities")
        return kept

    def known(self, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Return what was known of each, with the newest activities, oldest first."""
        asked = [(*self._named(entity.entity), _storable(entity.as_of)) for entity in wanted]
        newest = self._db.rows_of_each(sql.NEWEST, asked)
        active = [index for index, entity in enumerate(wanted) if entity.activities]
        rows = self._db.rows_of_each(
            sql.ACTIVITIES, [self._before(wanted[index], None) for index in active]
        )
        held = dict(zip(active, rows, strict=True))
        return [
            self._known(entity, newest[index], held.get(index, ())[::-1])
            for index, entity in enumerate(wanted)
        ]

    def page(self, wanted: Wanted, before: tuple[int, str] | None) -> Known:
        """Return what was known, with activities before one, newest first."""
        newest = self._db.rows(sql.NEWEST, *self._named(wanted.entity), _storable(wanted.as_of))
        rows = self._db.rows(sql.ACTIVITIES, *self._before(wanted, before))
        return self._known(wanted, newest, rows)

    def entities(self, type_: str, after: str, limit: int) -> Sequence[str]:
        """Return ids, in the order of what stands for them."""
        past = self._named(Entity(type_, after))[2] if after else ""
        ids: list[str] = []
        while len(ids) < limit:
            asked = (self._tenant, type_, past, limit)
            names = [name for (name,) in self._db.rows(sql.ENTITIES, *asked, *asked, limit)]
            ids += [id_ for name in names if (id_ := self._entity_id(type_, name))]
            if len(names) < limit:
                break
            past = names[-1]
        return ids[:limit]

    def _entity_id(self, type_: str, name: str) -> str:
        asked = (self._tenant, type_, name)
        rows = self._db.rows(sql.ANY_DATA, *asked, *asked)
        return self._codec.entity_id(self._tenant, type_, name, rows[0][0])

    def forget(self, entity: Entity) -> ForgottenState:
        """Delete all of an entity."""
        self._tick(0)  # concurrent writers of it are waited for
        named = self._named(entity)
        ((revisions,),) = self._db.rows(sql.COUNT_REVISIONS, *named)
        ((activities,),) = self._db.rows(sql.COUNT, *named)
        for statement in sql.FORGET:
            self._db.rows(statement, *named)
        return ForgottenState(revisions, activities)

    def _tick(self, now: int) -> int:
        ((last,),) = self._db.rows(sql.TICK, self._tenant, now)
        return int(last)

    def _named(self, entity: Entity, *, new: bool = False) -> tuple[str, str, str]:
        name = self._codec.name(self._tenant, entity, new=new)
        return self._tenant, entity.type, name

    def _put(self, upsert: Upsert, known_at: int) -> KeptFacts:
        entity = self._named(upsert.entity, new=True)
        repeated = self._repeated(upsert)
        if repeated is not None:
            return repeated
        row = next(iter(self._db.rows(sql.NEWEST, *entity, EVER)), None)
        revision, since, data, known = row or (0, known_at, b"", "{}")
        if upsert.expected is not None and upsert.expected != revision:
            raise Stale(
                f"{upsert.entity} is at revision {revision}, not {upsert.expected}; "
                "read it again, then put again"
            )
        data = self._codec.opened(self._tenant, upsert.entity, data) if data else data
        before = TYPES[upsert.entity.type].FromString(data)
        after = _after(before, upsert)
        written = after.SerializeToString(deterministic=True)
        if changed := row is None or written != data:
            if len(written) > MOST_BYTES:
                raise EntityFull(str(upsert.entity), f"more than {MOST_BYTES} bytes")
            revision, since = revision + 1, known_at
            told = json.dumps(instants(before, json.loads(known), after, known_at))
            kept = self._codec.sealed(self._tenant, upsert.entity, written)
            self._db.rows(sql.ADD_REVISION, *entity, revision, known_at, kept, told)
            self._db.rows(sql.DROP_REVISIONS, *entity, revision - MOST_REVISIONS)
        if upsert.key is not None:
            self._keep_key(upsert, upsert.key, revision, known_at)
        return KeptFacts(upsert.entity, revision, since, changed)

    def _repeated(self, upsert: Upsert) -> KeptFacts | None:
        """Return what was answered under the key before; raise KeyReused."""
        if upsert.key is None:
            return None
        row = next(iter(self._db.rows(sql.KEY, self._tenant, self._key(upsert.key))), None)
        if row is None:
            return None
        hash_, revision, known_at = row
        if hash_ != self._codec.hash(self._tenant, _hash(upsert)):
            raise KeyReused(
                "an idempotency_key was used before with other facts; send them unchanged, or a "
                "new key"
            )
        return KeptFacts(upsert.entity, revision, known_at, changed=False)

    def _key(self, key: str) -> str:
        return self._codec.key(self._tenant, key)

    def _keep_key(self, upsert: Upsert, key: str, revision: int, known_at: int) -> None:
        _, type_, name = self._named(upsert.entity)
        hash_ = self._codec.hash(self._tenant, _hash(upsert))
        kept = (self._tenant, self._key(key), type_, name, revision, known_at, hash_)
        self._db.rows(sql.ADD_KEY, *kept)

    def _append(self, activity: NewActivity, known_at: int) -> KeptActivity:
        entity = self._named(activity.entity, new=True)
        row = next(iter(self._db.rows(sql.ACTIVITY, *entity, activity.id)), None)
        if row is None:
            kept = self._codec.sealed(self._tenant, activity.entity, activity.data)
            at = _storable(activity.at)
            self._db.rows(sql.ADD_ACTIVITY, *entity, activity.id, at, known_at, kept)
            return KeptActivity(activity.id, known_at, changed=True)
        since, data = row
        if self._codec.opened(self._tenant, activity.entity, data) != activity.data:
            raise ActivityChanged(str(activity.entity))
        return KeptActivity(activity.id, since, changed=False)

    def _before(self, wanted: Wanted, before: tuple[int, str] | None) -> Sequence[Value]:
        at, id_ = before or (EVER, "")
        as_of = _storable(wanted.as_of)
        visible = (*self._named(wanted.entity), as_of, as_of)
        return (*visible, at, at, id_, wanted.activities)

    def _known(self, wanted: Wanted, newest: Sequence[Any], rows: Sequence[Any]) -> Known:
        held, left_out = tuple(self._held(wanted.entity, row) for row in rows), 0
        if held and len(held) == wanted.activities:
            as_of = _storable(wanted.as_of)
            visible = (*self._named(wanted.entity), as_of, as_of)
            ((count,),) = self._db.rows(sql.COUNT_VISIBLE, *visible)
            left_out = count - len(held)
        if not newest:
            return Known(activities=held, left_out=left_out)
        ((revision, known_at, data, since),) = newest
        data = self._codec.opened(self._tenant, wanted.entity, data)
        return Known(revision, known_at, data, json.loads(since), held, left_out)

    def _held(self, entity: Entity, row: Sequence[Any]) -> HeldActivity:
        id_, at, known_at, data = row
        return HeldActivity(id_, at, known_at, self._codec.opened(self._tenant, entity, data))


def _storable(instant: int) -> int:
    """Return an instant (ns) as databases hold it: years reach from 1 to 9999, 64 bits do not.

    Nothing became known so early or so late, and nobody did anything then.
    """
    return max(-EVER, min(instant, EVER))


def _after(before: Message, upsert: Upsert) -> Message:
    after = type(before)()
    if not upsert.replaces:
        after.CopyFrom(before)
        for path in upsert.cleared:
            cleared(after, path)
    told_over(after, upsert.facts)
    return after


def _hash(upsert: Upsert) -> bytes:
    told = repr((str(upsert.entity), upsert.replaces, upsert.cleared, upsert.expected))
    facts = upsert.facts.SerializeToString(deterministic=True)
    return hashlib.sha256(told.encode() + b"\0" + facts).digest()
