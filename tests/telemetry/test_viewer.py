"""A decision's trace is found by its id in a viewer that others wrote (`make devtools`)."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.viewer import VIEWER, Viewer, exporting_to, viewer
from tests.telemetry.conftest import Watched
from tests.wire.samples import score

pytestmark = pytest.mark.skipif(not VIEWER.exists(), reason="no viewer is here: make devtools")


@pytest.fixture
def shown() -> Iterator[Viewer]:
    """A viewer of traces."""
    with viewer() as shown:
        yield shown


@pytest.fixture
def otel(monkeypatch: pytest.MonkeyPatch, shown: Viewer) -> pytest.MonkeyPatch:
    """An environment in which telemetry goes there."""
    for name, value in exporting_to(shown.url).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_a_trace_is_found_by_its_decision(watched: Watched, shown: Viewer) -> None:
    """With the RPC above and the rule's line in it, as whoever looks for a cause needs them."""
    decision = (await watched.house.leads.ScoreLead(score())).header
    await watched.settle()
    trace = await asyncio.to_thread(shown.trace_of, decision.decision_id)
    assert trace["traceId"] == decision.trace_id
    rpc, decided = (
        next(span for span in trace["spans"] if span["name"].startswith(name))
        for name in ("dealgate.v1.LeadService/ScoreLead", "decide score")
    )
    assert decided["parentSpanId"] == rpc["spanId"]
    assert decided["attributes"]["code.file.path"]
