"""The lead funnel: captured, marketing-qualified, sales-qualified, converted."""

from dealgate.insight.numbers import LeftOut, basis
from dealgate.insight.passages import Passages, conversions
from dealgate.insight.traffic import Recorded, Traffic
from dealgate.insight.window import window_of
from dealgate.v1 import insight_pb2 as pb

STAGES = ("captured", "MQL", "SQL", "converted")
CAPTURED, MQL, SQL, CONVERTED = range(4)
KINDS = ("verify", "score", "qualify", "route", "convert")
OUT = {"INELIGIBLE", "DISQUALIFIED"}  # dispositions after which nothing is to come
FAILED = {"NOT_CONVERTED", "LOST"}
SUCCEEDED = {"CONVERTED", "WON"}
FORMULAS = (
    (
        "captured: the first decision about the lead; MQL, SQL: the first with that disposition; "
        "converted: a result CONVERTED or WON, or an answer that it already is"
    ),
    (
        "cohort: of leads that entered the stage in the window, those that passed on by as_of; "
        "open ones are in the denominator and shown separately"
    ),
    "period: of leads that left the stage in the window, those that passed on",
    "ended: disqualified, ineligible, or a result NOT_CONVERTED or LOST, with no later stage",
    "a lead seen in a later stage has passed through all before it; re-entries count once",
)


def lead_funnel(
    request: pb.GetLeadFunnelRequest, traffic: Traffic, now: int
) -> pb.GetLeadFunnelResponse:
    """Return how leads pass from captured to converted."""
    window, passages = window_of(request.window, now), Passages()
    for recorded in traffic.of(*KINDS):
        _note(passages, recorded)
    cohort, period = conversions(passages, STAGES, window)
    return pb.GetLeadFunnelResponse(
        basis=basis(window, traffic, FORMULAS, LeftOut({})), cohort=cohort, period=period
    )


def _note(passages: Passages, recorded: Recorded) -> None:
    """Note what a decision, and what came of it, say of where its lead was."""
    decision, result = recorded
    lead, at = str(decision.entity), decision.as_of
    passages.enter(lead, CAPTURED, at)
    if decision.kind == "qualify" and decision.outcome in {"MQL", "SQL"}:
        passages.enter(lead, STAGES.index(decision.outcome), at)
    elif decision.kind == "qualify" and decision.outcome in OUT:
        passages.end(lead, at)
    elif decision.outcome == "already_converted":
        passages.enter(lead, CONVERTED, at)
    if result is not None and result.type in SUCCEEDED:
        passages.enter(lead, CONVERTED, result.happened_at)
    elif result is not None and result.type in FAILED:
        passages.end(lead, result.happened_at)
