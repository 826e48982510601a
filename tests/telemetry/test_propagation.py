"""Trace ids: in from the caller, out in answers and trailers."""

import pytest

from dealgate.telemetry.propagation import extractor
from dealgate.telemetry.spans import Parent
from tests.telemetry.conftest import Watched
from tests.wire.conftest import refusal
from tests.wire.samples import score

SCORE_LEAD = "dealgate.v1.LeadService/ScoreLead"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_callers_trace_goes_on(watched: Watched, flags: str) -> None:
    """The RPC joins the caller's trace, also if the caller did not sample its own part."""
    state = (("tracestate", "vendor=a-name"), ("tracestate", "ot=th:8"))
    metadata = (("traceparent", f"00-{TRACE}-{PARENT}-{flags}"), *state)
    call = watched.house.leads.ScoreLead(score(), metadata=metadata)
    assert (await call).header.trace_id == TRACE
    assert (await call.trailing_metadata())["x-trace-id"] == TRACE
    (span,) = (await watched.settle()).named(SCORE_LEAD)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    # What OpenTelemetry itself writes there is numbers; anything else may be a name.
    assert span.trace_state == "ot=th:8"


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


BOTH = extractor(("tracecontext", "b3"))
GOOD = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    "metadata",
    [
        [("b3", f"{TRACE}-{PARENT}-1")],
        [("b3", f"{TRACE}-{PARENT}")],
        [("b3", f"{TRACE}-{PARENT}-d-{PARENT}")],
        [("x-b3-traceid", TRACE), ("x-b3-spanid", PARENT), ("x-b3-sampled", "1")],
        [("traceparent", GOOD), ("b3", f"{'7' * 32}-{PARENT}-1")],
        [("traceparent", f"cc-{TRACE}-{PARENT}-01-what-comes-later")],
    ],
)
def test_traces_in_any_form(metadata: list[tuple[str, str]]) -> None:
    """W3C trace context and both forms of B3 are read, the first that is set first."""
    assert BOTH(metadata) == Parent(bytes.fromhex(TRACE), bytes.fromhex(PARENT), sampled=True)


@pytest.mark.parametrize(
    ("sampled", "flags", "is_sampled"),
    [
        (["0"], [], False),
        (["false"], [], False),
        (["FALSE"], [], False),
        ([], [], True),
        (["0"], ["1"], True),  # debug
        (["0"], ["0"], False),
        (["0", "1"], [], True),
        (["perhaps"], ["7"], True),
    ],
)
def test_whether_b3_is_sampled(sampled: list[str], flags: list[str], *, is_sampled: bool) -> None:
    """Debug wins; what is not said, or said twice, leaves the choice to us, as without a word."""
    parent = BOTH(
        [
            *(("x-b3-traceid", TRACE), ("x-b3-spanid", PARENT)),
            *(("x-b3-sampled", text) for text in sampled),
            *(("x-b3-flags", text) for text in flags),
        ]
    )
    assert parent is not None
    assert parent.sampled == is_sampled


def test_short_ids_of_b3() -> None:
    """B3 may have trace ids of 64 bits."""
    parent = BOTH([("b3", f"{PARENT}-{PARENT}-0")])
    assert parent == Parent(bytes.fromhex(f"{'0' * 16}{PARENT}"), bytes.fromhex(PARENT), False)  # noqa: FBT003


@pytest.mark.parametrize(
    "metadata",
    [
        [("traceparent", GOOD), ("traceparent", GOOD.replace("0af", "1af"))],
        [("traceparent", f"{GOOD}-more")],
        [("traceparent", GOOD.upper())],
        [("traceparent", f"00-{TRACE}-{'0' * 16}-01")],
        [("b3", "0")],
        [("b3", f"{'0' * 32}-{PARENT}-1")],
        [("x-b3-traceid", TRACE)],
        [("traceparent-bin", b"x"), ("traceparent", b"x")],
        [("traceparent", "0" * 100_000)],
        [("traceparent", GOOD), ("traceparent", GOOD)],
        [("traceparent", f"{GOOD},{GOOD}")],
        [("traceparent", GOOD.replace("0", "\u0660"))],
        [("traceparent", GOOD.replace("-", "\u2010"))],
        [("traceparent", f"00-{TRACE}-{PARENT}-0g")],
        [("traceparent", f"00-{TRACE}-{PARENT}-1")],
        [("traceparent", f"0-{TRACE}-{PARENT}-01")],
        [("traceparent", f"01-{TRACE}-{PARENT}-01.x")],
        [("traceparent", f"00-{TRACE}{PARENT}-01")],
        [("traceparent", f"00-{TRACE} -{PARENT}-01")],
        [("Traceparent", GOOD)],
        [("b3", f"{TRACE}-{PARENT}-1"), ("b3", f"{TRACE}-{PARENT}-0")],
        [("b3", f"{TRACE}-{PARENT}-2")],
        [("b3", f"{TRACE}-{PARENT}-1-{PARENT}-x")],
        [("b3", f"{TRACE[:20]}-{PARENT}-1")],
        [("x-b3-traceid", TRACE), ("x-b3-traceid", TRACE), ("x-b3-spanid", PARENT)],
        [("x-b3-traceid", TRACE), ("x-b3-spanid", "0" * 16)],
        [("x-b3-traceid", TRACE), ("x-b3-spanid", TRACE)],
        [("baggage", "traceparent=" + GOOD), ("tracestate", "ot=th:8")],
    ],
)
def test_no_trace(metadata: list[tuple[str, str | bytes]]) -> None:
    """What is not a trace, or is two of them, costs the caller its trace and nothing else."""
    assert BOTH(metadata) is None


def test_only_what_is_set_is_read() -> None:
    """Without B3 among the propagators a B3 header is not read, and none reads nothing."""
    sent = [("b3", f"{TRACE}-{PARENT}-1")]
    assert extractor(("tracecontext", "baggage"))(sent) is None
    assert extractor(())([("traceparent", GOOD)]) is None


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        (["ot=th:8"], b"ot=th:8"),
        (["a=1", "ot=rv:0123456789abcd"], b"ot=rv:0123456789abcd"),
        (["a=1,ot=th:8;rv:1"], b"ot=th:8;rv:1"),
        (["ot=ann.lee@example.com"], b""),
        (["lead=ann.lee@example.com"], b""),
        (["Ann Lee <ann.lee@example.com>", "ot=th:8"], b""),
        ([",".join(f"k{index}=v" for index in range(33)), "ot=th:8"], b""),
        (["a=" + "v" * 6000], b""),
        (["ot=th:8,ot=th:4"], b""),
        (["ot=th:8", "ot=th:8"], b""),
        (["ot=th:8", ""], b"ot=th:8"),
        ([" ot=th:8 ,, a=1"], b"ot=th:8"),
        (["OT=th:8"], b""),
        (["ot=TH:8"], b""),
        (["ot=th:123456789012345"], b""),
        (["ot=th:8;p:8"], b""),
        (["ot=th:8=9"], b""),
        (["ot=th:8\u00a0x", "ot=th:\u0668"], b""),
        (["\U0001f600=1,ot=th:8"], b""),
        (["a@" + "b" * 15 + "=1,ot=th:8"], b""),
        (["a=" + "1;" * 100 + ",ot=th:8"], b"ot=th:8"),
    ],
)
def test_trace_state_is_bounded(entries: list[str], kept: bytes) -> None:
    """Split over entries it is read as one; too much of it, or what is not well formed, is cut."""
    sent = [("traceparent", GOOD), *(("tracestate", entry) for entry in entries)]
    parent = BOTH(sent)
    assert parent is not None
    assert parent.trace_state == kept
