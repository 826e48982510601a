"""The server that decides, called as others call it: keys and turns are its own."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from dealgate.inbox.asking import Request
from dealgate.inbox.keeping import Metadata, kept
from dealgate.v1.deal_flow_pb2 import ProcessDealRequest
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.fact_service_pb2 import AppendActivitiesRequest, PutFactsRequest
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.opportunity_pb2 import Opportunity
from dealgate_client.aio import AsyncClient
from dealgate_client.errors import DealgateError

TOLD = (PutFactsRequest, AppendActivitiesRequest)
FLOWS = (ProcessLeadRequest, ProcessDealRequest)
FLOWS_MOST = 8  # at a time: each is several decisions

Answer: TypeAlias = Message | DealgateError
Trace: TypeAlias = Callable[[], Metadata]


def no_trace() -> Metadata:
    """Send nothing along."""
    return ()


class Server(Protocol):
    """Decides."""

    async def decide(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Return an answer to each, or why there is none; raise DealgateError if all fail."""


class Called:
    """A server over gRPC."""

    def __init__(self, client: AsyncClient, trace: Trace = no_trace) -> None:
        """The client says whose tenant it is; `trace` is sent along, so that spans are joined."""
        self._client = client
        self._trace = trace
        self._room = asyncio.Semaphore(FLOWS_MOST)

    async def decide(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Ask all questions in one call, and each flow in its own, once facts are kept."""
        told = [request for request in requests if isinstance(request, TOLD)]
        known = iter(await kept(self._client, told, self._trace()))
        questions = [request for request in requests if isinstance(request, Question)]
        flows = [self._flow(asked) for asked in requests if isinstance(asked, FLOWS)]
        decided, taken = await asyncio.gather(self._batch(questions), asyncio.gather(*flows))
        left, right = iter(decided), iter(taken)
        return [
            next(
                known if isinstance(asked, TOLD) else left if isinstance(asked, Question) else right
            )
            for asked in requests
        ]

    async def _batch(self, questions: Sequence[Any]) -> Sequence[Answer]:
        if not questions:
            return ()
        return await self._client.batch_decide(questions, metadata=self._trace())

    async def _flow(self, request: Any) -> Answer:
        is_lead = isinstance(request, ProcessLeadRequest)
        process: Any = self._client.process_lead if is_lead else self._client.process_deal
        options = request.options
        choices: dict[str, Any] = {
            "idempotency_key": options.idempotency_key,
            "rule_set_versions": {item.kind: item.version for item in options.rule_set_versions},
            "steps": list(options.steps),
            "dry_run": options.dry_run,
            "metadata": self._trace(),
        }
        if options.HasField("as_of"):
            choices["as_of"] = options.as_of.ToDatetime(tzinfo=UTC)
        # Both must be named; a question without them is refused by the server.
        facts: dict[str, Any] = {"lead": Lead()} if is_lead else {"opportunity": Opportunity()}
        facts |= {field.name: value for field, value in request.facts.ListFields()}
        async with self._room:
            try:
                answer: Answer = await process(**facts, **choices)
            except DealgateError as error:
                return error
            return answer
