"""Entity state: FactService."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from dealgate.model.checks import required_id
from dealgate.model.decision import Entity
from dealgate.model.entity_state import (
    TYPE_OF,
    TYPES,
    Known,
    NewActivity,
    Upsert,
    Wanted,
)
from dealgate.model.errors import BadQuestion, SwitchedOff, Violation
from dealgate.model.fact_store import FactStore
from dealgate.model.instants import nanoseconds, timestamp
from dealgate.model.malformed import malformed
from dealgate.model.overlay import cleared
from dealgate.model.texts import told
from dealgate.v1 import fact_service_pb2 as pb
from dealgate.v1.activity_pb2 import Activity
from dealgate.wire.arrival import Arrive
from dealgate.wire.asking import KEY
from dealgate.wire.calls import Call, Serve, typed, unary
from dealgate.wire.fact_pages import activity_token, entity_token, past_activity, past_entity

BATCH_LIMIT = 256
CLEARED_LIMIT = 100
PAGE_LIMIT, PAGE_DEFAULT = 1000, 100
ACTIVITY_BYTES = 16 * 1024
SERVICE = "dealgate.v1.FactService."
OFF = "this server keeps no facts; its operator switches that on with DEALGATE_FACTS=1"


class Checks(Protocol):
    """Knows what is wrong with facts, by the rules of the moment."""

    def facts(self, facts: Any, now: int) -> list[Violation]:
        """Return what is wrong with an entity's facts, at paths below it."""

    def activity(self, activity: Activity, now: int) -> list[Violation]:
        """Return what is wrong with an activity, at paths below it."""


# The checks of the rules of this moment.
Checking: TypeAlias = Callable[[], Checks]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeps facts, and what is to be checked before."""

    store: FactStore
    checking: Checking


class FactCalls:
    """Answers FactService."""

    def __init__(self, keeping: Keeping | None, arrive: Arrive) -> None:
        """Without `keeping` every call is refused."""
        self._keeping = keeping
        self._arrive = arrive

    def handlers(self) -> dict[str, Serve]:
        """Return what answers each RPC, by its full name."""
        return {
            SERVICE + "PutFacts": unary(typed(pb.PutFactsRequest, self.put)),
            SERVICE + "AppendActivities": unary(typed(pb.AppendActivitiesRequest, self.append)),
            SERVICE + "GetFacts": unary(typed(pb.GetFactsRequest, self.get)),
            SERVICE + "ListEntities": unary(typed(pb.ListEntitiesRequest, self.entities)),
            SERVICE + "DeleteFacts": unary(typed(pb.DeleteFactsRequest, self.delete)),
        }

    async def put(self, request: pb.PutFactsRequest, call: Call) -> pb.PutFactsResponse:
        """Put entities."""
        keeping, now = self._open(), self._arrive().at
        violations = _count("entities", request.entities)
        read = [told(message) for message in request.entities]
        checks = keeping.checking()
        for index, message in enumerate(read if not violations else ()):
            violations += _at(f"entities[{index}]", _put_violations(message, checks, now))
        if violations:
            raise BadQuestion(violations)
        kept = await keeping.store.put(call.tenant, [_upsert(message) for message in read])
        return pb.PutFactsResponse(
            kept=[
                pb.KeptFacts(
                    entity=str(item.entity),
                    revision=item.revision,
                    known_at=timestamp(item.known_at),
                    changed=item.changed,
                )
                for item in kept
            ]
        )

    async def append(
        self, request: pb.AppendActivitiesRequest, call: Call
    ) -> pb.AppendActivitiesResponse:
        """Append activities."""
        keeping, now = self._open(), self._arrive().at
        violations = _count("activities", request.activities)
        read = [told(message) for message in request.activities]
        checks = keeping.checking()
        for index, message in enumerate(read if not violations else ()):
            wrong = [
                *entity_violations("entity", message.entity),
                *_at("activity", checks.activity(message.activity, now)),
                *_size(message.activity),
            ]
            violations += _at(f"activities[{index}]", wrong)
        if violations:
            raise BadQuestion(violations)
        kept = await keeping.store.append(call.tenant, [_activity(message) for message in read])
        return pb.AppendActivitiesResponse(
            kept=[
                pb.KeptActivity(
                    activity_id=item.id, known_at=timestamp(item.known_at), changed=item.changed
                )
                for item in kept
            ]
        )

    async def get(self, request: pb.GetFactsRequest, call: Call) -> pb.GetFactsResponse:
        """Return what was known of an entity."""
        keeping, now = self._open(), self._arrive().at
        violations = [
            *malformed(request),
            *entity_violations("entity", request.entity),
            *_page_size(request.page_size),
        ]
        if violations:
            raise BadQuestion(violations)
        as_of = nanoseconds(request.as_of) if request.HasField("as_of") else None
        before = past_activity(request, as_of) if request.page_token else None
        limit = request.page_size or PAGE_DEFAULT
        # A page goes on at the instant at which the first one was read.
        at = before.as_of if before is not None else now if as_of is None else as_of
        wanted = Wanted(entity_of(request.entity), at, limit)
        known = await keeping.store.page(call.tenant, wanted, before and before.last)
        return _response(request, wanted, known)

    async def entities(
        self, request: pb.ListEntitiesRequest, call: Call
    ) -> pb.ListEntitiesResponse:
        """Return a page of entities."""
        keeping = self._open()
        violations = _page_size(request.page_size)
        if request.type not in TYPES:
            violations.append(Violation("type", f"must be one of {', '.join(TYPES)}"))
        if violations:
            raise BadQuestion(violations)
        after = past_entity(request) if request.page_token else ""
        limit = request.page_size or PAGE_DEFAULT
        ids = await keeping.store.entities(call.tenant, request.type, after, limit)
        return pb.ListEntitiesResponse(
            entities=[f"{request.type}/{id_}" for id_ in ids],
            next_page_token=entity_token(request, ids[-1]) if len(ids) == limit else "",
        )

    async def delete(self, request: pb.DeleteFactsRequest, call: Call) -> pb.DeleteFactsResponse:
        """Delete all that is known of entities."""
        keeping = self._open()
        violations = _count("entities", request.entities)
        for index, name in enumerate(request.entities if not violations else ()):
            violations += entity_violations(f"entities[{index}]", name)
        if violations:
            raise BadQuestion(violations)
        response = pb.DeleteFactsResponse()
        for name in request.entities:
            gone = await keeping.store.forget(call.tenant, entity_of(name))
            response.deleted.add(entity=name, revisions=gone.revisions, activities=gone.activities)
        return response

    def _open(self) -> Keeping:
        if self._keeping is None:
            raise SwitchedOff(OFF)
        return self._keeping


def entity_of(name: str) -> Entity:
    """Read "lead/00Q5e"."""
    type_, _, id_ = name.partition("/")
    return Entity(type_, id_)


def entity_violations(path: str, name: str) -> list[Violation]:
    """Return what is wrong with the name of an entity."""
    entity = entity_of(name)
    if entity.type not in TYPES or not entity.id:
        types = ", ".join(TYPES)
        wrong = f"must be a type, a slash and an id, such as lead/00Q5e; the types are: {types}"
        return [Violation(path, wrong)]
    nul = [Violation(path, "holds a NUL character, which no id may")] if "\0" in name else []
    return [*required_id(path, entity.id), *nul]


def _held(message: pb.EntityFacts) -> Any:
    name = message.WhichOneof("entity")
    return None if name is None else getattr(message, name)


def _put_violations(message: pb.EntityFacts, checks: Checks, now: int) -> list[Violation]:
    facts = _held(message)
    if facts is None:
        return [Violation("", f"must hold one of {', '.join(TYPES)}")]
    name = str(message.WhichOneof("entity"))
    violations = [*_at(name, checks.facts(facts, now))]
    if len(message.cleared) > CLEARED_LIMIT:
        violations.append(Violation("cleared", f"has more than {CLEARED_LIMIT} entries"))
    for index, path in enumerate(message.cleared[:CLEARED_LIMIT]):
        if path == "id" or not cleared(type(facts)(), path):
            violations.append(Violation(f"cleared[{index}]", f"is not a fact of a {name}"))
    if message.HasField("expected_revision") and message.expected_revision < 0:
        violations.append(Violation("expected_revision", "must not be negative"))
    if message.HasField("idempotency_key") and not KEY.fullmatch(message.idempotency_key):
        wrong = "must be 1 to 128 printable ASCII characters; unset it for none"
        violations.append(Violation("idempotency_key", wrong))
    return violations


def _upsert(message: pb.EntityFacts) -> Upsert:
    facts = _held(message)
    return Upsert(
        Entity(TYPE_OF[facts.DESCRIPTOR.name], facts.id),
        facts,
        replaces=message.replaces,
        cleared=tuple(message.cleared),
        expected=message.expected_revision if message.HasField("expected_revision") else None,
        key=message.idempotency_key if message.HasField("idempotency_key") else None,
    )


def _activity(message: pb.EntityActivity) -> NewActivity:
    activity = message.activity
    data = activity.SerializeToString(deterministic=True)
    return NewActivity(entity_of(message.entity), activity.id, nanoseconds(activity.at), data)


def _response(request: pb.GetFactsRequest, wanted: Wanted, known: Known) -> pb.GetFactsResponse:
    response = pb.GetFactsResponse(entity=request.entity, revision=known.revision)
    if known.revision:
        response.known_at.CopyFrom(timestamp(known.known_at))
        facts: Any = getattr(response, wanted.entity.type)
        facts.ParseFromString(known.facts)
        for path, at in sorted(known.instants.items()):
            response.instants.add(path=path, known_at=timestamp(at))
    for held in known.activities:
        told_ = response.activities.add(known_at=timestamp(held.known_at))
        told_.activity.ParseFromString(held.data)
    if len(known.activities) == wanted.activities:
        last = known.activities[-1]
        response.next_page_token = activity_token(request, wanted.as_of, (last.at, last.id))
    return response


def _count(path: str, items: Sequence[object]) -> list[Violation]:
    if 1 <= len(items) <= BATCH_LIMIT:
        return []
    return [Violation(path, f"must hold 1 to {BATCH_LIMIT}, and holds {len(items)}")]


def _page_size(size: int) -> list[Violation]:
    if 0 <= size <= PAGE_LIMIT:
        return []
    return [Violation("page_size", f"must be from 1 to {PAGE_LIMIT}; 0: {PAGE_DEFAULT}")]


def _size(activity: Activity) -> list[Violation]:
    if activity.ByteSize() <= ACTIVITY_BYTES:
        return []
    return [Violation("activity", f"is larger than {ACTIVITY_BYTES} bytes")]


def _at(path: str, violations: Sequence[Violation]) -> list[Violation]:
    return [
        Violation(f"{path}.{wrong.field}" if wrong.field else path, wrong.description)
        for wrong in violations
    ]
