"""The client for asyncio."""

from dealgate_client.aio.customers import CustomerCalls
from dealgate_client.aio.decisions import DecisionCalls
from dealgate_client.aio.facts import FactCalls
from dealgate_client.aio.insights import InsightCalls
from dealgate_client.aio.leads import LeadCalls
from dealgate_client.aio.performance import PerformanceCalls
from dealgate_client.aio.pipeline import PipelineCalls
from dealgate_client.aio.revenue import RevenueCalls
from dealgate_client.aio.rules import RuleCalls


class AsyncClient(
    LeadCalls,
    CustomerCalls,
    PerformanceCalls,
    PipelineCalls,
    RevenueCalls,
    DecisionCalls,
    RuleCalls,
    FactCalls,
    InsightCalls,
):
    """Dealgate over one channel, for the event loop it is made in.

        async with AsyncClient("localhost:50051") as client:
            answer = await client.score_lead(lead=Lead(id="00Q1"), explain=True)

    Tasks may share a client, and should: it holds the connections. Threads, other loops and
    forked processes may not. Cancelling the task cancels its call, on the server too.
    """


__all__ = ["AsyncClient"]
