"""Several kinds in one call: outcomes become the facts of the next step, and all is kept or none.

`step.py` says what a flow is made of, `lead.py` and `deal.py` are the flows, `walking.py` walks
through one, `keeping.py` records what it decided. A flow decides nothing itself: each step is a
question to `decide`, with its own rule set, evidence and proof.
"""

from dealgate.flows.deal import DEAL
from dealgate.flows.lead import LEAD
from dealgate.flows.step import AnyFlow

FLOWS: dict[str, AnyFlow] = {flow.name: flow for flow in (LEAD, DEAL)}
