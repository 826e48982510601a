"""CompareVersions, in addition to the insights that need only decisions and results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.aside.queues import WorkQueue
from dealgate.insight.serving import Insights
from dealgate.journal.port import TenantReader
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import malformed
from dealgate.v1 import comparison_pb2 as pb


def _compared(request: bytes, read: TenantReader, now: int) -> bytes:
    # Where it is computed: a server need not load what computes.
    from dealgate.foresight.arms import responses  # noqa: PLC0415

    asked = pb.CompareVersionsRequest.FromString(request)
    return responses.versions_compared(asked, read, now).SerializeToString()


@dataclass(frozen=True, slots=True)
class Comparing:
    """Answers every RPC of InsightService: comparisons here, the others as `insights` do."""

    insights: Insights
    queue: WorkQueue
    reading: Callable[[str], TenantReader]
    kinds: Mapping[str, AnyKind]

    async def answer(self, name: str, request: Message, tenant: str, now: int) -> bytes:
        """Return the answer to the RPC `name`; raises BadQuestion, Overloaded and Unavailable."""
        if not isinstance(request, pb.CompareVersionsRequest):
            return await self.insights.answer(name, request, tenant, now)
        wrong = malformed(request)
        if request.kind not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            wrong.append(Violation("kind", f"is not a kind of decision; the kinds are: {known}"))
        if wrong:
            raise BadQuestion(wrong)
        data = request.SerializeToString()
        return await self.queue.run(_compared, data, self.reading(tenant), now)
