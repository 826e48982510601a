"""The client whose calls block until they are answered."""

from dealgate_client.blocking.customers import CustomerCalls
from dealgate_client.blocking.decisions import DecisionCalls
from dealgate_client.blocking.insights import InsightCalls
from dealgate_client.blocking.leads import LeadCalls
from dealgate_client.blocking.performance import PerformanceCalls
from dealgate_client.blocking.pipeline import PipelineCalls
from dealgate_client.blocking.revenue import RevenueCalls
from dealgate_client.blocking.rules import RuleCalls


class Client(
    LeadCalls,
    CustomerCalls,
    PerformanceCalls,
    PipelineCalls,
    RevenueCalls,
    DecisionCalls,
    RuleCalls,
    InsightCalls,
):
    """Dealgate over one channel.

        with Client("localhost:50051") as client:
            answer = client.score_lead(lead=Lead(id="00Q1"), explain=True)

    Threads may share a client, and should: it holds the connections. A forked process may not
    use its parent's; make the client after the fork, or start processes by spawning.
    """


__all__ = ["Client"]
