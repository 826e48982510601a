"""Trace ids: in from the caller, out in answers and trailers."""

import pytest

from tests.telemetry.conftest import Watched
from tests.wire.conftest import refusal
from tests.wire.samples import score

SCORE_LEAD = "dealgate.v1.LeadService/ScoreLead"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_callers_trace_goes_on(watched: Watched, flags: str) -> None:
    """The RPC joins the caller's trace, also if the caller did not sample its own part."""
    metadata = (("traceparent", f"00-{TRACE}-{PARENT}-{flags}"), ("tracestate", "a=b"))
    call = watched.house.leads.ScoreLead(score(), metadata=metadata)
    assert (await call).header.trace_id == TRACE
    assert (await call.trailing_metadata())["x-trace-id"] == TRACE
    (span,) = (await watched.settle()).named(SCORE_LEAD)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.trace_state == "a=b"


@pytest.mark.parametrize(
    "traceparent",
    ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", f"00-{TRACE}-01"],
)
async def test_bad_traceparent_is_ignored(watched: Watched, traceparent: str) -> None:
    """A traceparent that is none costs the caller its trace, not its answer."""
    metadata = (("traceparent", traceparent),)
    reply = await watched.house.leads.ScoreLead(score(), metadata=metadata)
    (span,) = (await watched.settle()).named(SCORE_LEAD)
    assert span.trace_id.hex() == reply.header.trace_id != TRACE
    assert span.parent_span_id == b""


async def test_calls_do_not_share_a_trace(watched: Watched) -> None:
    """Two calls on one channel have two traces."""
    for lead in ("A", "B"):
        await watched.house.leads.ScoreLead(score(lead))
    first, second = (await watched.settle()).named(SCORE_LEAD)
    assert first.trace_id != second.trace_id
    assert first.parent_span_id == second.parent_span_id == b""


async def test_trailers_on_errors(watched: Watched) -> None:
    """A failed call says under which trace and decision to look for it."""
    refused = await refusal(watched.house.leads.ScoreLead(score("")))
    (span,) = (await watched.settle()).named(SCORE_LEAD)
    assert refused.trailers["x-trace-id"] == span.trace_id.hex()
    assert refused.trailers["x-decision-id"] == watched.house.decider.questions[0].id
    assert refused.fields == ["facts.lead.id"]
