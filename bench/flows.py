"""Measures what a flow saves: three calls one after the other against one ProcessLead.

Usage: python -m bench.flows [ROUNDS]

Both ask one server on loopback, with an SQLite journal, and take turns; the flow takes the
same three steps. Milliseconds a lead; over a network two round trips are saved besides.
"""

import sys
import time
from statistics import median

from bench.local_server import local_server
from dealgate_client import Activity, ActivityType, Client, Company, Lead, LeadScores, Timestamp

ROUNDS = 200
STEPS = ("verify", "score", "qualify")


def one_by_one(client: Client, lead: Lead, activity: Activity) -> None:
    """Ask for each decision, and pass on what it says."""
    verified = client.verify_lead(lead=lead).outcome
    scored = client.score_lead(lead=verified.lead, activities=[activity]).outcome
    scores = LeadScores(fit=scored.fit, engagement=scored.engagement, composite=scored.composite)
    client.qualify_lead(
        lead=verified.lead,
        activities=[activity],
        scores=scores,
        verification=verified.verification,
    )


def main(rounds: int) -> None:
    """Measure, print."""
    lead = Lead(id="L1", email="ada.weber@acme.de", company=Company(employees=420, name="Acme"))
    demo = ActivityType.ACTIVITY_TYPE_DEMO_REQUEST
    activity = Activity(id="A1", type=demo, at=Timestamp(seconds=int(time.time()) - 3600))
    calls, flows = list[float](), list[float]()
    server = local_server({"DEALGATE_KINDS": ",".join(STEPS)})
    with server as running, Client(running.target) as client:
        client.wait_until_ready()
        for index in range(rounds + 20):
            begun = time.perf_counter()
            one_by_one(client, lead, activity)
            between = time.perf_counter()
            client.process_lead(lead=lead, activities=[activity], steps=STEPS)
            if index >= 20:
                calls.append(between - begun)
                flows.append(time.perf_counter() - between)
    pairs = zip(flows, calls, strict=True)
    print(f"three calls   {median(calls) * 1e3:6.2f} ms")
    print(f"one flow      {median(flows) * 1e3:6.2f} ms")
    print(f"ratio         {median(flow / call for flow, call in pairs):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
