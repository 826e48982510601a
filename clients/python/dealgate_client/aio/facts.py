"""Entity state, for asyncio."""

import datetime as dt
from collections.abc import AsyncGenerator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Call
from dealgate_client.entity_facts import Entity, as_put
from dealgate_client.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    DeletedFacts,
    DeleteFactsRequest,
    EntityActivity,
    EntityFacts,
    GetFactsRequest,
    GetFactsResponse,
    KeptActivity,
    KeptFacts,
    ListEntitiesRequest,
    PutFactsRequest,
)
from dealgate_client.v1.fact_service_pb2_grpc import FactServiceStub
from dealgate_client.values import optional_timestamp

if TYPE_CHECKING:
    from dealgate_client.v1.fact_service_pb2_grpc import FactServiceAsyncStub


class FactCalls(Caller):
    """The calls of FactService."""

    async def put_facts(
        self, *facts: Entity | EntityFacts, **call: Unpack[Call]
    ) -> Sequence[KeptFacts]:
        """Put up to 256 entities: all of them become durable, or none.

        What is sent replaces what is known of the same field; `entity_facts` says how to do
        otherwise. Raises Conflict (another writer came first) and KeyReused.
        """
        request = PutFactsRequest(entities=[as_put(put) for put in facts])
        answer = await self._call(self._facts.PutFacts, request, call)
        return answer.kept

    async def append_activities(
        self, *activities: EntityActivity, **call: Unpack[Call]
    ) -> Sequence[KeptActivity]:
        """Append up to 256 activities of entities ("lead/00Q1"), in any order, however late.

        A repeat changes nothing. Raises KeyReused if an activity's id is known with other contents.
        """
        request = AppendActivitiesRequest(activities=activities)
        answer = await self._call(self._facts.AppendActivities, request, call)
        return answer.kept

    async def get_facts(
        self,
        entity: str,
        *,
        as_of: dt.datetime | None = None,
        page_size: int = 0,
        page_token: str = "",
        **call: Unpack[Call],
    ) -> GetFactsResponse:
        """Return what is known of an entity, now or at an instant, and a page of its activities."""
        request = GetFactsRequest(
            entity=entity,
            as_of=optional_timestamp(as_of),
            page_size=page_size,
            page_token=page_token,
        )
        return await self._call(self._facts.GetFacts, request, call)

    async def list_entities(self, type: str, **call: Unpack[Call]) -> AsyncGenerator[str, None]:  # noqa: A002  # the name of the contract
        """Yield the entities of a type of which anything is known, page after page as needed."""
        request = ListEntitiesRequest(type=type)
        while True:
            page = await self._call(self._facts.ListEntities, request, call)
            for entity in page.entities:
                yield entity
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def delete_facts(self, *entities: str, **call: Unpack[Call]) -> Sequence[DeletedFacts]:
        """Delete all that is known of up to 256 entities, with all its history."""
        request = DeleteFactsRequest(entities=entities)
        answer = await self._call(self._facts.DeleteFacts, request, call)
        return answer.deleted

    @cached_property
    def _facts(self) -> "FactServiceAsyncStub":
        return FactServiceStub(self._connection.channel)
